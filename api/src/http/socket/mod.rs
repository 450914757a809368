//! GraphQL over WebSocket: `graphql-transport-ws`, spoken to the letter.

mod connection;
mod protocol;
mod writer;

#[cfg(test)]
mod tests;

pub use connection::SocketSettings;
