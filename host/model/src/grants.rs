//! What a plugin may do beyond computing.
//!
//! Owns: the names of the grants and sets of them. Must not know: who asks and
//! who grants.

use std::collections::BTreeSet;

use crate::named::named_enum;

named_enum! {
    /// One thing that a plugin may be allowed to do.
    "grant": Grant {
        /// Read accounts: names, providers, currencies.
        ReadAccounts = "read:accounts",
        /// Read the non-secret settings of the caller's account.
        ReadAccountSettings = "read:account-settings",
        /// Read the cash of accounts.
        ReadBalances = "read:balances",
        /// Read daily bars.
        ReadBars = "read:bars",
        /// Read expert instances.
        ReadExperts = "read:experts",
        /// Read orders.
        ReadOrders = "read:orders",
        /// Read what accounts hold.
        ReadPositions = "read:positions",
        /// Read current prices.
        ReadPrices = "read:prices",
        /// Read earlier recommendations.
        ReadRecommendations = "read:recommendations",
        /// Read transactions.
        ReadTransactions = "read:transactions",
        /// Save the caller's own settings.
        WriteSettings = "write:settings",
    }
}

impl Grant {
    /// Whether whoever has it may change something.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::WriteSettings)
    }

    /// The grants that a function of the contract needs, by its interface and
    /// its name there; none where it needs none or there is no such function.
    #[must_use]
    pub fn needed_by(interface: &str, function: &str) -> &'static [Self] {
        // The one table of this outside the host, which enforces it; a test
        // compares it with what `wit/` says.
        match (interface, function.strip_prefix("[method]session.")) {
            ("session", Some(method)) => match method {
                "transactions" | "transaction-table" | "transaction" | "transactions-by-id" => {
                    &[Self::ReadTransactions]
                }
                "orders-of" | "order-table" | "order" | "orders-by-id" => &[Self::ReadOrders],
                "book-table" => &[Self::ReadTransactions, Self::ReadOrders],
                "accounts" | "account" => &[Self::ReadAccounts],
                "experts" | "expert" => &[Self::ReadExperts],
                "balances" => &[Self::ReadBalances],
                "positions" | "positions-of" => &[Self::ReadPositions],
                "quotes" => &[Self::ReadPrices],
                "bars" | "bars-of" => &[Self::ReadBars],
                "recommendations" | "recommendations-of" => &[Self::ReadRecommendations],
                _ => &[],
            },
            ("settings", None) => match function {
                "get-account" => &[Self::ReadAccountSettings],
                "save" | "replace" => &[Self::WriteSettings],
                _ => &[],
            },
            _ => &[],
        }
    }

    /// What whoever has it may do, in words for an operator.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ReadAccounts => "read the names, providers and currencies of accounts",
            Self::ReadAccountSettings => "read the settings of its account, secrets apart",
            Self::ReadBalances => "read the cash of accounts",
            Self::ReadBars => "read daily bars",
            Self::ReadExperts => "read expert instances",
            Self::ReadOrders => "read orders",
            Self::ReadPositions => "read what accounts hold",
            Self::ReadPrices => "read current prices",
            Self::ReadRecommendations => "read earlier recommendations",
            Self::ReadTransactions => "read transactions",
            Self::WriteSettings => "save its own settings",
        }
    }
}

/// A text that is no list of grants.
pub type GrantError = crate::UnknownName;

/// A set of grants. The empty set means none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeSet<Grant>);

impl Grants {
    /// Every grant there is.
    #[must_use]
    pub fn all() -> Self {
        Self(Grant::ALL.iter().copied().collect())
    }

    /// Whether this one is in the set.
    #[must_use]
    pub fn allows(&self, grant: Grant) -> bool {
        self.0.contains(&grant)
    }

    /// Those in both sets: what was asked for and granted.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Those of this set that the other lacks.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).copied().collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = Grant> {
        self.0.iter().copied()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}

impl std::fmt::Display for Grants {
    /// As [`Grants::from_str`](std::str::FromStr) reads them; `none` for none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let names: Vec<_> = self.iter().map(Grant::as_str).collect();
        f.write_str(&names.join(","))
    }
}

impl std::str::FromStr for Grants {
    type Err = GrantError;

    /// Reads names separated by commas; the empty text and `none` are none.
    fn from_str(text: &str) -> Result<Self, GrantError> {
        if text.is_empty() || text == "none" {
            return Ok(Self::default());
        }
        text.split(',').map(|name| name.trim().parse()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_means_none() {
        assert!("".parse::<Grants>().unwrap().is_empty());
        assert_eq!(Grants::default().to_string(), "none");
        assert!(!Grants::default().allows(Grant::ReadOrders));
    }

    #[test]
    fn lists_are_read_back_and_unknown_names_are_told() {
        let grants: Grants = "read:orders, read:prices".parse().unwrap();
        assert_eq!(grants.to_string(), "read:orders,read:prices");
        assert!("read:everything".parse::<Grants>().is_err());
        assert_eq!(grants.intersection(&Grants::all()), grants);
        assert_eq!(grants.without(&Grants::all()), Grants::default());
    }
}
