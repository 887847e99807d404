//! Many transactions, a page at a time.
//!
//! Owns: asking for the page behind the last one. Must not know: what becomes of
//! a page.

use std::iter::FusedIterator;

use lombard_model::Transaction;

use crate::bindings::session as raw;
use crate::{Error, Session, remembered, tables};

/// The most rows of a page.
pub(crate) const MOST: u32 = 100_000;

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
