//! Transactions and their orders.
//!
//! Owns: their statements. These are the large sets of a render, so they come
//! as one JSON document and not as rows: a row costs a value to allocate for
//! each of its columns and often a wake-up of the reader, and a native
//! render of 2,000 transactions takes half the time without that.
//! Must not know: what is calculated of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use lombard_model::{
    ExpertId, Order, OrderId, OrderState, OrderType, Symbol, Timestamp, Transaction, TransactionId,
    TransactionStatus,
};
use serde::Deserialize;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::CHUNK;
use crate::columns::{Field, json_list};
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

macro_rules! select_transactions {
    ($rest:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, expert_id, symbol, side, quantity, \
             open_price, status, created_at)) FROM (SELECT * FROM transactions ",
            $rest,
            ")"
        )
    };
}

macro_rules! select_orders {
    ($rest:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, transaction_id, account_id, symbol, side, \
             type, status, quantity, filled_quantity, fill_price, limit_price, stop_price, \
             depends_on, created_at)) FROM (SELECT * FROM orders ",
            $rest,
            ")"
        )
    };
}

type Text<'t> = Cow<'t, str>;

/// A transaction in the order of `select_transactions`.
#[derive(Deserialize)]
struct TransactionRow<'t>(
    i64,
    Option<i64>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Option<Text<'t>>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Option<Text<'t>>,
    #[serde(borrow)] Text<'t>,
    i64,
);

impl TransactionRow<'_> {
    fn read<'t>(&'t self, symbols: &mut Symbols<'t>) -> Result<Transaction, StoreError> {
        let Self(id, expert, symbol, side, quantity, open_price, status, created_at) = self;
        let field = |column| Field::new("transactions", column, *id);
        Ok(Transaction {
            id: field("id").id(*id)?,
            expert: expert
                .map(|expert| field("expert_id").id(expert))
                .transpose()?,
            symbol: symbols.get(field("symbol"), symbol)?,
            side: field("side").opt_name(side.as_deref())?,
            quantity: field("quantity").decimal(quantity)?,
            open_price: field("open_price").opt_decimal(open_price.as_deref())?,
            status: field("status").name(status)?,
            created_at: Timestamp::from_micros(*created_at),
        })
    }
}

/// The symbols of one document: the same few in many rows.
#[derive(Default)]
struct Symbols<'t>(HashMap<&'t str, Symbol>);

impl<'t> Symbols<'t> {
    fn get(&mut self, field: Field, text: &'t str) -> Result<Symbol, StoreError> {
        if let Some(symbol) = self.0.get(text) {
            return Ok(symbol.clone());
        }
        let symbol: Symbol = field.name(text)?;
        self.0.insert(text, symbol.clone());
        Ok(symbol)
    }
}

/// An order in the order of `select_orders`.
#[derive(Deserialize)]
struct OrderRow<'t>(
    i64,
    i64,
    i64,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Text<'t>,
    #[serde(borrow)] Option<Text<'t>>,
    #[serde(borrow)] Option<Text<'t>>,
    #[serde(borrow)] Option<Text<'t>>,
    #[serde(borrow)] Option<Text<'t>>,
    Option<i64>,
    Option<i64>,
);

