//! Which accounts a plugin sees.
//!
//! Owns: the scope of a grant: every account, or some by id, and what was
//! granted as one. Must not know: which accounts there are, and what belongs to
//! one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AccountId, Grants};

/// Which accounts a plugin sees. Cheap to clone.
///
/// Some are never none: who is to see no account is granted nothing to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccountScope(Option<Arc<BTreeSet<AccountId>>>);

/// A text or a list that names no accounts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// There is none in it.
    #[error("no account is named: name ids such as `1,2`, or `all`")]
    Empty,
    /// There are too many in it.
    #[error("more than {max} accounts are named", max = AccountScope::MOST)]
    TooMany,
    /// One of them can't be an id.
    #[error("`{0}` is no account's id: name ids such as `1,2`, or `all`")]
    NoId(String),
}

impl AccountScope {
    /// The most accounts that can be named.
    pub const MOST: usize = 1_000;

    /// Every account, also those that are made later.
    #[must_use]
    pub const fn all() -> Self {
        Self(None)
    }

    /// Only these.
    ///
    /// # Errors
    /// Where there are none, or more than [`Self::MOST`].
    pub fn only(ids: impl IntoIterator<Item = AccountId>) -> Result<Self, ScopeError> {
        let mut some = BTreeSet::new();
        for id in ids {
            some.insert(id);
            if some.len() > Self::MOST {
                return Err(ScopeError::TooMany);
            }
        }
        match some.is_empty() {
            true => Err(ScopeError::Empty),
            false => Ok(Self(Some(Arc::new(some)))),
        }
    }

    /// Whether it is every account.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Whether this account is seen.
    #[must_use]
    pub fn allows(&self, account: AccountId) -> bool {
        self.0.as_ref().is_none_or(|some| some.contains(&account))
    }

    /// Those that are seen, by id; none where that is every account.
    #[must_use]
    pub fn ids(&self) -> Option<impl ExactSizeIterator<Item = AccountId>> {
        self.0.as_ref().map(|some| some.iter().copied())
    }

    /// Whether everything that the other sees is seen here.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(here), Some(there)) => there.is_subset(here),
        }
    }

    /// For an operator: `all accounts`, `account 1`, `accounts 1, 2`.
    #[must_use]
    pub fn words(&self) -> String {
        let Some(some) = &self.0 else {
            return "all accounts".to_owned();
        };
        let ids: Vec<_> = some.iter().map(ToString::to_string).collect();
        match ids.as_slice() {
            [one] => format!("account {one}"),
            several => format!("accounts {}", several.join(", ")),
        }
    }
}

impl fmt::Display for AccountScope {
    /// As [`AccountScope::from_str`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(some) = &self.0 else {
            return f.write_str("all");
        };
        for (at, id) in some.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{id}")?;
        }
        Ok(())
    }
}

impl FromStr for AccountScope {
    type Err = ScopeError;

    /// Reads `all`, or ids separated by commas.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let text = text.trim();
        match text {
            "all" => return Ok(Self::all()),
            "" => return Err(ScopeError::Empty),
            _ => {}
        }
        let mut ids = Vec::new();
        // One more than there may be is enough to tell that there are more.
        for id in text.split(',').take(Self::MOST + 1) {
            let id = id.trim();
            ids.push(id.parse().map_err(|_| ScopeError::NoId(short(id)))?);
        }
        match ids.len() > Self::MOST {
            true => Err(ScopeError::TooMany),
            false => Self::only(ids),
        }
    }
}

