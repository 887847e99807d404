//! Pages of a list.
//!
//! Owns: how long one is. Must not know: what is listed.

use serde::{Deserialize, Deserializer, de};

/// The longest page.
const MOST: u32 = 1_000;

/// How long a page is at most, 1 to 1000; 100 where nobody says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = u32::deserialize(deserializer)?;
        match (1..=MOST).contains(&limit) {
            true => Ok(Self(limit)),
            false => Err(de::Error::custom(format!(
                "{limit} is not from 1 to {MOST}"
            ))),
        }
    }
}

impl Limit {
    pub(super) fn get(self) -> u32 {
        self.0
    }

    /// Cuts a list to a page; gives the last one on it where there are more.
    pub(super) fn cut<T>(self, list: &mut Vec<T>) -> Option<&T> {
        let limit = usize::try_from(self.0).unwrap_or(usize::MAX);
        let has_more = list.len() > limit;
        list.truncate(limit);
        list.last().filter(|_| has_more)
    }
}
