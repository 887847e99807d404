//! Many transactions, a page at a time.
//!
//! Owns: asking for the page behind the last one, of transactions and of a book.
//! Must not know: what becomes of a page.

use std::iter::FusedIterator;

use lombard_model::{Order, Transaction};

use crate::bindings::session as raw;
use crate::{Error, Session, remembered, tables};

/// The most rows of a page.
pub(crate) const MOST: u32 = 100_000;

/// Transactions, and the orders of all of them.
type Book = (Vec<Transaction>, Vec<Order>);

/// Pages of transactions, by rising id: each is read when it is asked for, and
/// none is kept. [`Session::pages_of_transactions`] begins them.
///
/// An error is the last item.
#[must_use = "nothing is read before a page is asked for"]
pub struct TransactionPages<'s> {
    session: &'s Session,
    filter: raw::TransactionFilter,
    /// The rows of a page.
    rows: u32,
    /// The last id of the page before.
    after: Option<u64>,
    is_over: bool,
}

impl<'s> TransactionPages<'s> {
    pub(crate) fn new(session: &'s Session, filter: raw::TransactionFilter, rows: u32) -> Self {
        Self {
            session,
            filter,
            rows: rows.min(MOST),
            after: None,
            is_over: false,
        }
    }

    fn read(&self) -> Result<Vec<Transaction>, Error> {
        let raw = self.session.raw();
        tables::transactions(&raw.transaction_table(&self.filter, self.after, self.rows)?)
    }
}

impl Iterator for TransactionPages<'_> {
    type Item = Result<Vec<Transaction>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let page = self.read();
        let Ok(transactions) = &page else {
            self.is_over = true;
            return Some(page);
        };
        // Fewer than were asked for: there are no more.
        self.is_over = u32::try_from(transactions.len()).is_ok_and(|rows| rows < self.rows);
        self.after = transactions.last().map(|last| last.id.get());
        remembered::listed(transactions.iter().map(|one| one.id.get()).collect());
        (!transactions.is_empty()).then_some(page)
    }
}

impl FusedIterator for TransactionPages<'_> {}

impl std::fmt::Debug for TransactionPages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransactionPages")
            .field("rows", &self.rows)
            .field("after", &self.after)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// The pages of `rows` rows that `read` gives behind an id, end to end.
pub(crate) fn book(
    rows: usize,
    read: impl Fn(Option<u64>) -> Result<Book, Error>,
) -> Result<Book, Error> {
    let (mut transactions, mut orders) = read(None)?;
    let mut page = transactions.len();
    while page == rows {
        let (more, of_them) = read(transactions.last().map(|last| last.id.get()))?;
        page = more.len();
        transactions.extend(more);
        orders.extend(of_them);
    }
    Ok((transactions, orders))
}

#[cfg(test)]
mod tests {
    use lombard_model::{
        Decimal, OrderState, OrderType, Side, Symbol, Timestamp, TransactionStatus,
    };

    use super::*;

    fn transaction(id: u64) -> Transaction {
        Transaction {
            id: id.try_into().unwrap(),
            expert: None,
            symbol: Symbol::new("AAPL").unwrap(),
            side: None,
            quantity: Decimal::ONE,
            open_price: None,
            status: TransactionStatus::Opened,
            created_at: Timestamp::from_micros(7),
        }
    }

    fn order(transaction: u64) -> Order {
        Order {
            id: (100 + transaction).try_into().unwrap(),
            transaction: transaction.try_into().unwrap(),
            account: 1_u64.try_into().unwrap(),
            symbol: Symbol::new("AAPL").unwrap(),
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

    /// Of so many transactions, each with an order, in pages of 3: the book, and
    /// behind what a page was asked for.
    fn book_of(transactions: u64) -> (Book, Vec<Option<u64>>) {
        let asked = std::cell::RefCell::new(Vec::new());
        let read = |after: Option<u64>| {
            asked.borrow_mut().push(after);
            let first = after.unwrap_or_default() + 1;
            let ids = || first..=transactions.min(first + 2);
            Ok((ids().map(transaction).collect(), ids().map(order).collect()))
        };
        let book = book(3, read).unwrap();
        (book, asked.into_inner())
    }

    #[test]
    fn the_pages_of_a_book_are_asked_for_to_its_end() {
        let pages: [(u64, &[Option<u64>]); 5] = [
            (0, &[None]),
            (2, &[None]),
            (3, &[None, Some(3)]),
            (5, &[None, Some(3)]),
            (6, &[None, Some(3), Some(6)]),
        ];
        for (transactions, expected) in pages {
            let ((read, orders), asked) = book_of(transactions);
            assert_eq!(asked, expected);
            assert_eq!(
                read,
                (1..=transactions).map(transaction).collect::<Vec<_>>()
            );
            assert_eq!(orders, (1..=transactions).map(order).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_page_that_fails_is_the_end_of_a_book() {
        let read = |after: Option<u64>| match after {
            None => Ok((vec![transaction(1)], vec![order(1)])),
            Some(_) => Err(Error::other("gone")),
        };
        assert_eq!(book(1, read), Err(Error::other("gone")));
    }
}
