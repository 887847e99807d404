//! The name of an instrument at a broker.
//!
//! Owns: what a symbol may look like. Must not know: instruments or brokers.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A string that can't be a symbol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a symbol: 1 to {max} printable ASCII characters without spaces",
    max = Symbol::MAX_LEN
)]
pub struct SymbolError(pub String);

impl SymbolError {
    // Once and out of the way: a plugin has a copy of what reads symbols.
    #[cold]
    fn of(text: &str) -> Self {
        let mut shown = String::new();
        for letter in text.chars().take(Symbol::MAX_LEN) {
            shown.extend(letter.escape_default());
        }
        Self(shown)
    }
}

/// The name of an instrument, such as `AAPL`, `BRK.B` or `BTC/USD`.
///
/// The same few are in thousands of rows, so a clone shares the text, and two
/// that share it are equal without a look at it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Symbol(Arc<str>);

impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> Ordering {
        match Arc::ptr_eq(&self.0, &other.0) {
            true => Ordering::Equal,
            false => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Symbol {
    /// The longest symbol, in bytes.
    pub const MAX_LEN: usize = 32;

    /// Takes a text for a symbol.
    ///
    /// # Errors
    /// Where it is empty, longer than [`Symbol::MAX_LEN`], or has anything but
    /// printable ASCII.
    pub fn new(text: impl AsRef<str>) -> Result<Self, SymbolError> {
        let text = text.as_ref();
        // Before it is copied: it may be of any length.
        match Self::is_one(text) {
            true => Ok(Self(text.into())),
            false => Err(SymbolError::of(text)),
        }
    }

    /// Whether a text can be taken for a symbol.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        fits && text.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The text of the symbol.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, which a clone of it shares with this symbol.
    #[must_use]
    pub fn shared(&self) -> &Arc<str> {
        &self.0
    }
}

/// Of a text that others share, which is not copied.
impl TryFrom<Arc<str>> for Symbol {
    type Error = SymbolError;

    fn try_from(text: Arc<str>) -> Result<Self, SymbolError> {
        match Self::is_one(&text) {
            true => Ok(Self(text)),
            false => Err(SymbolError::of(&text)),
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::str::FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, SymbolError> {
        Self::new(text)
    }
}

#[cfg(feature = "host")]
impl serde::Serialize for Symbol {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "host")]
impl<'de> serde::Deserialize<'de> for Symbol {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_text_and_one_of_its_own_compare_alike() {
        let (one, other) = (Symbol::new("MSFT").unwrap(), Symbol::new("MSFT").unwrap());
        let later = Symbol::new("NVDA").unwrap();
        for same in [&one.clone(), &other] {
            assert_eq!(one, *same);
            assert_eq!(one.cmp(same), Ordering::Equal);
            assert_eq!(same.cmp(&later), Ordering::Less);
            assert_ne!(*same, later);
        }
    }

    #[test]
    fn symbols_are_short_printable_words() {
        for good in ["A", "BRK.B", "BTC/USD", "ES=F", "^GSPC"] {
            assert_eq!(Symbol::new(good).unwrap().as_str(), good);
            let shared = Arc::<str>::from(good);
            let symbol = Symbol::try_from(Arc::clone(&shared)).unwrap();
            assert!(Arc::ptr_eq(symbol.shared(), &shared), "{good} was copied");
        }
        for bad in ["", " ", "A B", "A\u{1b}[31m", "é", &"X".repeat(33)] {
            assert!(Symbol::new(bad).is_err(), "{bad:?} was taken");
            let shared = Arc::<str>::from(bad);
            assert!(Symbol::try_from(shared).is_err(), "{bad:?} was taken");
        }
    }
}
