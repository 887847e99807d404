//! Transactions.
//!
//! Owns: which there are to ask for, and their statements.
//! Must not know: what is calculated of them.

use std::sync::Arc;

use lombard_model::{ExpertId, Symbol, Transaction, TransactionId, TransactionStatus};

use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::document::Listed;
use super::fields::Fields;
use crate::columns::json_list;
use crate::reads::{Known, Page};
use crate::{Session, StoreError};

/// Which transactions to read. Each part that is there narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransactionFilter {
    /// Those in one of these states; none of them finds none.
    pub statuses: Vec<TransactionStatus>,
    /// Those of this expert.
    pub expert: Option<ExpertId>,
    /// Those on this symbol.
    pub symbol: Option<Symbol>,
}

impl TransactionFilter {
    /// All that are open.
    #[must_use]
    pub fn open() -> Self {
        Self {
            statuses: TransactionStatus::OPEN.to_vec(),
            ..Self::default()
        }
    }

    /// The filter for all experts and symbols, where this one is for some.
    pub(crate) fn widened(&self) -> Option<Self> {
        let is_narrow = self.expert.is_some() || self.symbol.is_some();
        is_narrow.then(|| Self {
            statuses: self.statuses.clone(),
            ..Self::default()
        })
    }

    /// Whether a transaction in one of its states passes.
    pub(crate) fn passes(&self, one: &Transaction) -> bool {
        let expert = self.expert.is_none_or(|id| one.expert == Some(id));
        expert
            && self
                .symbol
                .as_ref()
                .is_none_or(|symbol| one.symbol == *symbol)
    }
}

/// Transactions that are read at once where they are asked for in smaller
/// pages, or for one expert or symbol after the other.
const AHEAD: u32 = 100_000;

/// What is read of transactions, in the order in which [`Listed::read`] takes
/// it.
macro_rules! list {
    ($from:expr) => {
        concat!(
            "(SELECT json_group_array(json_array(transactions.id, expert_id, symbol, side, \
             quantity, open_price, status, created_at)) FROM ",
            $from,
            ")"
        )
    };
}

/// Those that pass the filter `$1`, `$3`, `$4` behind the id `$2`.
macro_rules! passing {
    () => {
        "transactions WHERE status IN (SELECT value FROM json_each($1)) AND id > $2 \
         AND ($3 IS NULL OR expert_id = $3) AND ($4 IS NULL OR symbol = $4)"
    };
}

/// Those that pass a filter, by id, at most `$5` behind the id `$2`.
///
/// Sorting and limiting copies each row once more, a third of the time of the
/// statement. Where not even all ids there are could be more than the limit,
/// it is left out.
pub(super) const PAGE: &str = concat!(
    "SELECT CASE WHEN (SELECT max(id) FROM transactions) - $2 <= $5 THEN ",
    list!(passing!()),
    " ELSE ",
    list!(concat!(
        "(SELECT * FROM ",
        passing!(),
        " ORDER BY id LIMIT $5 + 0) AS transactions"
    )),
    " END"
);

pub(super) use passing;

/// Binds `$1` to `$5`.
pub(super) fn bind_page<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    filter: &TransactionFilter,
    after: u64,
    limit: u32,
) -> Query<'q, Sqlite, SqliteArguments> {
    let statuses = filter.statuses.iter().map(|status| format!("\"{status}\""));
    let symbol = filter.symbol.as_ref().map(|one| one.as_str().to_owned());
    query
        .bind(json_list(statuses))
        .bind(after.cast_signed())
        .bind(filter.expert.map(ExpertId::to_i64))
        .bind(symbol)
        .bind(i64::from(limit))
}

/// The page that these rows of it are.
pub(super) fn page_of(mut rows: Vec<Transaction>, after: u64, limit: u32) -> Page {
    // SQLite promises no order of what it aggregates.
    rows.sort_by_key(|transaction| transaction.id);
    Page {
        after,
        is_last: u32::try_from(rows.len()).is_ok_and(|rows| rows < limit),
        rows: rows.into(),
    }
}

