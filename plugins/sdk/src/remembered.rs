//! What a call was told once, and would be told again.
//!
//! Owns: that a look-up in a loop rarely leaves the plugin. A call sees one
//! state of the book and of its settings, so an expert, an account and a setting
//! stay what they were. Where the orders of one trade after another are
//! asked for, in the order of the list that the trades came in, those of the
//! next ones are read ahead, as an operating system does with files.
//!
//! A price that was asked for alone stays what it was, too: two rows of one view
//! must not disagree on it. Whoever wants the newest asks for a set.
//!
//! An error is not remembered: the host is asked again.
//!
//! Must not know: how the host is asked.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::thread::LocalKey;

use lombard_model::{Account, Expert, Instrument, Order, Quote, SettingValue};

use crate::Error;

/// The answers of one kind that are kept; beyond them the host is asked.
const KEPT: usize = 10_000;

/// The trades whose orders are read at once, at most.
const AHEAD: usize = 256;

/// How far behind the last trade the next one may be in the list, so that the
/// two are taken for steps of a loop: one may leave out those it has no use for.
const STEP: usize = 8;

// Each kind on its own: what a plugin never asks for is then not in it.
thread_local! {
    static CALL: Cell<u64> = const { Cell::new(0) };
    static EXPERTS: OfCall<Known<u64, Expert>> = const { OfCall::new(Known::NOTHING) };
    static ACCOUNTS: OfCall<Known<u64, Account>> = const { OfCall::new(Known::NOTHING) };
    static QUOTES: OfCall<Known<Instrument, Quote>> = const { OfCall::new(Known::NOTHING) };
    static SETTINGS: OfCall<Known<String, SettingValue>> = const { OfCall::new(Known::NOTHING) };
    static ORDERS: OfCall<OrdersAhead> = const { OfCall::new(OrdersAhead::NOTHING) };
}

/// What a call was told of one kind.
struct OfCall<T> {
    call: Cell<u64>,
    told: RefCell<T>,
}

impl<T: Default> OfCall<T> {
    const fn new(nothing: T) -> Self {
        Self {
            call: Cell::new(0),
            told: RefCell::new(nothing),
        }
    }

    /// What this call was told; what another one was is forgotten first.
    fn with<R>(&self, read: impl FnOnce(&mut T) -> R) -> R {
        if self.call.replace(CALL.get()) != CALL.get() {
            self.told.take();
        }
        read(&mut self.told.borrow_mut())
    }
}

/// A call begins: what another one was told is not true of it.
pub(crate) fn forget() {
    CALL.set(CALL.get().wrapping_add(1));
}

/// The settings are saved: they are what the host makes of it.
pub(crate) fn forget_settings() {
    SETTINGS.with(|settings| settings.with(|known| *known = Known::NOTHING));
}

/// These trades were listed, by rising id.
pub(crate) fn listed(ids: Vec<u64>) {
    ORDERS.with(|orders| orders.with(|ahead| *ahead = OrdersAhead::of(ids)));
}

pub(crate) fn expert(
    id: u64,
    ask: impl FnOnce() -> Result<Option<Expert>, Error>,
) -> Result<Option<Expert>, Error> {
    once(&EXPERTS, &id, ask)
}

pub(crate) fn account(
    id: u64,
    ask: impl FnOnce() -> Result<Option<Account>, Error>,
) -> Result<Option<Account>, Error> {
    once(&ACCOUNTS, &id, ask)
}

pub(crate) fn quote(
    instrument: &Instrument,
    ask: impl FnOnce() -> Result<Option<Quote>, Error>,
) -> Result<Option<Quote>, Error> {
    once(&QUOTES, instrument, ask)
}

pub(crate) fn setting(
    key: &str,
    ask: impl FnOnce() -> Result<Option<SettingValue>, Error>,
) -> Result<Option<SettingValue>, Error> {
    once(&SETTINGS, key, ask)
}

