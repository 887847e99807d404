//! The fields of a document that JSON alone does not check.
//!
//! Owns: exact decimals, bounded texts, objects without a key twice.
//! Must not know: which field is which.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::{Decimal, Timestamp, parse_decimal};

/// An exact number, written as a string such as `"12.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExactVisitor;

        impl Visitor<'_> for ExactVisitor {
            type Value = Exact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal as a string such as \"12.5\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
                parse_decimal(text).map(Exact).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(ExactVisitor)
    }
}

/// A text of at most `MAX` characters without control characters; `LINES` are
/// allowed where prose is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<const MAX: usize, const LINES: bool = false>(String);

impl<const MAX: usize, const LINES: bool> Deref for Word<MAX, LINES> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize, const LINES: bool> Deserialize<'de> for Word<MAX, LINES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let allowed = |c: char| !c.is_control() || (LINES && matches!(c, '\n' | '\t'));
        if !text.chars().all(allowed) {
            return Err(D::Error::custom("the text has a control character"));
        }
        let len = text.chars().count();
        if len > MAX {
            let fault = format!("the text has {len} characters, more than {MAX}");
            return Err(D::Error::custom(fault));
        }
        Ok(Self(text))
    }
}

/// An object in which no key stands twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Unique<K, V>(BTreeMap<K, V>);

impl<K, V> Default for Unique<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K, V> Deref for Unique<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &BTreeMap<K, V> {
        &self.0
    }
}

impl<'de, K, V> Deserialize<'de> for Unique<K, V>
where
    K: Deserialize<'de> + Ord + fmt::Debug + Clone,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UniqueVisitor<K, V>(PhantomData<(K, V)>);

        impl<'de, K, V> Visitor<'de> for UniqueVisitor<K, V>
        where
            K: Deserialize<'de> + Ord + fmt::Debug + Clone,
            V: Deserialize<'de>,
        {
            type Value = Unique<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique<K, V>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<K, V>()? {
                    match entries.entry(key) {
                        Entry::Vacant(entry) => entry.insert(value),
                        Entry::Occupied(entry) => {
                            let key = format!("{:?}", entry.key());
                            let key = key.trim_matches('"');
                            return Err(A::Error::custom(format!("`{key}` stands twice")));
                        }
                    };
                }
                Ok(Unique(entries))
            }
        }

        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::from_day(&text).map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        D::Error::custom(format!("`{shown}` is not a day such as 2012-01-03"))
    })
}

pub(super) fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "lombard-dataset/1" {
        return Ok(());
    }
    let shown: String = text.chars().take(40).collect();
    let fault = format!("this host reads `lombard-dataset/1`, not `{shown}`");
    Err(D::Error::custom(fault))
}
