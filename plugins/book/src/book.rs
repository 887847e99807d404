//! The open transactions and what their orders amount to.
//!
//! Owns: joining orders to transactions, the side of a transaction, positions
//! and what is still working. Must not know: prices, experts, views.

use lombard_model::{
    AccountId, Decimal, Instrument, Order, OrderPhase, Side, Symbol, Transaction, TransactionStatus,
};

use crate::order::{self, sorted_by_key};
use crate::position::{Fills, TooLarge, filled};
use crate::sums::{is_positive, minus};
use crate::warning::Cause;
use crate::{Position, Warning};

/// Whose transactions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holders {
    /// All, those made by hand too.
    Everyone,
    /// Those that belong to an expert.
    Experts,
}

impl Holders {
    pub(crate) const fn include(self, transaction: &Transaction) -> bool {
        matches!(self, Self::Everyone) || transaction.expert.is_some()
    }
}

/// The open transactions of a set, with their positions and working orders.
///
/// It borrows the records and copies none. Records may come in any order; the
/// one that the session gives them in is the fastest.
#[derive(Debug)]
pub struct Book<'a> {
    positions: Vec<Position<'a>>,
    pending: Vec<Pending<'a>>,
    faults: Vec<Fault<'a>>,
}

/// What a working order still binds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending<'a> {
    pub(crate) transaction: &'a Transaction,
    pub(crate) account: AccountId,
    pub(crate) rest: Decimal,
    /// Its limit, else its stop, else what the market gives.
    pub(crate) price: Option<Decimal>,
}

/// A part of a transaction that could not be counted.
#[derive(Clone, Debug)]
pub(crate) struct Fault<'a> {
    pub(crate) transaction: &'a Transaction,
    pub(crate) warning: Warning,
}

impl<'a> Book<'a> {
    /// Takes the open transactions of a set and their orders.
    ///
    /// Closed transactions are left out, and so are orders of transactions
    /// that are not in the set.
    #[must_use]
    pub fn of(transactions: &'a [Transaction], orders: &'a [Order]) -> Self {
        let mut book = Self {
            positions: Vec::with_capacity(transactions.len()),
            pending: Vec::new(),
            faults: Vec::new(),
        };
        let orders = sorted_by_key(orders.iter().collect(), |order| {
            (order.transaction, order.created_at, order.id)
        });
        let is_open = |transaction: &&Transaction| transaction.status != TransactionStatus::Closed;
        let open = transactions.iter().filter(is_open);
        let mut rest = orders.as_slice();
        let mut fills = Vec::new();
        for transaction in sorted_by_key(open.collect(), |transaction| transaction.id) {
            let others = count_at_front(rest, |order| order.transaction < transaction.id);
            rest = &rest[others..];
            let own = count_at_front(rest, |order| order.transaction == transaction.id);
            book.take(transaction, &rest[..own], &mut fills);
            rest = &rest[own..];
        }
        book
    }

    /// All positions, by transaction, then account.
    #[must_use]
    pub fn positions(&self) -> &[Position<'a>] {
        &self.positions
    }

    /// What brokers must be asked for to price the positions: each instrument
    /// once, by account, then symbol.
    #[must_use]
    pub fn instruments(&self, of: Holders) -> Vec<Instrument> {
        let counted = self.positions.iter().filter(|p| of.include(p.transaction));
        distinct(counted.map(|position| (position.account, position.transaction)))
    }

    /// What brokers must be asked for to price the working orders that have
    /// neither a limit nor a stop: each instrument once, by account, then
    /// symbol.
    #[must_use]
    pub fn pending_instruments(&self, of: Holders) -> Vec<Instrument> {
        let unpriced =
            |pending: &&Pending<'_>| pending.price.is_none() && of.include(pending.transaction);
        let counted = self.pending.iter().filter(unpriced);
        distinct(counted.map(|pending| (pending.account, pending.transaction)))
    }

    pub(crate) fn pending(&self) -> &[Pending<'a>] {
        &self.pending
    }

