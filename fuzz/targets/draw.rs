//! Values out of the bytes of an input.
//!
//! Owns: how many bytes a value takes, and that the ends of ranges, and words
//! that mean something, come often. Must not know: what is made of them.

use lombard_runtime::fuzzing::Draw;

/// Numbers that arithmetic fails at, where it does.
const EDGES: [u64; 12] = [
    0,
    1,
    2,
    i64::MAX as u64,
    i64::MIN as u64,
    i64::MIN as u64 + 1,
    u64::MAX,
    u64::MAX - 1,
    u32::MAX as u64,
    i32::MAX as u64,
    100_000,
    86_400_000_000,
];

/// Texts that somebody takes for more than a text.
const WORDS: [&str; 16] = [
    "",
    "id",
    "key",
    "AAPL",
    "MSFT",
    "extra",
    "days",
    "0",
    "-0.000000001",
    "null",
    "0 9 * * 1-5",
    "UTC",
    "1e308",
    "\u{1b}[31m",
    "\"],[\"",
    "\0\u{202e}",
];

/// The bytes that are left.
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl Bytes<'_> {
    fn take(&mut self, most: usize) -> &[u8] {
        let (taken, left) = self.0.split_at(most.min(self.0.len()));
        self.0 = left;
        taken
    }
}

impl Draw for Bytes<'_> {
    /// Nothing is left of an input that is used up but zeros.
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn number(&mut self) -> u64 {
        let choice = usize::from(self.byte());
        match EDGES.get(choice % 32) {
            Some(edge) => *edge,
            None if choice % 32 < 24 => u64::from(self.byte()),
            None => {
                let mut number = [0; 8];
                let taken = self.take(8);
                number[..taken.len()].copy_from_slice(taken);
                u64::from_le_bytes(number)
            }
        }
    }

    fn text(&mut self) -> String {
        let choice = usize::from(self.byte());
        match choice {
            // Deeper than anybody reads, and within what may be.
            255 => "[".repeat(126) + &"]".repeat(126),
            254 => "a".repeat(70_000),
            _ => match WORDS.get(choice % 32) {
                Some(word) => (*word).to_owned(),
                None => {
                    let length = usize::from(self.byte());
                    String::from_utf8_lossy(self.take(length)).into_owned()
                }
            },
        }
    }
}
