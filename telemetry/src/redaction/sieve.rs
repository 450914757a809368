//! Where in a text any of many literals may begin: three bytes are looked at for each position, and most end it.

/// Kinds of literals, one bit each.
pub(super) type Kinds = u8;

/// Bits of the hash: a table of 32 kB stays in the nearest cache.
const BITS: u32 = 15;

/// Sets the bit that distinguishes the cases of a letter, in each of three bytes. It confuses a few signs as well; what is found
/// is compared in full anyway.
const ANY_CASE: u32 = 0x0020_2020;
const THREE_BYTES: u32 = 0x00FF_FFFF;
/// The bits of a letter that are the same in either case.
const LAST_BITS: u8 = 0x1F;

/// Finds the places at which a literal may begin. A position costs a handful of instructions that wait for nothing, and a
/// branch for every four: several times faster than an automaton of the same literals.
#[derive(Clone)]
pub(super) struct Sieve {
    kinds: Box<[Kinds; 1 << BITS]>,
    /// What may follow, by the last bits of a byte: looked at where a literal may begin, it ends most of what is left.
    fourth: Box<[u32; 1 << BITS]>,
}

impl Sieve {
    pub(super) fn new() -> Self {
        Self {
            kinds: Box::new([0; 1 << BITS]),
            fourth: Box::new([0; 1 << BITS]),
        }
    }

    /// Adds a literal of at least three bytes.
    pub(super) fn add(&mut self, literal: &str, kind: Kinds) {
        if let [a, b, c, ref rest @ ..] = *literal.as_bytes() {
            let hash = hash(u32::from_le_bytes([a, b, c, 0]));
            self.kinds[hash] |= kind;
            self.fourth[hash] |= rest
                .first()
                .map_or(u32::MAX, |byte| 1 << (byte & LAST_BITS));
        }
    }

    /// The first position at or after `from` at which a literal may begin, and of what kinds.
    pub(super) fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, Kinds)> {
        let mut at = from;
        while let Some(chunk) = bytes.get(at..at + 8) {
            let chunk = u64::from_le_bytes(chunk.try_into().ok()?);
            let hashes = [0, 8, 16, 24].map(|shift| hash((chunk >> shift) as u32));
            let kinds = hashes.map(|hash| self.kinds[hash]);
            if kinds[0] | kinds[1] | kinds[2] | kinds[3] != 0 {
                let follows = |first: &usize| {
                    let fourth = (chunk >> (8 * first + 24)) as u8;
                    kinds[*first] != 0
                        && self.fourth[hashes[*first]] >> (fourth & LAST_BITS) & 1 != 0
                };
                if let Some(first) = (0..4).find(follows) {
                    return Some((at + first, kinds[first]));
                }
            }
            at += 4;
        }
        bytes[at.min(bytes.len())..]
            .windows(3)
            .enumerate()
            .find_map(|(index, window)| {
                let kinds =
                    self.kinds[hash(u32::from_le_bytes([window[0], window[1], window[2], 0]))];
                (kinds != 0).then_some((at + index, kinds))
            })
    }
}

/// The first three bytes, in either case: what a candidate has in common with the literals that may begin there.
pub(super) fn head(bytes: &[u8]) -> Option<u32> {
    match *bytes {
        [a, b, c, ..] => Some((u32::from_le_bytes([a, b, c, 0]) | ANY_CASE) & THREE_BYTES),
        _ => None,
    }
}

/// Multiplicative hashing of the first three bytes: the upper bits of a product depend on all of them. The factor is a prime of
/// xxHash's; with that of Fibonacci hashing, many a `de…` and `mit…` of English meets the place of a literal.
#[inline]
fn hash(bytes: u32) -> usize {
    (((bytes | ANY_CASE) & THREE_BYTES).wrapping_mul(0x85EB_CA77) >> (32 - BITS)) as usize
}
