//! Tokens that begin like any word: the sign that joins their parts and the length of each part tell what they are.

use std::cmp::Reverse;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::configured::Rules;
use super::scanner::{Hit, Rank};

/// A Vault token of the old form.
const SHORTEST: usize = 26;

/// Looks at each joint once; every attempt reads a bounded number of bytes.
pub(super) fn search(text: &str, rules: &Rules, hits: &mut Vec<Hit>) {
    let found = tokens(text.as_bytes()).filter(|(_, rule)| rules.is_on(rule));
    hits.extend(found.map(|(range, rule)| Hit {
        range,
        rule,
        rank: Rank::Pattern(Reverse(usize::MAX)),
    }));
}

/// Whether any of the tokens stands here.
pub(super) fn holds_any(bytes: &[u8]) -> bool {
    bytes.len() >= SHORTEST && tokens(bytes).next().is_some()
}

fn tokens(bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, &'static str)> + '_ {
    memchr::memchr2_iter(b'.', b'|', bytes).filter_map(|joint| match bytes[joint] {
        b'|' => facebook(bytes, joint).map(|range| (range, "facebook-token")),
        _ => discord(bytes, joint)
            .map(|range| (range, "discord-token"))
            .or_else(|| vault(bytes, joint).map(|range| (range, "vault-token"))),
    })
}

/// The number of a bot in base64, a time, a signature.
fn discord(bytes: &[u8], joint: usize) -> Option<Range<usize>> {
    let second = joint + 7;
    if bytes.get(second) != Some(&b'.') || run(&bytes[joint + 1..], 7, is_base64url) != 6 {
        return None;
    }
    let start = joint - run_back(&bytes[..joint], 29, is_base64url);
    let identifier = &bytes[start..joint];
    let signature = run(&bytes[second + 1..], 41, is_base64url);
    ((23..=28).contains(&identifier.len())
        && (27..=40).contains(&signature)
        && is_number(identifier))
    .then_some(start..second + 1 + signature)
}

/// `s.` and 24 letters and digits; a method's name has hardly two digits and just that length.
fn vault(bytes: &[u8], joint: usize) -> Option<Range<usize>> {
    let start = joint.checked_sub(1).filter(|at| bytes[*at] == b's')?;
    let joined = |byte: &u8| is_base64url(*byte) || *byte == b'.';
    if start.checked_sub(1).is_some_and(|at| joined(&bytes[at])) {
        return None;
    }
    let secret = &bytes[joint + 1..];
    let len = run(secret, 25, is_base64url);
    let longer = secret.get(len) == Some(&b'.')
        && secret.get(len + 1).is_some_and(u8::is_ascii_alphanumeric)
        || secret.get(len) == Some(&b'(');
    let plain = secret[..len].iter().all(u8::is_ascii_alphanumeric);
    (len == 24 && plain && !longer && digits(&secret[..len]) >= 2).then_some(start..joint + 1 + len)
}

/// The number of an application and its secret.
fn facebook(bytes: &[u8], joint: usize) -> Option<Range<usize>> {
    let start = joint - run_back(&bytes[..joint], 17, |byte| byte.is_ascii_digit());
    let alone = start
        .checked_sub(1)
        .is_none_or(|at| !bytes[at].is_ascii_alphanumeric());
    let secret = run(&bytes[joint + 1..], 41, is_base64url);
    let end = joint + 1 + secret;
    ((15..=16).contains(&(joint - start))
        && alone
        && (27..=40).contains(&secret)
        && digits(&bytes[joint + 1..end]) > 0)
        .then_some(start..end)
}

/// Whether base64 holds a number, though a sign of it may be masked.
fn is_number(base64: &[u8]) -> bool {
    STANDARD_NO_PAD
        .decode(&base64[..base64.len() / 4 * 4])
        .is_ok_and(|number| number[0].is_ascii_digit() && digits(&number) * 3 >= number.len() * 2)
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// How many bytes of a class stand at the beginning, at most `most`.
fn run(bytes: &[u8], most: usize, class: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}

/// The same at the end.
fn run_back(bytes: &[u8], most: usize, class: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .rev()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}