/// As much of a text as is worth telling.
fn short(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

impl Serialize for AccountScope {
    /// The text `all`, or the list of ids.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            None => serializer.serialize_str("all"),
            Some(some) => some.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for AccountScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(String),
            Ids(Vec<AccountId>),
        }

        let read = match Written::deserialize(deserializer)? {
            Written::Word(word) => word.parse(),
            Written::Ids(ids) => Self::only(ids),
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// What an operator grants to a plugin: what it may do, and with which
/// accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Granted {
    /// What it may do.
    pub grants: Grants,
    /// The accounts that it sees.
    pub accounts: AccountScope,
}

impl Granted {
    /// The part of it that was asked for.
    #[must_use]
    pub fn of_those_asked(&self, asked: &Grants) -> Self {
        Self {
            grants: self.grants.intersection(asked),
            accounts: self.accounts.clone(),
        }
    }
}

impl From<Grants> for Granted {
    /// These, with every account.
    fn from(grants: Grants) -> Self {
        Self {
            grants,
            accounts: AccountScope::all(),
        }
    }
}

impl From<&Grants> for Granted {
    fn from(grants: &Grants) -> Self {
        grants.clone().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;
    use crate::Grant;

    fn ids(numbers: &[u64]) -> Vec<AccountId> {
        let ids = numbers.iter().map(|id| (*id).try_into().unwrap());
        ids.collect()
    }

    fn some(numbers: &[u64]) -> AccountScope {
        AccountScope::only(ids(numbers)).unwrap()
    }

    #[test]
    fn it_is_all_or_some_and_never_none() {
        assert_eq!("all".parse(), Ok(AccountScope::all()));
        assert_eq!(" 2, 1,2 ".parse(), Ok(some(&[1, 2])));
        assert_eq!(some(&[2, 1]).to_string(), "1,2");
        assert_eq!("".parse::<AccountScope>(), Err(ScopeError::Empty));
        assert_eq!(AccountScope::only([]), Err(ScopeError::Empty));
        for wrong in ["0", "-1", "1,", ",", "1;2", "none", "ALL", "1 2", "all,1"] {
            let read = wrong.parse::<AccountScope>();
            assert!(
                matches!(read, Err(ScopeError::NoId(_))),
                "{wrong}: {read:?}"
            );
        }
        let Err(told) = "\u{1b}[31m".repeat(100).parse::<AccountScope>() else {
            panic!("it was read");
        };
        let told = told.to_string();
        assert!(!told.contains('\u{1b}') && told.len() < 400, "{told}");
    }

    #[test]
    fn a_thousand_can_be_named_and_no_more() {
        let most = u64::try_from(AccountScope::MOST).unwrap();
        let named = |count| {
            (1..=count)
                .map(|id: u64| id.to_string())
                .collect::<Vec<_>>()
        };
        assert!(named(most).join(",").parse::<AccountScope>().is_ok());
        let more = named(most + 1).join(",").parse::<AccountScope>();
        assert_eq!(more, Err(ScopeError::TooMany));
        let more = AccountScope::only((1..=most + 1).map(|id| id.try_into().unwrap()));
        assert_eq!(more, Err(ScopeError::TooMany));
    }

    #[test]
    fn what_is_seen_is_what_was_named() {
        let [one, two] = ids(&[1, 2])[..] else {
            panic!("two ids");
        };
        assert!(AccountScope::all().allows(two));
        assert!(some(&[1]).allows(one) && !some(&[1]).allows(two));
        assert!(AccountScope::all().covers(&some(&[1])));
        assert!(!some(&[1]).covers(&AccountScope::all()));
        assert!(some(&[1, 2]).covers(&some(&[2])) && !some(&[1]).covers(&some(&[1, 2])));
        assert_eq!(AccountScope::all().words(), "all accounts");
        assert_eq!(some(&[7]).words(), "account 7");
        assert_eq!(some(&[7, 1]).words(), "accounts 1, 7");
        assert!(AccountScope::all().ids().is_none());
    }

    #[test]
    fn what_was_not_asked_for_is_not_granted() {
        let granted = Granted {
            grants: Grants::all(),
            accounts: some(&[1]),
        };
        let asked: Grants = [Grant::ReadOrders].into_iter().collect();
        let has = granted.of_those_asked(&asked);
        assert_eq!((has.grants, has.accounts), (asked, some(&[1])));
        assert!(Granted::default().grants.is_empty());
        assert_eq!(Granted::from(&Grants::all()), Granted::from(Grants::all()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(numbers in btree_set(1..=i64::MAX, 0..50)) {
            let ids = numbers.iter().map(|id| AccountId::try_from(*id).unwrap());
            let scope = AccountScope::only(ids).unwrap_or_default();
            prop_assert_eq!(scope.is_all(), numbers.is_empty());
            prop_assert_eq!(scope.to_string().parse(), Ok(scope.clone()));
            let json = serde_json::to_string(&scope).unwrap();
            prop_assert_eq!(serde_json::from_str::<AccountScope>(&json).unwrap(), scope);
        }

        #[test]
        fn any_text_is_read_or_told(text in "\\PC{0,60}") {
            if let Ok(scope) = text.parse::<AccountScope>() {
                prop_assert_eq!(scope.to_string().parse(), Ok(scope));
            }
        }
    }
}