    pub(crate) fn warnings(&self, of: Holders) -> Vec<Warning> {
        let counted = self
            .faults
            .iter()
            .filter(|fault| of.include(fault.transaction));
        counted.map(|fault| fault.warning.clone()).collect()
    }

    /// `orders` are those of the transaction, the earliest first.
    fn take(
        &mut self,
        transaction: &'a Transaction,
        orders: &[&Order],
        fills: &mut Vec<(AccountId, Fills)>,
    ) {
        let earliest = orders.first().map(|order| order.side);
        let Some(side) = transaction.side.or(earliest) else {
            return;
        };
        fills.clear();
        for order in orders {
            self.take_fill(transaction, order, side, fills);
            if order.side == side && is_pending(order) {
                self.take_pending(transaction, order);
            }
        }
        // By account, so that the order of the orders does not show.
        *fills = sorted_by_key(std::mem::take(fills), |(account, _)| *account);
        for (account, fills) in fills {
            self.take_position(transaction, *account, side, fills);
        }
    }

    fn take_fill(
        &mut self,
        transaction: &'a Transaction,
        order: &Order,
        side: Side,
        fills: &mut Vec<(AccountId, Fills)>,
    ) {
        let filled = filled(order);
        if !is_positive(filled) {
            return;
        }
        let Some(price) = order.fill_price else {
            return self.fault(transaction, order.account, Cause::FillWithoutPrice);
        };
        // Nearly always one account: a scan beats a map.
        let at = fills
            .iter()
            .position(|(account, _)| *account == order.account);
        let at = at.unwrap_or_else(|| {
            fills.push((order.account, Fills::default()));
            fills.len() - 1
        });
        fills[at].1.count(order, filled, price, side);
    }

    fn take_position(
        &mut self,
        transaction: &'a Transaction,
        account: AccountId,
        side: Side,
        fills: &Fills,
    ) {
        match fills.position() {
            Ok(None) => {}
            Ok(Some((open, cost))) => self.positions.push(Position {
                transaction,
                account,
                side,
                open,
                cost,
            }),
            Err(TooLarge) => self.fault(transaction, account, Cause::TooLarge),
        }
    }

    fn take_pending(&mut self, transaction: &'a Transaction, order: &Order) {
        match minus(order.quantity, filled(order)) {
            Some(rest) if rest.is_zero() => {}
            Some(rest) => self.pending.push(Pending {
                transaction,
                account: order.account,
                rest,
                price: order.limit_price.or(order.stop_price),
            }),
            None => self.fault(transaction, order.account, Cause::TooLarge),
        }
    }

    fn fault(&mut self, transaction: &'a Transaction, account: AccountId, cause: Cause) {
        let warning = Warning::Transaction {
            transaction: transaction.id,
            account,
            cause,
        };
        self.faults.push(Fault {
            transaction,
            warning,
        });
    }
}

/// Whether an order may still be executed without another being so first.
fn is_pending(order: &Order) -> bool {
    order.status.phase == OrderPhase::Working && order.depends_on.is_none()
}

fn distinct<'a>(
    instruments: impl Iterator<Item = (AccountId, &'a Transaction)>,
) -> Vec<Instrument> {
    let mut instruments: Vec<_> = instruments
        .map(|(account, transaction)| (account, &transaction.symbol))
        .collect();
    // Neighbours are often alike, and then there is less to sort.
    instruments.dedup();
    let instruments = order::distinct(instruments);
    let owned = |(account, symbol): (AccountId, &Symbol)| Instrument {
        account,
        symbol: symbol.clone(),
    };
    instruments.into_iter().map(owned).collect()
}

/// How many at the front are of this kind.
///
/// Not by bisection: a transaction has few orders, and they are next.
fn count_at_front<T>(items: &[T], is: impl Fn(&T) -> bool) -> usize {
    items
        .iter()
        .position(|item| !is(item))
        .unwrap_or(items.len())
}