/// The orders of one trade. `read` gives those of some, trade after trade.
pub(crate) fn orders_of(
    transaction: u64,
    read: impl FnOnce(&[u64]) -> Result<Vec<Order>, Error>,
) -> Result<Vec<Order>, Error> {
    ORDERS.with(|orders| orders.with(|ahead| ahead.of_one(transaction, read)))
}

fn once<K: Ord + Borrow<Q>, Q: Ord + ToOwned<Owned = K> + ?Sized, T: Clone>(
    kind: &'static LocalKey<OfCall<Known<K, T>>>,
    key: &Q,
    ask: impl FnOnce() -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    let known = kind.with(|kind| kind.with(|known| known.get(key).cloned()));
    if let Some(known) = known {
        return Ok(known);
    }
    let told = ask()?;
    kind.with(|kind| kind.with(|known| known.keep(key.to_owned(), told.clone())));
    Ok(told)
}

/// What there is of one kind, and what there is not.
///
/// Not a tree of the library, which is 5 kB of code for each kind: to move the
/// places of what comes behind is quicker than the call that is saved.
struct Known<K, T> {
    answers: Vec<(K, Option<T>)>,
    /// The places of the answers, by key.
    by_key: Vec<usize>,
}

impl<K, T> Default for Known<K, T> {
    fn default() -> Self {
        Self::NOTHING
    }
}

impl<K, T> Known<K, T> {
    const NOTHING: Self = Self {
        answers: Vec::new(),
        by_key: Vec::new(),
    };
}

impl<K: Ord, T> Known<K, T> {
    fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&Option<T>>
    where
        K: Borrow<Q>,
    {
        let at = self.search(key).ok()?;
        Some(&self.answers[self.by_key[at]].1)
    }

    fn keep(&mut self, key: K, told: Option<T>) {
        if self.answers.len() == KEPT {
            return;
        }
        if let Err(at) = self.search(&key) {
            self.by_key.insert(at, self.answers.len());
            self.answers.push((key, told));
        }
    }

    fn search<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        let key_of = |place: &usize| self.answers[*place].0.borrow();
        self.by_key.binary_search_by(|place| key_of(place).cmp(key))
    }
}

/// The orders of the trades that come next.
struct OrdersAhead {
    /// The trades, by rising id.
    listed: Vec<u64>,
    /// The place of the one that was asked for last.
    last: Option<usize>,
    /// How many were read at once.
    window: usize,
    /// The places of those whose orders are here.
    read: Range<usize>,
    /// Their orders, trade after trade.
    orders: Vec<Order>,
}

impl Default for OrdersAhead {
    fn default() -> Self {
        Self::NOTHING
    }
}

impl OrdersAhead {
    const NOTHING: Self = Self {
        listed: Vec::new(),
        last: None,
        window: 0,
        read: 0..0,
        orders: Vec::new(),
    };

    fn of(listed: Vec<u64>) -> Self {
        Self {
            listed,
            ..Self::NOTHING
        }
    }

