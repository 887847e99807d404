//! What calls of one kind ask for.
//!
//! Owns: the reads that a kind of call made last time, by which the next one's
//! are begun before it asks. A guess that is wrong costs the statements it was
//! of, and is corrected by the very call.
//! Must not know: statements.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lombard_model::Instrument;

use crate::TransactionFilter;

/// Kinds of calls that are remembered. At more, all are learned anew.
const KINDS: usize = 1_024;

/// Instruments that are remembered of one kind of call.
const INSTRUMENTS: usize = 256;

/// What a call reads that the next one of its kind will read as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habit {
    /// The first page of transactions: of which filter, and at most how many.
    pub(crate) page: Option<(TransactionFilter, u32)>,
    /// The orders of that page.
    pub(crate) orders: bool,
    /// All expert instances.
    pub(crate) experts: bool,
    /// All accounts.
    pub(crate) accounts: bool,
    /// The paper broker's prices of these.
    pub(crate) prices: Vec<Instrument>,
}

impl Habit {
    /// Whether the orders of a page are asked for.
    pub(crate) fn has_orders(&self) -> bool {
        self.orders && self.page.is_some()
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.page.is_none() && !self.experts && !self.accounts && self.prices.is_empty()
    }
}

/// What one call asks for, while it goes on.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    habit: Habit,
    prices: bool,
}

impl Asked {
    pub(crate) fn page(&mut self, filter: &TransactionFilter, after: u64, limit: u32) {
        if after == 0 && self.habit.page.is_none() {
            self.habit.page = Some((filter.clone(), limit));
        }
    }

    pub(crate) fn orders(&mut self) {
        self.habit.orders = true;
    }

    pub(crate) fn experts(&mut self) {
        self.habit.experts = true;
    }

    pub(crate) fn accounts(&mut self) {
        self.habit.accounts = true;
    }

    pub(crate) fn prices(&mut self) {
        self.prices = true;
    }

    /// Prices that had to be read.
    pub(crate) fn prices_read(&mut self, wanted: &[Instrument]) {
        let room = INSTRUMENTS.saturating_sub(self.habit.prices.len());
        let some = wanted.iter().take(room);
        self.habit.prices.extend(some.cloned());
    }

    /// What the next one will ask for, where this one was begun with `before`.
    fn into_habit(self, before: Option<&Habit>) -> Habit {
        let mut habit = self.habit;
        let known = before.map_or(&[][..], |before| &before.prices);
        if self.prices && known.len() + habit.prices.len() <= INSTRUMENTS {
            habit.prices.extend_from_slice(known);
        }
        habit
    }
}

/// The habits of kinds of calls, by their names.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    known: Mutex<HashMap<String, Arc<Habit>>>,
}

impl Habits {
    pub(crate) fn of(&self, kind: &str) -> Option<Arc<Habit>> {
        self.known(|known| known.get(kind).cloned())
    }

    /// Learns from a call that has ended.
    pub(crate) fn learn(&self, kind: String, asked: Asked) {
        self.known(|known| {
            let before = known.get(&kind);
            let habit = asked.into_habit(before.map(|before| &**before));
            if before.is_some_and(|before| **before == habit) {
                return;
            }
            if known.len() >= KINDS {
                known.clear();
            }
            known.insert(kind, Arc::new(habit));
        });
    }

    fn known<T>(&self, code: impl FnOnce(&mut HashMap<String, Arc<Habit>>) -> T) -> T {
        code(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::{AccountId, Symbol};

    use super::*;

    fn instrument(symbol: u64) -> Instrument {
        Instrument {
            account: AccountId::try_from(1_u64).unwrap(),
            symbol: Symbol::new(format!("S{symbol}")).unwrap(),
        }
    }

    fn read(instruments: impl IntoIterator<Item = u64>) -> Asked {
        let mut asked = Asked::default();
        asked.prices();
        let instruments: Vec<_> = instruments.into_iter().map(instrument).collect();
        asked.prices_read(&instruments);
        asked
    }

    fn prices(habits: &Habits) -> usize {
        habits.of("a").unwrap().prices.len()
    }

    #[test]
    fn prices_that_were_read_ahead_stay_as_long_as_any_are_asked_for() {
        let habits = Habits::default();
        habits.learn("a".to_owned(), read([1, 2]));
        habits.learn("a".to_owned(), read([]));
        assert_eq!(prices(&habits), 2);
        habits.learn("a".to_owned(), read([3]));
        assert_eq!(prices(&habits), 3);
        habits.learn("a".to_owned(), Asked::default());
        assert!(habits.of("a").unwrap().is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let habits = Habits::default();
        habits.learn("a".to_owned(), read(0..1_000));
        assert_eq!(prices(&habits), INSTRUMENTS);
        // With those of before they would be too many: only the new ones.
        habits.learn("a".to_owned(), read([5_000]));
        assert_eq!(prices(&habits), 1);
        for kind in 0..3 * KINDS {
            habits.learn(kind.to_string(), Asked::default());
        }
        let known = habits.known(|known| known.len());
        assert!((1..=KINDS).contains(&known), "{known}");
    }

    #[test]
    fn orders_are_those_of_the_first_page() {
        let mut asked = Asked::default();
        asked.orders();
        asked.page(&TransactionFilter::open(), 7, 10);
        assert!(asked.into_habit(None).is_empty());
        let mut asked = Asked::default();
        asked.orders();
        asked.page(&TransactionFilter::open(), 0, 10);
        asked.page(&TransactionFilter::default(), 0, 20);
        let habit = asked.into_habit(None);
        assert_eq!(habit.page, Some((TransactionFilter::open(), 10)));
        assert!(habit.has_orders());
    }
}
