//! Orders that were read.
//!
//! Owns: of which transactions all orders are known. Must not know:
//! statements.

use std::collections::HashMap;
use std::sync::Arc;

use lombard_model::{AccountId, Instrument, Order, OrderId, TransactionId};

use super::ById;
use super::by_id::Row;

impl Row for Order {
    type Id = OrderId;

    fn id(&self) -> OrderId {
        self.id
    }
}

/// All orders of some transactions.
#[derive(Debug)]
struct OrdersOf {
    /// In rising order.
    transactions: Arc<[TransactionId]>,
    /// By transaction, creation, id.
    orders: Arc<[Order]>,
    /// Where those of each transaction end.
    ends: Box<[usize]>,
    /// Where each stands, once that was asked for.
    places: Option<HashMap<OrderId, usize>>,
}

impl OrdersOf {
    fn new(transactions: Arc<[TransactionId]>, orders: Arc<[Order]>) -> Self {
        let mut end = 0;
        let ends = transactions.iter().map(|transaction| {
            let rest = orders.get(end..).unwrap_or_default();
            end += rest
                .iter()
                .take_while(|order| order.transaction == *transaction)
                .count();
            end
        });
        Self {
            ends: ends.collect(),
            transactions,
            orders,
            places: None,
        }
    }

    /// The orders of one of them; none where it is none of them.
    fn of(&self, transaction: TransactionId) -> Option<&[Order]> {
        let at = self.transactions.binary_search(&transaction).ok()?;
        let start = at.checked_sub(1).map_or(Some(&0), |at| self.ends.get(at))?;
        self.orders.get(*start..*self.ends.get(at)?)
    }

    fn get(&mut self, id: OrderId) -> Option<&Order> {
        let places = self.places.get_or_insert_with(|| {
            let places = self.orders.iter().enumerate();
            places.map(|(at, order)| (order.id, at)).collect()
        });
        self.orders.get(*places.get(&id)?)
    }
}

/// What nobody has looked for yet of orders that were read.
#[derive(Debug, Default)]
struct Unresolved {
    accounts: Vec<Arc<[Order]>>,
    transactions: Vec<Arc<[Order]>>,
    depends_on: Vec<Arc<[Order]>>,
    instruments: Vec<Arc<[Order]>>,
}

/// Sets of orders, and single ones by id.
#[derive(Debug, Default)]
pub(crate) struct OrderSets {
    sets: Vec<OrdersOf>,
    /// Of one transaction each.
    small: HashMap<TransactionId, Arc<[Order]>>,
    single: ById<OrderId, Order>,
    unresolved: Unresolved,
}

impl OrderSets {
    /// All orders of these transactions, which are in rising order; none where
    /// they are not all known.
    pub(crate) fn of(&self, transactions: &[TransactionId]) -> Option<Arc<[Order]>> {
        let same = |set: &&OrdersOf| *set.transactions == *transactions;
        if let Some(set) = self.sets.iter().find(same) {
            return Some(Arc::clone(&set.orders));
        }
        if let [one] = transactions {
            return self.of_one(*one).map(Into::into);
        }
        let mut orders = Vec::new();
        for one in transactions {
            orders.extend_from_slice(self.of_one(*one)?);
        }
        Some(orders.into())
    }

    fn of_one(&self, transaction: TransactionId) -> Option<&[Order]> {
        let found = self.sets.iter().find_map(|set| set.of(transaction));
        found.or_else(|| self.small.get(&transaction).map(|orders| &**orders))
    }

    /// Those of these transactions whose orders are not known.
    pub(crate) fn unknown(
        &self,
        transactions: impl IntoIterator<Item = TransactionId>,
    ) -> Vec<TransactionId> {
        let unknown = |one: &TransactionId| self.of_one(*one).is_none();
        transactions.into_iter().filter(unknown).collect()
    }

    /// Keeps all orders of these transactions, both in order.
    pub(crate) fn put_of(&mut self, transactions: Arc<[TransactionId]>, orders: Arc<[Order]>) {
        self.note(&orders);
        if let [one] = *transactions {
            self.small.insert(one, orders);
            return;
        }
        self.sets.push(OrdersOf::new(transactions, orders));
    }

    /// One order: none where it is not known, none in it where it is absent.
    pub(crate) fn get(&mut self, id: OrderId) -> Option<Option<Order>> {
        let found = self.sets.iter_mut().find_map(|set| set.get(id));
        if let Some(order) = found {
            return Some(Some(order.clone()));
        }
        let single = self.single.get(id)?;
        Some(single.map(Arc::unwrap_or_clone))
    }

    pub(crate) fn put(&mut self, asked: &[OrderId], found: Vec<Order>) {
        self.note(&found.as_slice().into());
        self.single.put(asked, found);
    }

    fn note(&mut self, orders: &Arc<[Order]>) {
        let unresolved = &mut self.unresolved;
        for list in [
            &mut unresolved.accounts,
            &mut unresolved.transactions,
            &mut unresolved.depends_on,
            &mut unresolved.instruments,
        ] {
            list.push(Arc::clone(orders));
        }
    }

    /// The accounts of those that nobody has looked for yet.
    pub(crate) fn take_accounts(&mut self) -> Vec<AccountId> {
        taken(&mut self.unresolved.accounts, |order| Some(order.account))
    }

    /// The transactions of those that nobody has looked for yet.
    pub(crate) fn take_transactions(&mut self) -> Vec<TransactionId> {
        taken(&mut self.unresolved.transactions, |order| {
            Some(order.transaction)
        })
    }

    /// The orders that they wait for and nobody has looked for yet.
    pub(crate) fn take_depends_on(&mut self) -> Vec<OrderId> {
        taken(&mut self.unresolved.depends_on, |order| order.depends_on)
    }

    /// The instruments of those that nobody has looked for yet.
    pub(crate) fn take_instruments(&mut self) -> Vec<Instrument> {
        taken(&mut self.unresolved.instruments, |order| {
            Some(Instrument {
                account: order.account,
                symbol: order.symbol.clone(),
            })
        })
    }
}

fn taken<T: Ord>(lists: &mut Vec<Arc<[Order]>>, of: impl Fn(&Order) -> Option<T>) -> Vec<T> {
    let lists = std::mem::take(lists);
    let mut all: Vec<T> = lists
        .iter()
        .flat_map(|list| list.iter().filter_map(&of))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}
