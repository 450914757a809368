//! Reaching a PostgreSQL server: what a database URL says of it, with TLS as libpq's `sslmode` asks for it.
//!
//! The driver knows three of the modes and no certificate authority; those who run hosted databases need the rest.

mod address;
mod tls;

use rustls_tokio_postgres::{
    MakeRustlsConnect, config_from_ca_cert, config_no_verify, config_platform_verifier,
};
use tokio_postgres::{
    CancelToken, Client, Config, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};

use address::{Trust, Words};
use tls::MakeTls;

/// A connection to be polled, be it encrypted or not.
pub type Connection =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Why a text is not the address of a database. None of them repeats it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// Not a URL and no keywords, or one of them has no such value.
    #[error(transparent)]
    Syntax(#[from] tokio_postgres::Error),
    /// libpq has no such mode.
    #[error("sslmode must be disable, prefer, require, verify-ca or verify-full, not `{0}`")]
    UnknownMode(String),
    /// The certificates to trust cannot be read, or used.
    #[error("sslrootcert: {0}")]
    RootCertificates(String),
}

/// Where a server is, as whom to connect, and who has to vouch for it. The password is not in its `Debug` output.
#[derive(Clone)]
pub struct Address {
    config: Config,
    tls: MakeTls,
}

impl Address {
    /// Reads a `postgres://` URL or keywords (`host=/dir user=…`).
    ///
    /// `sslmode` is `disable`, `prefer` (the default), `require`, `verify-ca` or `verify-full`. `sslrootcert` is a PEM
    /// file, or `system` for what the operating system trusts, which is also what the `verify` modes use without it. A
    /// server that has to prove who it is has to do so by name: `verify-ca` asks for no less than `verify-full`, and
    /// neither does `require` with an `sslrootcert`.
    ///
    /// # Errors
    /// An [`InvalidAddress`].
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let Words { rest, mode, root } = Words::of(text);
        let mut config: Config = rest.parse()?;
        let trust = Trust::of(mode.as_deref(), root)?;
        // A Unix socket has no name to be certified, and nobody in between.
        let local = |host: &Host| matches!(host, Host::Unix(_));
        config.ssl_mode(match config.get_hosts().iter().all(local) {
            true => SslMode::Disable,
            false => trust.mode(),
        });
        let refused =
            |error: &dyn std::error::Error| InvalidAddress::RootCertificates(error.to_string());
        let tls = match trust {
            Trust::Plain | Trust::Anybody(_) => config_no_verify(),
            Trust::System => config_platform_verifier().map_err(|error| refused(&error))?,
            Trust::File(path) => config_from_ca_cert(&path)
                .map_err(|error| InvalidAddress::RootCertificates(format!("{path}: {error}")))?,
        };
        Ok(Self {
            config,
            tls: MakeTls::new(tls),
        })
    }

    /// What else the address says.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// To add what the address leaves open.
    pub fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// A session, and the connection under it, which has to be polled for the session to get anywhere.
    ///
    /// # Errors
    /// The driver's, when the server is not there, refuses, or is not who it should be.
    pub async fn connect(&self) -> Result<(Client, Connection), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }

    /// Asks the server to stop what the session of the token runs.
    ///
    /// # Errors
    /// The driver's, when the server cannot be asked. That it was asked does not tell that anything was stopped.
    pub async fn cancel(&self, token: CancelToken) -> Result<(), tokio_postgres::Error> {
        token.cancel_query(self.tls.clone()).await
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.config.fmt(f)
    }
}
