//! The signals by which a user or a service manager asks the program to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// SIGINT (Ctrl-C), SIGTERM and SIGHUP, one like the other.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// From now on the signals no longer end the process.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one. Cancel safe.
    pub(crate) async fn recv(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// Cancels `stop` at the first signal. The second one ends the process at once: what runs is left to other workers, and a
/// private PostgreSQL to the next start.
pub(crate) fn stop_on_signal(stop: CancellationToken) -> io::Result<()> {
    /// 128 and the number of SIGINT, as shells have it.
    const INTERRUPTED: i32 = 130;
    let mut signals = Signals::listen()?;
    tokio::spawn(async move {
        signals.recv().await;
        tracing::info!("stopping; once more to stop at once");
        stop.cancel();
        signals.recv().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}
