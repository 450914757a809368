//! Rules that start at a digit: payment cards, IBANs, US social security and telephone numbers.

use std::cmp::Reverse;
use std::ops::Range;

use super::configured::Rules;
use super::scanner::{Hit, Rank};
use super::validators::{luhn, mod97};

/// Looks at each run of digits once; every attempt reads a bounded number of bytes.
pub(super) fn search(text: &str, rules: &Rules, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(start) = next_digit(bytes, from) {
        let run = digits_at(bytes, start);
        from = start + run;
        let found = number_at(bytes, start, run).filter(|(_, rule)| rules.is_on(rule));
        if let Some((range, rule)) = found {
            from = from.max(range.end);
            hits.push(Hit {
                range,
                rule,
                rank: Rank::Pattern(Reverse(usize::MAX)),
            });
        }
    }
}

/// Whether there are enough digits for any of the rules.
pub(super) fn may_hold_any(bytes: &[u8]) -> bool {
    const FEWEST: usize = 5;
    bytes.len() >= FEWEST && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= FEWEST
}

/// Whether the digits of a JSON number, as they are written, are a payment card's.
pub(super) fn is_card(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit())
        && card(number.as_bytes(), 0, number.len()) == Some(number.len())
}

fn number_at(bytes: &[u8], start: usize, run: usize) -> Option<(Range<usize>, &'static str)> {
    let before = |back: usize| start.checked_sub(back).map(|index| bytes[index]);
    match before(1) {
        Some(letter) if letter.is_ascii_alphabetic() => {
            let code = start
                .checked_sub(2)
                .filter(|_| run >= 2 && before(2).is_some_and(|byte| byte.is_ascii_alphabetic()))?;
            let word = before(3).is_none_or(|byte| !byte.is_ascii_alphanumeric());
            word.then(|| iban(bytes, code))
                .flatten()
                .map(|end| (code..end, "iban"))
        }
        Some(b'_') => card(bytes, start, run).map(|end| (start..end, "card")),
        // The fraction of a decimal number.
        Some(b'.') if before(2).is_some_and(|byte| byte.is_ascii_digit()) => None,
        Some(b'+') if before(2).is_none_or(|byte| !byte.is_ascii_alphanumeric()) => {
            international(bytes, start).map(|end| (start - 1..end, "phone"))
        }
        _ => card(bytes, start, run)
            .map(|end| (start..end, "card"))
            .or_else(|| social_security(bytes, start, run).map(|end| (start..end, "ssn")))
            .or_else(|| north_american(bytes, start, run).map(|range| (range, "phone"))),
    }
}

/// Looks at blocks first: a block can be told to hold no digit without a branch for each byte.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    let mut at = from;
    for block in bytes[from..].chunks_exact(BLOCK) {
        if block
            .iter()
            .fold(false, |any, byte| any | byte.is_ascii_digit())
        {
            break;
        }
        at += BLOCK;
    }
    bytes[at..]
        .iter()
        .position(u8::is_ascii_digit)
        .map(|found| at + found)
}

fn digits_at(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Whether a number may end here: not inside a word, nor before a decimal point with digits.
fn ends(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'.') => digits_at(bytes, at + 1) == 0,
        Some(byte) => !byte.is_ascii_alphanumeric() && *byte != b'_',
        None => true,
    }
}

/// ISO/IEC 7812-1.
pub(super) const SHORTEST_CARD: usize = 13;
const LONGEST_CARD: usize = 19;

/// The end of a card number: 13 to 19 digits in one run, or in the groups that are printed on cards, with a known issuer's
/// first digits and a correct check digit.
fn card(bytes: &[u8], start: usize, run: usize) -> Option<usize> {
    const GROUPINGS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];
    let whole = |end: usize| {
        let mut digits = [0; LONGEST_CARD];
        let mut count = 0;
        for byte in bytes[start..end]
            .iter()
            .filter(|byte| byte.is_ascii_digit())
        {
            digits[count] = *byte;
            count += 1;
        }
        let digits = &digits[..count];
        (ends(bytes, end) && known_issuer(digits) && luhn(digits)).then_some(end)
    };
    if (SHORTEST_CARD..=LONGEST_CARD).contains(&run) {
        // Block and row numbers of 64 bits have as many digits, behind a name.
        let named = matches!(bytes[..start], [.., b'_'] | [.., b'_', b'-']);
        return whole(start + run).filter(|_| !named);
    }
    let separator = bytes
        .get(start + run)
        .copied()
        .filter(|byte| matches!(byte, b' ' | b'-'))?;
    if run != 4 {
        return None;
    }
    // Longest first, or a 19-digit number would be taken for a 16-digit one.
    GROUPINGS.iter().rev().find_map(|groups| {
        let mut at = start;
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                at = (bytes.get(at) == Some(&separator)).then_some(at + 1)?;
            }
            at = (digits_at(bytes, at) == *group).then_some(at + group)?;
        }
        whole(at)
    })
}

