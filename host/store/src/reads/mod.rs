//! What was read of one version of the data.
//!
//! Owns: the rows that sessions have in mind, absent ones too, so that a
//! look-up in a loop costs nothing after the first; and that they are shared
//! by all sessions that see the same version, as long as there is room.
//! Must not know: statements. What it does not have, the session reads.

mod by_id;
mod orders;
mod transactions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lombard_model::{
    AccountId, Bar, Decimal, ExpertId, Instrument, PastRecommendation, Position, Symbol,
};

pub(crate) use self::by_id::{ById, Row};
pub(crate) use self::orders::OrderSets;
pub(crate) use self::transactions::{Page, TransactionSets};
use crate::{AccountRow, DataVersion, ExpertRow};

/// The most of one version that is kept for everybody, in bytes as the
/// database gave them. A session that comes when it is full begins anew.
const SHARED_BYTES: u64 = 128 << 20;

/// Bars of a symbol: up to which day, and how many.
pub(crate) type BarsKey = (Symbol, i64, u32);

/// What is known of one version.
#[derive(Debug, Default)]
pub(crate) struct Known {
    bytes: u64,
    pub(crate) accounts: ById<AccountId, AccountRow>,
    pub(crate) experts: ById<ExpertId, ExpertRow>,
    pub(crate) transactions: TransactionSets,
    pub(crate) orders: OrderSets,
    /// None where there is no price.
    pub(crate) prices: HashMap<Instrument, Option<Decimal>>,
    pub(crate) positions: HashMap<AccountId, Arc<[Position]>>,
    pub(crate) bars: HashMap<BarsKey, Arc<[Bar]>>,
    /// Symbols whose bars will be asked for, one after the other.
    pub(crate) symbols: Arc<[Symbol]>,
    pub(crate) symbols_with_bars: Option<Arc<[Symbol]>>,
    pub(crate) recommendations: HashMap<(ExpertId, u32), Arc<[PastRecommendation]>>,
}

impl Known {
    /// Counts what was added.
    pub(crate) fn grew(&mut self, bytes: u64) {
        // Something is kept even of an empty answer.
        self.bytes += bytes + 256;
    }
}

/// What sessions know of one version.
#[derive(Debug)]
pub(crate) struct Reads {
    version: DataVersion,
    known: Mutex<Known>,
}

impl Reads {
    /// Nobody else's.
    pub(crate) fn new(version: DataVersion) -> Arc<Self> {
        Arc::new(Self {
            version,
            known: Mutex::default(),
        })
    }

    pub(crate) fn version(&self) -> DataVersion {
        self.version
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self) -> bool {
        self.known().bytes > SHARED_BYTES
    }
}

/// The newest reads, for everybody who sees their version.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    is_off: bool,
    current: Mutex<Option<Arc<Reads>>>,
}

impl Shared {
    /// Where it is off, every session has its own.
    pub(crate) fn new(is_on: bool) -> Self {
        Self {
            is_off: !is_on,
            current: Mutex::default(),
        }
    }

    /// The reads of this version, if somebody has begun some.
    pub(crate) fn begun(&self, version: DataVersion) -> Option<Arc<Reads>> {
        let current = self.current();
        current
            .as_ref()
            .filter(|reads| reads.version == version)
            .cloned()
    }

    /// The reads for a session that sees this version.
    pub(crate) fn at(&self, version: DataVersion) -> Arc<Reads> {
        if self.is_off {
            return Reads::new(version);
        }
        let mut current = self.current();
        match &*current {
            Some(reads) if reads.version == version && !reads.is_full() => Arc::clone(reads),
            // An older one is nobody else's any more.
            Some(reads) if reads.version > version => Reads::new(version),
            _ => {
                let reads = Reads::new(version);
                *current = Some(Arc::clone(&reads));
                reads
            }
        }
    }

    /// Lets go of what is older than this version.
    pub(crate) fn changed(&self, at: DataVersion) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|reads| reads.version < at) {
            *current = None;
        }
    }

    /// Lets go of all.
    pub(crate) fn forget(&self) {
        *self.current() = None;
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Reads>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_one_version_share_until_it_is_full() {
        let shared = Shared::new(true);
        let one = shared.at(DataVersion(3));
        assert!(Arc::ptr_eq(&one, &shared.at(DataVersion(3))));
        assert!(!Arc::ptr_eq(&one, &shared.at(DataVersion(2))));
        assert!(Arc::ptr_eq(&one, &shared.begun(DataVersion(3)).unwrap()));
        one.known().grew(SHARED_BYTES);
        let next = shared.at(DataVersion(3));
        assert!(!Arc::ptr_eq(&one, &next));
        assert!(Arc::ptr_eq(&next, &shared.at(DataVersion(3))));
    }

    #[test]
    fn a_change_drops_what_is_older() {
        let shared = Shared::new(true);
        let _reads = shared.at(DataVersion(3));
        shared.changed(DataVersion(3));
        assert!(shared.begun(DataVersion(3)).is_some());
        shared.changed(DataVersion(4));
        assert!(shared.begun(DataVersion(3)).is_none());
    }

    #[test]
    fn where_it_is_off_nobody_shares() {
        let shared = Shared::new(false);
        let one = shared.at(DataVersion(3));
        assert!(!Arc::ptr_eq(&one, &shared.at(DataVersion(3))));
        assert!(shared.begun(DataVersion(3)).is_none());
    }
}
