//! The forms in which a secret's bytes may appear in text.

use std::ops::Range;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter base64 would be found by chance: six characters are 36 bits.
const SHORTEST_BASE64: usize = 6;

/// One form of a secret.
pub(super) struct Needle {
    pub(super) text: String,
    /// The characters on either side hold some of the secret's bits too.
    pub(super) partial: bool,
}

/// `value` as it is, as form data, in base64 at each of the three alignments that text before it can bring about, and in
/// hexadecimal. Percent-encoding and backslashes are looked behind by `views` instead: they may be applied to any part.
pub(super) fn needles(value: &str) -> Vec<Needle> {
    let exact = |text: String| Needle {
        text,
        partial: false,
    };
    let mut needles = vec![exact(value.to_owned())];
    if value.contains(' ') {
        needles.push(exact(value.replace(' ', "+")));
    }
    for alignment in 0..3 {
        for encoded in [
            aligned(&STANDARD_NO_PAD, value, alignment),
            aligned(&URL_SAFE_NO_PAD, value, alignment),
        ] {
            if encoded.len() >= SHORTEST_BASE64
                && needles.iter().all(|needle| needle.text != encoded)
            {
                needles.push(Needle {
                    text: encoded,
                    partial: true,
                });
            }
        }
    }
    let hexadecimal = hex::encode(value);
    needles.push(exact(hexadecimal.to_ascii_uppercase()));
    needles.push(exact(hexadecimal));
    needles
}

/// The characters of the base64 of `…value…` that depend on nothing but `value`, when it begins `alignment` bytes after a
/// multiple of three.
fn aligned(engine: &impl base64::Engine, value: &str, alignment: usize) -> String {
    let mut bytes = vec![0; alignment];
    bytes.extend_from_slice(value.as_bytes());
    let encoded = engine.encode(&bytes);
    // A character holds six bits: it is value's own if it begins at or after value's first bit and ends by its last.
    let first = (alignment * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded[first.min(last)..last].to_owned()
}

/// Widens a base64 match by the characters on either side, which share bits with it.
pub(super) fn with_neighbours(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let shares = |index: usize| {
        bytes
            .get(index)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
    };
    let start = range.start - usize::from(range.start > 0 && shares(range.start - 1));
    start..range.end + usize::from(shares(range.end))
}
