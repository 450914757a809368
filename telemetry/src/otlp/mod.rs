//! OTLP: what other programs send is taken apart, checked, redacted and stored, one bad span never spoiling the others.
//!
//! [`OtlpReceiver`] knows no transport. The answer to a request is given after the commit, so an accepted span is stored.

mod content;
mod decode;
mod encode;
mod envelope;
mod lenient;
mod limits;
mod logs;
mod observe;
mod origin;
mod pending;
mod receiver;
mod record;
mod told;
mod value;

pub use self::encode::{OTLP_JSON, encode_json};
pub use self::envelope::{Encoding, Malformed};
pub use self::limits::OtlpLimits;
pub use self::receiver::{Accepted, OtlpReceiver, Refused};
