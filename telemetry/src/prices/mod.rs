//! What model calls cost, where they do not say so themselves: a table of prices by provider and model.

mod file;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use orcheo_store::UsageRecord;

pub use self::file::PricesError;
use crate::conventions::approximate;

const BUILTIN: &str = include_str!("builtin.toml");

/// Prices of models: those of a file, then the built-in ones. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Prices {
    /// The first that has a price says it.
    tables: Arc<[Table]>,
}

/// The prices of each model, by its name in lower case.
type Table = HashMap<String, Vec<Price>>;

/// US dollars for a million tokens of one model.
#[derive(Debug, Clone, PartialEq)]
struct Price {
    /// In lower case; empty: any, also none.
    providers: Arc<[String]>,
    /// Host names; empty: any. A call that names none may be of any.
    servers: Arc<[String]>,
    /// For calls with more input than this.
    above: i64,
    input: f64,
    output: f64,
    cache_read: f64,
    cache_write: f64,
    reasoning: f64,
}

impl Prices {
    /// The built-in prices.
    ///
    /// # Panics
    /// Never: they are part of the program, and a test reads them.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the text is part of the program")]
    pub fn builtin() -> Self {
        let table = file::read(BUILTIN).expect("the built-in prices are valid");
        Self {
            tables: [table].into(),
        }
    }

    /// The prices of a file, before the built-in ones.
    ///
    /// # Errors
    /// When the file cannot be read, and every problem that it has.
    pub fn with_file(path: &Path) -> Result<Self, PricesError> {
        let text = std::fs::read_to_string(path).map_err(|error| PricesError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let table = file::read(&text).map_err(|problems| PricesError::Invalid {
            path: path.to_owned(),
            problems,
        })?;
        let tables = [table].into_iter();
        Ok(Self {
            tables: tables
                .chain(Self::builtin().tables.iter().cloned())
                .collect(),
        })
    }

    /// Sets what `usage` cost, unless it says so itself, or its model has no price. `server` is the host that was called, where
    /// that is known: an endpoint that only speaks a vendor's protocol has other prices.
    pub(crate) fn apply(&self, usage: &mut UsageRecord, server: Option<&str>) {
        if usage.cost_usd.is_none() {
            usage.cost_usd = self.price(usage, server).map(|price| price.cost(usage));
        }
    }

    fn price<'a>(&'a self, usage: &UsageRecord, server: Option<&str>) -> Option<&'a Price> {
        let model = usage.model.as_deref()?.to_lowercase();
        let model = model.strip_prefix("models/").unwrap_or(&model);
        let provider = usage.provider.as_deref().unwrap_or_default().to_lowercase();
        let provider = without_interface(&provider);
        // LiteLLM's form: `openai/gpt-4o`.
        let model = model
            .strip_prefix(provider)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(model);
        let server = server.map(host);
        let here = |price: &&Price| {
            let is_server = |server: &str| {
                let mut known = price.servers.iter();
                known.any(|known| known.eq_ignore_ascii_case(server))
            };
            (price.providers.is_empty() || price.providers.iter().any(|known| known == provider))
                && (price.servers.is_empty() || server.is_none_or(is_server))
                && (price.above == 0 || usage.input > price.above)
        };
        let price = |table: &'a Table, model: &str| {
            let prices = table.get(model)?.iter().filter(here);
            // What is said of this provider goes before what is said of any.
            prices.max_by_key(|price| {
                let [provider, server] =
                    [&price.providers, &price.servers].map(|of| !of.is_empty());
                (provider, server, price.above)
            })
        };
        let mut tables = self.tables.iter();
        tables.find_map(|table| price(table, model).or_else(|| price(table, undated(model))))
    }
}

impl Default for Prices {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Price {
    /// What a call costs. Input includes what was cached, and output what was reasoned; of emitters that leave these out, the
    /// rest is not below zero.
    fn cost(&self, usage: &UsageRecord) -> f64 {
        let fresh = usage.input - usage.cache_read - usage.cache_write;
        let said = usage.output - usage.reasoning;
        let parts = [
            (fresh, self.input),
            (usage.cache_read, self.cache_read),
            (usage.cache_write, self.cache_write),
            (said, self.output),
            (usage.reasoning, self.reasoning),
        ];
        let cost = |(tokens, price): (i64, f64)| approximate(tokens.max(0)) * price;
        parts.into_iter().map(cost).sum::<f64>() / 1_000_000.0
    }
}

/// The host of an address, which some libraries give as a URL or with a port.
fn host(address: &str) -> &str {
    let place = address
        .split_once("://")
        .map_or(address, |(_, place)| place);
    let authority = place.split('/').next().unwrap_or(place);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Without the interface that Vercel's SDK appends: `openai.chat`, `anthropic.messages`.
fn without_interface(provider: &str) -> &str {
    const INTERFACES: [&str; 5] = [
        ".chat",
        ".responses",
        ".completion",
        ".embedding",
        ".messages",
    ];
    let mut interfaces = INTERFACES.iter();
    interfaces
        .find_map(|interface| provider.strip_suffix(interface))
        .unwrap_or(provider)
}

/// The name without what only names a snapshot: `gpt-4o-2024-08-06`, `claude-haiku-4-5-20251001`, `claude-opus-4-1-latest`.
fn undated(model: &str) -> &str {
    if let Some(name) = model.strip_suffix("-latest") {
        return name;
    }
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let mut parts = model.rsplitn(4, '-');
    let last = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
    let date = match last {
        [day, _, _] if digits(day, 8) => day.len(),
        [day, month, year] if digits(day, 2) && digits(month, 2) && digits(year, 4) => 10,
        _ => return model,
    };
    // The hyphen before the date goes with it.
    model
        .len()
        .checked_sub(date + 1)
        .and_then(|end| model.get(..end))
        .unwrap_or(model)
}

#[cfg(test)]
mod tests;