/// ISO/IEC 7812 ranges of the large networks, with the lengths that each uses. Lengths that hardly any card has are those of
/// numbers of 64 bits, and are left out.
fn known_issuer(digits: &[u8]) -> bool {
    let prefix = |len: usize| {
        digits[..len]
            .iter()
            .fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let len = digits.len();
    match (prefix(1), prefix(2), prefix(4)) {
        (4, ..) => matches!(len, 13 | 16),
        (_, 51..=55, _) | (.., 2221..=2720) => len == 16,
        (_, 34 | 37, _) => len == 15,
        (_, 36 | 38 | 39, _) | (.., 3000..=3059 | 3095) => matches!(len, 14 | 16),
        (.., 3528..=3589 | 6011) | (_, 64 | 65 | 60, _) => len == 16,
        (_, 62, _) => (16..=19).contains(&len),
        (_, 50 | 56..=58 | 63 | 67, _) => len == 16,
        _ => false,
    }
}

/// Length of an IBAN by country, and whether everything after the country code is digits (SWIFT's IBAN registry).
#[rustfmt::skip]
const IBANS: [(&[u8; 2], usize, bool); 89] = [
    (b"AD", 24, false), (b"AE", 23, true), (b"AL", 28, false), (b"AT", 20, true), (b"AZ", 28, false), (b"BA", 20, true),
    (b"BE", 16, true), (b"BG", 22, false), (b"BH", 22, false), (b"BI", 27, true), (b"BR", 29, false), (b"BY", 28, false),
    (b"CH", 21, false), (b"CR", 22, true), (b"CY", 28, false), (b"CZ", 24, true), (b"DE", 22, true), (b"DJ", 27, true),
    (b"DK", 18, true), (b"DO", 28, false), (b"EE", 20, true), (b"EG", 29, true), (b"ES", 24, true), (b"FI", 18, true),
    (b"FK", 18, false), (b"FO", 18, true), (b"FR", 27, false), (b"GB", 22, false), (b"GE", 22, false), (b"GI", 23, false),
    (b"GL", 18, true), (b"GR", 27, false), (b"GT", 28, false), (b"HR", 21, true), (b"HU", 28, true), (b"IE", 22, false),
    (b"IL", 23, true), (b"IQ", 23, false), (b"IS", 26, true), (b"IT", 27, false), (b"JO", 30, false), (b"KW", 30, false),
    (b"KZ", 20, false), (b"LB", 28, false), (b"LC", 32, false), (b"LI", 21, false), (b"LT", 20, true), (b"LU", 20, false),
    (b"LV", 21, false), (b"LY", 25, true), (b"MC", 27, false), (b"MD", 24, false), (b"ME", 22, true), (b"MK", 19, false),
    (b"MR", 27, true), (b"MT", 31, false), (b"MU", 30, false), (b"NL", 18, false), (b"NO", 15, true), (b"OM", 23, false),
    (b"PK", 24, false), (b"PL", 28, true), (b"PS", 29, false), (b"PT", 25, true), (b"QA", 29, false), (b"RO", 24, false),
    (b"RS", 22, true), (b"SA", 24, false), (b"SC", 31, false), (b"SD", 18, true), (b"SE", 24, true), (b"SI", 19, true),
    (b"SK", 24, true), (b"SM", 27, false), (b"TN", 24, true), (b"TR", 26, false), (b"UA", 29, false), (b"XK", 20, true),
    (b"HN", 28, false), (b"MN", 20, true), (b"NI", 28, false), (b"RU", 33, false), (b"SO", 23, true), (b"ST", 25, true),
    (b"SV", 28, false), (b"TL", 23, true), (b"VA", 22, true), (b"VG", 24, false), (b"YE", 30, false),
];

/// The end of an IBAN that begins at `start`, printed in one piece or in groups.
fn iban(bytes: &[u8], start: usize) -> Option<usize> {
    let country = [
        bytes[start].to_ascii_uppercase(),
        bytes[start + 1].to_ascii_uppercase(),
    ];
    let (_, len, digits_only) = IBANS.iter().find(|(code, ..)| **code == country)?;
    let mut compact = Vec::with_capacity(*len);
    let mut at = start;
    while compact.len() < *len {
        match *bytes.get(at)? {
            byte if byte.is_ascii_alphanumeric() => {
                if *digits_only && compact.len() >= 4 && !byte.is_ascii_digit() {
                    return None;
                }
                compact.push(byte);
            }
            b' ' | b'-' if bytes[at - 1].is_ascii_alphanumeric() => {}
            _ => return None,
        }
        at += 1;
    }
    (bytes
        .get(at)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric())
        && mod97(&compact))
    .then_some(at)
}

