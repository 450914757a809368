//! Checks that tell a real number or token from text of the same shape.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// ISO/IEC 7812-1 check digit over the ASCII digits of `digits`, everything else skipped.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .filter(|byte| byte.is_ascii_digit())
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            match index % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 13616 check over `iban` without separators: country and check digits moved to the end, remainder 1 modulo 97.
pub(super) fn mod97(iban: &[u8]) -> bool {
    let (head, tail) = iban.split_at(4.min(iban.len()));
    let remainder =
        tail.iter()
            .chain(head)
            .fold(0_u32, |remainder, byte| match byte.to_ascii_uppercase() {
                digit @ b'0'..=b'9' => (remainder * 10 + u32::from(digit - b'0')) % 97,
                letter => (remainder * 100 + u32::from(letter.saturating_sub(b'A')) + 10) % 97,
            });
    remainder == 1
}

/// Any match counts.
pub(super) fn any(_: &str) -> bool {
    true
}

/// Words joined by hyphens also begin like an `sk-…` key; a generated key has digits, and capitals or a long unbroken run.
pub(super) fn generated(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let unbroken = token
        .split(['-', '_', '.'])
        .map(str::len)
        .max()
        .unwrap_or(0);
    digits >= 2 && (unbroken >= 16 || token.bytes().any(|byte| byte.is_ascii_uppercase()))
}

/// A bearer credential rather than the next word of a sentence.
pub(super) fn opaque(token: &str) -> bool {
    token.len() >= 24
        || token
            .bytes()
            .any(|byte| byte.is_ascii_digit() || b"._~+/=".contains(&byte))
}

/// What follows a user's name; between numbers, a colon parts a user's from a group's.
pub(super) fn password(text: &str) -> bool {
    text.bytes().any(|byte| !byte.is_ascii_digit()) && !text.starts_with("//")
}

/// The base64 of `user:password`.
pub(super) fn basic_credentials(token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    // A truncated header still begins with whole groups, which decode by themselves.
    let whole = &bare[..bare.len() - bare.len() % 4];
    STANDARD_NO_PAD
        .decode(bare)
        .or_else(|_| STANDARD_NO_PAD.decode(whole))
        .is_ok_and(|bytes| bytes.contains(&b':'))
}

/// Contains a digit: enough where the prefix is distinctive but also begins ordinary words.
pub(super) fn has_digit(token: &str) -> bool {
    token.bytes().any(|byte| byte.is_ascii_digit())
}
