//! What the driver makes its TLS sessions with.

use rustls_tokio_postgres::{MakeRustlsConnect, rustls::ClientConfig};
use tokio_postgres::{Socket, tls::MakeTlsConnect};

/// The library's, for connections without TLS too.
#[derive(Clone)]
pub(crate) struct MakeTls(MakeRustlsConnect);

impl MakeTls {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self(MakeRustlsConnect::new(config))
    }
}

impl MakeTlsConnect<Socket> for MakeTls {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
    type Error = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Error;

    fn make_tls_connect(&mut self, name: &str) -> Result<Self::TlsConnect, Self::Error> {
        // The driver asks for Unix sockets as well, which have no name and are never encrypted.
        let name = if name.is_empty() { "localhost" } else { name };
        MakeTlsConnect::<Socket>::make_tls_connect(&mut self.0, name)
    }
}
