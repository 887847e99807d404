//! What one call of a plugin cost.
//!
//! Owns: the figures and their units, and which look-ups are counted by kind.
//! Must not know: who measures or keeps them.

use std::sync::Arc;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::named::named_enum;
use crate::{Digest, Limit, PluginName, Timestamp};

/// Names a call within one host process, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

impl std::fmt::Display for CallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// Names one run of a host process, among all that write into one database:
/// with it a [`CallId`] names one call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunId(Arc<str>);

impl RunId {
    /// The run of this process, which began at this time.
    #[must_use]
    pub fn new(process: u32, began_at: Timestamp) -> Self {
        Self(format!("{process}-{:x}", began_at.as_micros()).into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

named_enum! {
    /// A read of one thing, which somebody can make in a loop instead of
    /// reading the set.
    "look-up": LookUp {
        /// One account by its id.
        Account = "account",
        /// One expert by its id.
        Expert = "expert",
        /// One transaction by its id.
        Transaction = "transaction",
        /// One order by its id.
        Order = "order",
        /// The orders of one transaction.
        OrdersOfOne = "orders-of-one",
        /// The balance of one account.
        Balance = "balance",
        /// The price of one instrument.
        Quote = "quote",
        /// The positions of one account.
        Positions = "positions",
        /// The bars of one symbol.
        Bars = "bars",
        /// The recommendations of one expert.
        Recommendations = "recommendations",
        /// One of the caller's own settings.
        Setting = "setting",
        /// One setting of the caller's account.
        AccountSetting = "account-setting",
    }
}

impl LookUp {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Its place among [`LookUp::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The kind of a read that named so many things at once: none where it was
    /// about a set.
    #[must_use]
    pub fn of_one(self, named: usize) -> Option<Self> {
        (named == 1).then_some(self)
    }

    /// The call of the contract that reads the whole set at once, as the SDK
    /// has it, and so replaces a loop; none where there is no such call, and
    /// one look-up before the loop is all there is to make.
    #[must_use]
    pub const fn set_call(self) -> Option<&'static str> {
        // The one table of this: a new set call in `wit/` is a line here.
        match self {
            Self::Account => Some("session.accounts()"),
            Self::Expert => Some("session.experts()"),
            Self::Transaction => Some("session.transactions(filter), transactions_by_id(ids)"),
            Self::Order => Some("session.orders_by_id(ids)"),
            Self::OrdersOfOne => Some("session.orders_of(transactions), book(filter)"),
            Self::Balance => Some("session.balances(accounts)"),
            Self::Quote => Some("session.quotes(instruments)"),
            Self::Setting => Some("settings::all()"),
            Self::Positions => Some("session.positions_of(accounts)"),
            Self::Bars => Some("session.bars_of(symbols)"),
            Self::Recommendations => Some("session.recommendations_of(experts)"),
            Self::AccountSetting => None,
        }
    }
}

/// How often a call looked up what, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookUps(pub [u32; LookUp::COUNT]);

impl LookUps {
    /// The kinds that were looked up at all, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (LookUp, u32)> {
        let counted = LookUp::ALL.iter().copied().zip(self.0);
        counted.filter(|(_, times)| *times > 0)
    }
}

impl Serialize for LookUps {
    /// An object of kinds with how often; those that did not occur are left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (kind, times) in self.iter() {
            map.serialize_entry(kind.as_str(), &times)?;
        }
        map.end()
    }
}

/// What one call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct CallCost {
    /// Sessions that were opened: 0 or 1.
    pub sessions: u32,
    /// The most pooled connections held at once: 0 or 1.
    pub connections: u32,
    /// SQL statements, whichever part of the host issued them; transaction
    /// control apart.
    pub statements: u32,
    /// Rows that these statements gave or changed.
    pub rows: u64,
    /// Bytes of the rows that were read, as the database gives them.
    pub bytes: u64,
    /// What was given out of a cache instead.
    pub cache_hits: u64,
    /// What was looked for in a cache and was not there.
    pub cache_misses: u64,
    /// Calls of the guest into the host.
    pub host_calls: u64,
    /// From the request to the answer, in microseconds.
    pub wall_us: u64,
    /// Of these, computing in this call: guest and host code, in
    /// microseconds. Waiting for the database is not in it. Of a call that
    /// has computed for less than a millisecond it is the time that went by,
    /// which is more where others use the processor.
    pub cpu_us: u64,
    /// Waiting for a connection, in microseconds.
    pub wait_us: u64,
    /// How long the connection was held, in microseconds.
    pub held_us: u64,
    /// The guest's memory at its greatest, in bytes.
    pub memory_peak_bytes: u64,
    /// Log lines that were written.
    pub log_lines: u64,
    /// Bytes of these.
    pub log_bytes: u64,
    /// Log lines that were dropped, since there were too many.
    pub log_dropped: u64,
}

named_enum! {
    /// How a call ended.
    "call outcome": CallOutcome {
        /// With a result.
        Ok = "ok",
        /// With an error that the plugin returned.
        Error = "error",
        /// With a trap: the plugin did what no plugin may do.
        Trap = "trap",
        /// At its deadline.
        Deadline = "deadline",
        /// With a result that the host refused.
        Refused = "refused",
        /// Because the host could not serve it: no connection, no instance.
        Unavailable = "unavailable",
        /// Before its end, by whoever asked for it.
        Cancelled = "cancelled",
    }
}

/// The record of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// Which run of the host.
    pub run: RunId,
    /// Which call of this run, as the log names it.
    pub id: CallId,
    /// Which plugin; `expert-` and its id where only the expert is known.
    pub plugin: PluginName,
    /// Which version of it; `unknown` where the plugin was not there.
    pub version: String,
    /// Which binary; none where the plugin was not there.
    pub digest: Option<Digest>,
    /// What was called: `render` or `analyze`.
    pub function: &'static str,
    /// When it began.
    pub began_at: Timestamp,
    /// How it ended.
    pub outcome: CallOutcome,
    /// Why it did not end well, in at most [`CallRecord::LONGEST_ERROR`]
    /// characters; none where it did, or where nobody was left to tell.
    pub error: Option<String>,
    /// The limit that it did not end well for, where it was one.
    pub limit: Option<Limit>,
    /// What it cost.
    pub cost: CallCost,
    /// What it looked up one by one.
    pub look_ups: LookUps,
}

impl CallRecord {
    /// Characters of an error that are kept.
    pub const LONGEST_ERROR: usize = 500;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_up_has_its_place_and_only_those_that_occurred_are_told() {
        for (at, kind) in LookUp::ALL.iter().enumerate() {
            assert_eq!(kind.index(), at);
        }
        let mut looked = LookUps::default();
        looked.0[LookUp::Order.index()] = 3;
        assert_eq!(looked.iter().collect::<Vec<_>>(), [(LookUp::Order, 3)]);
        let json = serde_json::to_string(&looked).unwrap();
        assert_eq!(json, r#"{"order":3}"#);
    }
}