/// The end of `AAA-GG-SSSS` with numbers that can have been issued.
fn social_security(bytes: &[u8], start: usize, run: usize) -> Option<usize> {
    let number = bytes.get(start..start + 11)?;
    let shape = run == 3
        && number[3] == b'-'
        && digits_at(number, 4) == 2
        && number[6] == b'-'
        && digits_at(bytes, start + 7) == 4;
    let dashed = |index: Option<usize>| index.is_some_and(|index| bytes.get(index) == Some(&b'-'));
    let issued = !matches!(&number[..3], b"000" | b"666")
        && number[0] != b'9'
        && &number[4..6] != b"00"
        && &number[7..] != b"0000";
    let alone =
        !dashed(start.checked_sub(1)) && !dashed(Some(start + 11)) && ends(bytes, start + 11);
    (shape && issued && alone).then_some(start + 11)
}

/// The end of a number in international form whose digits begin at `start`, after the plus (ITU-T E.164: up to 15 digits).
fn international(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut end, mut digits, mut separators) = (start, start, 0, 0);
    if bytes[start] == b'0' {
        return None;
    }
    while digits < 16 && separators <= 2 {
        match bytes.get(at) {
            Some(b'0'..=b'9') => {
                (digits, separators, end) = (digits + 1, 0, at + 1);
            }
            Some(b' ' | b'-' | b'.' | b'(' | b')' | b'/') => separators += 1,
            _ => break,
        }
        at += 1;
    }
    ((8..=15).contains(&digits)
        && bytes
            .get(end)
            .is_none_or(|byte| !byte.is_ascii_alphanumeric()))
    .then_some(end)
}

/// `(212) 555-0123`, `212-555-0123`, `212.555.0123`, with or without a leading `1`; never ten digits in one run.
fn north_american(bytes: &[u8], start: usize, run: usize) -> Option<Range<usize>> {
    if run != 3 || bytes[start] < b'2' {
        return None;
    }
    let before = |back: usize| start.checked_sub(back).map(|index| bytes[index]);
    let (mut first, exchange) = match (before(1), bytes.get(start + 3)?) {
        (Some(b'('), b')') => (
            start - 1,
            start + 4 + usize::from(bytes.get(start + 4) == Some(&b' ')),
        ),
        (Some(b'('), _) => return None,
        (_, b'-' | b'.') => (start, start + 4),
        _ => return None,
    };
    let separator = *bytes.get(exchange + 3)?;
    let shape = digits_at(bytes, exchange) == 3
        && bytes[exchange] >= b'2'
        && (matches!(separator, b'-' | b'.'))
        && (first < start || bytes[start + 3] == separator)
        && digits_at(bytes, exchange + 4) == 4;
    let end = exchange + 8;
    if !shape || !ends(bytes, end) || bytes.get(end) == Some(&b'-') {
        return None;
    }
    let at = |index: usize| bytes[index];
    if first >= 2 && matches!(at(first - 1), b'-' | b'.' | b' ') && at(first - 2) == b'1' {
        let code = first - 2;
        if code
            .checked_sub(1)
            .is_none_or(|index| !at(index).is_ascii_alphanumeric())
        {
            first = code;
        }
    }
    let joined = first.checked_sub(1).is_some_and(|index| {
        at(index).is_ascii_alphanumeric() || matches!(at(index), b'-' | b'.' | b'_')
    });
    (!joined).then_some(first..end)
}