    fn of_one(
        &mut self,
        transaction: u64,
        read: impl FnOnce(&[u64]) -> Result<Vec<Order>, Error>,
    ) -> Result<Vec<Order>, Error> {
        let Ok(at) = self.listed.binary_search(&transaction) else {
            return read(&[transaction]);
        };
        if !self.read.contains(&at) {
            let is_step = self
                .last
                .is_some_and(|last| (last + 1..=last + STEP).contains(&at));
            let window = if is_step {
                (4 * self.window).min(AHEAD)
            } else {
                1
            };
            let end = self.listed.len().min(at + window);
            self.orders = read(&self.listed[at..end])?;
            (self.read, self.window) = (at..end, window);
        }
        self.last = Some(at);
        let of = |order: &Order| order.transaction.get();
        let from = self.orders.partition_point(|order| of(order) < transaction);
        let to = self
            .orders
            .partition_point(|order| of(order) <= transaction);
        Ok(self.orders[from..to].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::{Decimal, OrderState, OrderType, Side};

    use super::*;

    fn order(transaction: u64) -> Order {
        Order {
            id: transaction.try_into().unwrap(),
            transaction: transaction.try_into().unwrap(),
            account: 1_u64.try_into().unwrap(),
            symbol: "AAPL".parse().unwrap(),
            side: Side::Buy,
            order_type: OrderType::Market,
            status: OrderState::Filled.into(),
            quantity: Decimal::ONE,
            filled_quantity: None,
            fill_price: None,
            limit_price: None,
            stop_price: None,
            depends_on: None,
            created_at: None,
        }
    }

    /// Asks for the orders of these trades, one by one; how many were read at
    /// once each time that the host was asked.
    fn asked_for(ahead: &mut OrdersAhead, ids: impl Iterator<Item = u64>) -> Vec<usize> {
        let mut reads = Vec::new();
        for id in ids {
            let answer = ahead.of_one(id, |ids| {
                reads.push(ids.len());
                // Two of each, but none of every seventh.
                let with = ids.iter().filter(|id| **id % 7 != 0);
                Ok(with.flat_map(|id| [order(*id), order(*id)]).collect())
            });
            let its = if id % 7 == 0 {
                Vec::new()
            } else {
                vec![order(id); 2]
            };
            assert_eq!(answer.unwrap(), its, "of {id}");
        }
        reads
    }

    #[test]
    fn a_loop_over_the_list_is_read_ahead_for() {
        let mut ahead = OrdersAhead::of((1..=1_000).map(|id| 3 * id).collect());
        let reads = asked_for(&mut ahead, (1..=1_000).map(|id| 3 * id));
        assert_eq!(reads, [1, 4, 16, 64, 256, 256, 256, 147]);
    }

    #[test]
    fn so_is_one_that_leaves_some_out() {
        let mut ahead = OrdersAhead::of((1..=1_000).collect());
        let reads = asked_for(&mut ahead, (1..=1_000).filter(|id| id % 5 == 0));
        assert!(reads.len() < 12, "{reads:?}");
    }

    #[test]
    fn whoever_jumps_about_is_given_what_is_asked_for() {
        let mut ahead = OrdersAhead::of((1..=1_000).collect());
        let jumps = (0..200).map(|step| 1 + (step * 389) % 1_000);
        let reads = asked_for(&mut ahead, jumps);
        assert_eq!(reads, vec![1; 200]);
    }

    #[test]
    fn a_stranger_is_asked_for_alone_and_ends_nothing() {
        let mut ahead = OrdersAhead::of((1..=100).collect());
        let ids = (1..=20).flat_map(|id| [id, 5_000 + id]);
        let reads = asked_for(&mut ahead, ids);
        assert_eq!(reads.iter().filter(|read| **read > 1).count(), 2);
        assert_eq!(reads.len(), 20 + 3, "{reads:?}");
    }

    #[test]
    fn what_can_t_be_read_is_asked_for_again() {
        let mut ahead = OrdersAhead::of(vec![1, 2]);
        let failed = ahead.of_one(1, |_| Err(Error::other("busy")));
        assert_eq!(failed, Err(Error::other("busy")));
        assert_eq!(asked_for(&mut ahead, [1, 2].into_iter()), [1, 1]);
    }

    #[test]
    fn what_was_told_is_not_asked_again_and_errors_are() {
        forget();
        let told = |value: i64| Ok(Some(SettingValue::Int(value)));
        assert_eq!(
            setting("a", || Err(Error::other("busy"))),
            Err(Error::other("busy"))
        );
        assert_eq!(setting("a", || told(1)), told(1));
        assert_eq!(setting("a", || told(2)), told(1));
        assert_eq!(setting("none", || Ok(None)), Ok(None));
        assert_eq!(setting("none", || told(3)), Ok(None));
        forget_settings();
        assert_eq!(setting("a", || told(4)), told(4));
        forget();
        assert_eq!(setting("a", || told(5)), told(5));
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut known = Known::<usize, ()>::NOTHING;
        for id in 0..KEPT + 10 {
            known.keep(id, None);
        }
        assert_eq!(known.answers.len(), KEPT);
    }
}