impl Listed for Transaction {
    type Id = TransactionId;

    const TABLE: &'static str = "transactions";
    const BY_ID: &'static str = concat!(
        "SELECT ",
        list!("json_each($1) AS wanted CROSS JOIN transactions ON transactions.id = wanted.value")
    );

    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.key("id")?,
            expert: row.opt("expert_id", Fields::id)?,
            symbol: row.symbol("symbol")?,
            side: row.opt("side", Fields::name)?,
            quantity: row.decimal("quantity")?,
            open_price: row.opt("open_price", Fields::decimal)?,
            status: row.name("status")?,
            created_at: row.time("created_at")?,
        })
    }

    fn known(known: &mut Known, id: TransactionId) -> Option<Option<Self>> {
        known.transactions.get(id)
    }

    fn siblings(known: &mut Known) -> Vec<TransactionId> {
        known.orders.take_transactions()
    }

    fn keep(known: &mut Known, asked: &[TransactionId], found: Vec<Self>) {
        known.transactions.put(asked, found);
    }
}

impl Session {
    /// Transactions that pass the filter, by rising id, behind `after`, at
    /// most `limit`.
    ///
    /// Whoever goes on to a second page, or asks for a second expert or symbol
    /// alone, gets it out of a larger set that is read at once.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn transactions(
        &mut self,
        filter: &TransactionFilter,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Arc<[Transaction]>, StoreError> {
        let after = after.map_or(0, TransactionId::get);
        let rows = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut sorted = filter.clone();
        sorted.statuses.sort_unstable();
        sorted.statuses.dedup();
        let filter = &sorted;
        self.asked().page(filter, after, limit);
        let at_hand = |known: &mut Known| known.transactions.page(filter, after, rows);
        match self.at_hand(at_hand).await? {
            Some(page) => Ok(page),
            // What reads is not carried along by whoever need not, as in
            // `Session::open`.
            None => Box::pin(self.read_transactions(filter, after, limit)).await,
        }
    }

    async fn read_transactions(
        &mut self,
        filter: &TransactionFilter,
        after: u64,
        limit: u32,
    ) -> Result<Arc<[Transaction]>, StoreError> {
        let rows = usize::try_from(limit).unwrap_or(usize::MAX);
        let at_hand = |known: &mut Known| known.transactions.page(filter, after, rows);
        if self.known(|known| known.transactions.is_one_of_many(filter))
            && let Some(wide) = filter.widened()
        {
            self.read_page(wide, 0, AHEAD).await?;
            if let Some(page) = self.known(at_hand) {
                return Ok(page);
            }
        }
        let is_paged = self.known(|known| known.transactions.is_paged(filter, after));
        let ahead = if is_paged { limit.max(AHEAD) } else { limit };
        self.read_page(filter.clone(), after, ahead).await?;
        Ok(self.known(at_hand).unwrap_or_default())
    }

    async fn read_page(
        &mut self,
        filter: TransactionFilter,
        after: u64,
        limit: u32,
    ) -> Result<(), StoreError> {
        let query = bind_page(sqlx::query(PAGE), &filter, after, limit);
        let before = self.cost().bytes;
        let page = page_of(self.fetch_listed(query).await?, after, limit);
        self.remember(before, |known| known.transactions.put_page(filter, page));
        Ok(())
    }

    /// One transaction; none where there is no such id. Those of the orders
    /// that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn transaction(
        &mut self,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        let found = self.transactions_by_id(&[id]).await?;
        Ok(found.into_iter().next())
    }

    /// These transactions, by id, without those that are not there.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn transactions_by_id(
        &mut self,
        ids: &[TransactionId],
    ) -> Result<Vec<Transaction>, StoreError> {
        self.by_id(ids).await
    }
}
