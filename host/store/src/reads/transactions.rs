//! Transactions that were read.
//!
//! Owns: which pages are known, of which filter, and whether one page answers
//! for another. Must not know: statements.

use std::collections::HashMap;
use std::sync::Arc;

use lombard_model::{ExpertId, Transaction, TransactionId};

use super::ById;
use super::by_id::Row;
use crate::TransactionFilter;

impl Row for Transaction {
    type Id = TransactionId;

    fn id(&self) -> TransactionId {
        self.id
    }
}

/// The transactions of a filter behind an id, by id.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Those with a greater id; 0 for all.
    pub(crate) after: u64,
    pub(crate) rows: Arc<[Transaction]>,
    /// Whether there are no more behind them.
    pub(crate) is_last: bool,
}

impl Page {
    /// At most `limit` of them, behind `after`; none where they are not all
    /// known here.
    fn behind(&self, after: u64, limit: usize) -> Option<Arc<[Transaction]>> {
        if after < self.after {
            return None;
        }
        let start = self.rows.partition_point(|row| row.id.get() <= after);
        let rows = self.rows.get(start..)?;
        if rows.len() < limit && !self.is_last {
            return None;
        }
        let rows = rows.get(..limit).unwrap_or(rows);
        Some(match rows.len() == self.rows.len() {
            true => Arc::clone(&self.rows),
            false => rows.into(),
        })
    }
}

/// Pages by filter, and single ones by id.
#[derive(Debug, Default)]
pub(crate) struct TransactionSets {
    pages: HashMap<TransactionFilter, Vec<Page>>,
    single: ById<TransactionId, Transaction>,
    unresolved: Unresolved,
}

/// What nobody has looked for yet of transactions that were read.
#[derive(Debug, Default)]
struct Unresolved {
    orders: Vec<Arc<[Transaction]>>,
    experts: Vec<Arc<[Transaction]>>,
}

impl TransactionSets {
    /// A page, where it is known: as it is, or as part of a wider one.
    pub(crate) fn page(
        &self,
        filter: &TransactionFilter,
        after: u64,
        limit: usize,
    ) -> Option<Arc<[Transaction]>> {
        let own = self.pages.get(filter).into_iter().flatten();
        if let Some(rows) = own.filter_map(|page| page.behind(after, limit)).next() {
            return Some(rows);
        }
        let wide = filter.widened()?;
        let mut wide = self.pages.get(&wide)?.iter();
        let page = wide.find(|page| page.is_last && page.after <= after)?;
        let passes = |row: &&Transaction| row.id.get() > after && filter.passes(row);
        let rows = page.rows.iter().filter(passes).take(limit).cloned();
        Some(rows.collect())
    }

    /// Whether a page before this one was read: it is being paged through.
    pub(crate) fn is_paged(&self, filter: &TransactionFilter, after: u64) -> bool {
        let pages = self.pages.get(filter);
        pages.is_some_and(|pages| pages.iter().any(|page| page.after < after))
    }

    /// Whether the like was read of another expert or symbol, and all of them
    /// together were not tried yet.
    pub(crate) fn is_one_of_many(&self, filter: &TransactionFilter) -> bool {
        let Some(wide) = filter.widened() else {
            return false;
        };
        let alike = |other: &TransactionFilter| other.widened().as_ref() == Some(&wide);
        !self.pages.contains_key(&wide) && self.pages.keys().any(alike)
    }

    pub(crate) fn put_page(&mut self, filter: TransactionFilter, page: Page) {
        self.note(&page.rows);
        self.pages.entry(filter).or_default().push(page);
    }

    /// One transaction: none where it is not known, none in it where it is
    /// absent.
    pub(crate) fn get(&self, id: TransactionId) -> Option<Option<Transaction>> {
        for page in self.pages.values().flatten() {
            if let Ok(at) = page.rows.binary_search_by_key(&id, |row| row.id) {
                return page.rows.get(at).cloned().map(Some);
            }
        }
        let single = self.single.get(id)?;
        Some(single.map(Arc::unwrap_or_clone))
    }

    pub(crate) fn put(&mut self, asked: &[TransactionId], found: Vec<Transaction>) {
        self.note(&found.as_slice().into());
        self.single.put(asked, found);
    }

    /// Those whose orders nobody has looked for yet.
    pub(crate) fn take_ids(&mut self) -> Vec<TransactionId> {
        let lists = std::mem::take(&mut self.unresolved.orders);
        lists
            .iter()
            .flat_map(|rows| rows.iter().map(Row::id))
            .collect()
    }

    /// The experts of those that nobody has looked for yet.
    pub(crate) fn take_experts(&mut self) -> Vec<ExpertId> {
        let lists = std::mem::take(&mut self.unresolved.experts);
        let experts = lists
            .iter()
            .flat_map(|rows| rows.iter().filter_map(|row| row.expert));
        let mut experts: Vec<_> = experts.collect();
        experts.sort_unstable();
        experts.dedup();
        experts
    }

    fn note(&mut self, rows: &Arc<[Transaction]>) {
        self.unresolved.orders.push(Arc::clone(rows));
        self.unresolved.experts.push(Arc::clone(rows));
    }
}
