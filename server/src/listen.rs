//! Opens listening sockets, says what to do when that fails, and answers what comes to them.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio_util::sync::CancellationToken;

use crate::config::Listen;

#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on {address}: {}; choose another address with {flag}",
    in_words(cause)
)]
pub(crate) struct ListenError {
    address: Listen,
    flag: &'static str,
    cause: io::Error,
}

/// A listening socket, ready for an asynchronous runtime.
pub(crate) fn bind(address: Listen, flag: &'static str) -> Result<TcpListener, ListenError> {
    let bound = TcpListener::bind(address.address());
    let ready = bound.and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    ready.map_err(|cause| ListenError {
        address,
        flag,
        cause,
    })
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program uses this address".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have this address".to_owned(),
        io::ErrorKind::PermissionDenied => "ports below 1024 need privileges".to_owned(),
        _ => error.to_string(),
    }
}

/// Answers requests until told to stop, and then those under way.
pub(crate) async fn answer(listener: TcpListener, router: Router, stop: CancellationToken) {
    let served = async {
        let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|connection| {
            // Only slower without.
            let _ = connection.set_nodelay(true);
        });
        axum::serve(listener, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
    };
    if let Err(error) = served.await {
        tracing::error!(%error, "requests are no longer answered");
    }
}

/// An address that a browser on this machine can open.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_use_is_named_with_the_flag_that_changes_it() {
        let first = bind(Listen::loopback(0), "--listen").unwrap();
        let address: Listen = first.local_addr().unwrap().to_string().parse().unwrap();
        assert_eq!(
            bind(address, "--listen").unwrap_err().to_string(),
            format!(
                "cannot listen on {address}: another program uses this address; choose another address with --listen"
            ),
        );
    }
}
