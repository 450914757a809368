//! Opens listening sockets, and says what to do when that fails.

use std::io;
use std::net::TcpListener;

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
