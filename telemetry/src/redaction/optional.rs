//! Built-in rules that are off unless somebody wants them: what they find is as often harmless.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// A rule that the settings may enable.
pub(super) struct Optional {
    pub(super) name: &'static str,
    pub(super) pattern: &'static str,
    pub(super) accept: fn(&str, &Range<usize>) -> bool,
}

pub(super) const RULES: [Optional; 1] = [Optional {
    name: "ip-address",
    pattern: r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){0,6}(?::[0-9A-Fa-f]{1,4}|::)",
    accept: is_address,
}];

/// An address that is nobody's own, or part of something longer, is none.
fn is_address(text: &str, range: &Range<usize>) -> bool {
    let address = &text[range.clone()];
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let (before, after) = (&text[..range.start], &text[range.end..]);
    if let Ok(address) = address.parse::<Ipv4Addr>() {
        let digit = |c: char| c.is_ascii_digit();
        let longer = before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            || after.starts_with(char::is_alphanumeric)
            || before
                .strip_suffix('.')
                .is_some_and(|before| before.ends_with(digit))
            || after
                .strip_prefix('.')
                .is_some_and(|after| after.starts_with(digit));
        return !longer && !address.is_loopback() && !address.is_unspecified();
    }
    // `a::b` is a path in more languages than it is an address.
    let said = address.split(':').filter(|group| !group.is_empty()).count();
    let written = said > 2 || address.contains(|c: char| c.is_ascii_digit());
    let longer = before.ends_with(joins) || after.starts_with(|c: char| c.is_alphanumeric());
    written
        && !longer
        && address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}