impl OrderRow<'_> {
    fn read<'t>(&'t self, symbols: &mut Symbols<'t>) -> Result<Order, StoreError> {
        let Self(id, transaction, account, symbol, side, order_type, status, ..) = self;
        let Self(.., quantity, filled, fill_price, limit, stop, depends_on, created_at) = self;
        let field = |column| Field::new("orders", column, *id);
        Ok(Order {
            id: field("id").id(*id)?,
            transaction: field("transaction_id").id(*transaction)?,
            account: field("account_id").id(*account)?,
            symbol: symbols.get(field("symbol"), symbol)?,
            side: field("side").name(side)?,
            order_type: OrderType::from_platform_name(order_type),
            status: field("status").name::<OrderState>(status)?.into(),
            quantity: field("quantity").decimal(quantity)?,
            filled_quantity: field("filled_quantity").opt_decimal(filled.as_deref())?,
            fill_price: field("fill_price").opt_decimal(fill_price.as_deref())?,
            limit_price: field("limit_price").opt_decimal(limit.as_deref())?,
            stop_price: field("stop_price").opt_decimal(stop.as_deref())?,
            depends_on: depends_on
                .map(|order| field("depends_on").id(order))
                .transpose()?,
            created_at: created_at.map(Timestamp::from_micros),
        })
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
        let at_hand = |known: &mut Known| known.transactions.page(filter, after, rows);
        if let Some(page) = self.recall(at_hand) {
            return Ok(page);
        }
        self.open().await?;
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
        let statuses = filter.statuses.iter().map(|status| format!("\"{status}\""));
        let sql = select_transactions!(
            "WHERE status IN (SELECT value FROM json_each($1)) AND id > $2 \
             AND ($3 IS NULL OR expert_id = $3) AND ($4 IS NULL OR symbol = $4) \
             ORDER BY id LIMIT $5 + 0"
        );
        let symbol = filter.symbol.as_ref().map(|one| one.as_str().to_owned());
        let query = sqlx::query(sql)
            .bind(json_list(statuses))
            .bind(after.cast_signed())
            .bind(filter.expert.map(ExpertId::to_i64))
            .bind(symbol)
            .bind(i64::from(limit));
        let before = self.cost().bytes;
        let mut rows = self.fetch_transactions(query).await?;
        // SQLite promises no order of what it aggregates; it has this one.
        rows.sort_by_key(|transaction| transaction.id);
        let page = Page {
            after,
            is_last: u32::try_from(rows.len()).is_ok_and(|rows| rows < limit),
            rows: rows.into(),
        };
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
        let ids = rising(ids);
        let at_hand = |known: &mut Known| -> Option<Vec<Transaction>> {
            let found = ids.iter().map(|id| known.transactions.get(*id));
            let found: Option<Vec<_>> = found.collect();
            Some(found?.into_iter().flatten().collect())
        };
        if let Some(found) = self.recall(at_hand) {
            return Ok(found);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = known.orders.take_transactions();
            wanted.extend_from_slice(&ids);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| known.transactions.get(*id).is_none());
            wanted
        });
        let sql = select_transactions!("WHERE id IN (SELECT value FROM json_each($1))");
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let query = sqlx::query(sql).bind(json_list(wanted));
            let found = self.fetch_transactions(query).await?;
            self.remember(before, |known| known.transactions.put(wanted, found));
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    /// All orders of all these transactions, by transaction, creation (unknown
    /// first), id. Those of all transactions that were read are read with
    /// them.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn orders_of(
        &mut self,
        transactions: &[TransactionId],
    ) -> Result<Arc<[Order]>, StoreError> {
        if transactions.is_empty() {
            return Ok(Arc::default());
        }
        let ids = rising(transactions);
        if let Some(orders) = self.recall(|known| known.orders.of(&ids)) {
            return Ok(orders);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = known.transactions.take_ids();
            wanted.extend_from_slice(&ids);
            wanted.sort_unstable();
            wanted.dedup();
            known.orders.unknown(wanted)
        });
        let sql = select_orders!(
            "WHERE transaction_id IN (SELECT value FROM json_each($1)) \
             ORDER BY transaction_id, created_at, id LIMIT $2 + 0"
        );
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let query = sqlx::query(sql).bind(json_list(wanted));
            let mut orders = self.fetch_orders(query.bind(self.rows_left())).await?;
            // As above: it has this order already.
            orders.sort_by_key(|order| (order.transaction, order.created_at, order.id));
            self.remember(before, |known| {
                known.orders.put_of(wanted.into(), orders.into());
            });
        }
        let orders = self.known(|known| known.orders.of(&ids));
        Ok(orders.unwrap_or_default())
    }

    /// One order; none where there is no such id. Those that the orders that
    /// were read wait for are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let found = self.orders_by_id(&[id]).await?;
        Ok(found.into_iter().next())
    }

    /// These orders, by id, without those that are not there.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn orders_by_id(&mut self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        let ids = rising(ids);
        let at_hand = |known: &mut Known| -> Option<Vec<Order>> {
            let found = ids.iter().map(|id| known.orders.get(*id));
            let found: Option<Vec<_>> = found.collect();
            Some(found?.into_iter().flatten().collect())
        };
        if let Some(found) = self.recall(at_hand) {
            return Ok(found);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = known.orders.take_depends_on();
            wanted.extend_from_slice(&ids);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| known.orders.get(*id).is_none());
            wanted
        });
        let sql = select_orders!("WHERE id IN (SELECT value FROM json_each($1))");
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let found = self
                .fetch_orders(sqlx::query(sql).bind(json_list(wanted)))
                .await?;
            self.remember(before, |known| known.orders.put(wanted, found));
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    async fn fetch_transactions(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<Transaction>, StoreError> {
        let document = self.fetch_document(query).await?;
        let rows: Vec<TransactionRow<'_>> = parse("transactions", &document)?;
        self.count_rows(rows.len())?;
        let mut symbols = Symbols::default();
        rows.iter().map(|row| row.read(&mut symbols)).collect()
    }

    async fn fetch_orders(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<Order>, StoreError> {
        let document = self.fetch_document(query).await?;
        let rows: Vec<OrderRow<'_>> = parse("orders", &document)?;
        self.count_rows(rows.len())?;
        let mut symbols = Symbols::default();
        rows.iter().map(|row| row.read(&mut symbols)).collect()
    }
}

/// In rising order, each once.
fn rising<T: Copy + Ord>(ids: &[T]) -> Cow<'_, [T]> {
    if ids.is_sorted_by(|one, next| one < next) {
        return Cow::Borrowed(ids);
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Cow::Owned(ids)
}

fn parse<'t, T: Deserialize<'t>>(table: &'static str, document: &'t str) -> Result<T, StoreError> {
    serde_json::from_str(document).map_err(|fault| StoreError::Corrupt {
        table,
        column: "?".to_owned(),
        row: "?".to_owned(),
        fault: fault.to_string(),
    })
}
