//! Counting tokens where no provider counts them for us.

use tokio::sync::OnceCell;

static TABLES: OnceCell<()> = OnceCell::const_new();

/// The number of tokens of `text` in the `o200k_base` encoding of OpenAI's current models.
///
/// The first call builds the tables, which takes a good part of a second: asynchronous code calls [`prepare`] first.
pub(crate) fn count(text: &str) -> u64 {
    let tokens = tiktoken_rs::o200k_base_singleton().count_ordinary(text);
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// Whether [`count`] answers at once.
pub(crate) fn ready() -> bool {
    TABLES.initialized()
}

/// Builds the tables of [`count`] once, on a thread that may block.
pub(crate) async fn prepare() {
    let build = || async {
        // A panic in there leaves the tables to the first `count`, which then panics in its caller's hands.
        let _ = tokio::task::spawn_blocking(|| count("")).await;
    };
    TABLES.get_or_init(build).await;
}
