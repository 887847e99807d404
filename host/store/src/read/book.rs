//! Transactions and their orders.
//!
//! Owns: their statements. These are the large sets of a render, so they come
//! as one JSON document and not as rows: a row costs a value to allocate for
//! each of its columns and often a wake-up of the reader, and a native
//! render of 2,000 transactions takes half the time without that.
//! Must not know: what is calculated of them.

use std::borrow::Cow;

use lombard_model::{
    ExpertId, Order, OrderId, OrderState, OrderType, Symbol, Timestamp, Transaction, TransactionId,
    TransactionStatus,
};
use serde::Deserialize;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use crate::columns::{Field, json_list};
use crate::{Session, StoreError};

/// Which transactions to read. Each part that is there narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
}

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
    fn read(self) -> Result<Transaction, StoreError> {
        let Self(id, expert, symbol, side, quantity, open_price, status, created_at) = self;
        let field = |column| Field::new("transactions", column, id);
        Ok(Transaction {
            id: field("id").id(id)?,
            expert: expert
                .map(|expert| field("expert_id").id(expert))
                .transpose()?,
            symbol: field("symbol").name(&symbol)?,
            side: field("side").opt_name(side.as_deref())?,
            quantity: field("quantity").decimal(&quantity)?,
            open_price: field("open_price").opt_decimal(open_price.as_deref())?,
            status: field("status").name(&status)?,
            created_at: Timestamp::from_micros(created_at),
        })
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
    fn read(self) -> Result<Order, StoreError> {
        let Self(id, transaction, account, symbol, side, order_type, status, ..) = &self;
        let Self(.., quantity, filled, fill_price, limit, stop, depends_on, created_at) = &self;
        let field = |column| Field::new("orders", column, *id);
        Ok(Order {
            id: field("id").id(*id)?,
            transaction: field("transaction_id").id(*transaction)?,
            account: field("account_id").id(*account)?,
            symbol: field("symbol").name(symbol)?,
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
    /// # Errors
    /// Where the database fails.
    pub async fn transactions(
        &mut self,
        filter: &TransactionFilter,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Vec<Transaction>, StoreError> {
        let statuses = filter.statuses.iter().map(|status| format!("\"{status}\""));
        let sql = select_transactions!(
            "WHERE status IN (SELECT value FROM json_each($1)) AND id > $2 \
             AND ($3 IS NULL OR expert_id = $3) AND ($4 IS NULL OR symbol = $4) \
             ORDER BY id LIMIT $5 + 0"
        );
        let query = sqlx::query(sql)
            .bind(json_list(statuses))
            .bind(after.map_or(0, TransactionId::to_i64))
            .bind(filter.expert.map(ExpertId::to_i64))
            .bind(
                filter
                    .symbol
                    .as_ref()
                    .map(|symbol| symbol.as_str().to_owned()),
            )
            .bind(i64::from(limit));
        let mut transactions = self.fetch_transactions(query).await?;
        // SQLite promises no order of what it aggregates; it has this one.
        transactions.sort_by_key(|transaction| transaction.id);
        Ok(transactions)
    }

    /// One transaction; none where there is no such id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn transaction(
        &mut self,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        let sql = select_transactions!("WHERE id = $1");
        let found = self
            .fetch_transactions(sqlx::query(sql).bind(id.to_i64()))
            .await?;
        Ok(found.into_iter().next())
    }

    /// All orders of all these transactions, by transaction, creation (unknown
    /// first), id; one statement, however many there are.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn orders_of(
        &mut self,
        transactions: &[TransactionId],
    ) -> Result<Vec<Order>, StoreError> {
        if transactions.is_empty() {
            return Ok(Vec::new());
        }
        let sql = select_orders!(
            "WHERE transaction_id IN (SELECT value FROM json_each($1)) \
             ORDER BY transaction_id, created_at, id"
        );
        let query = sqlx::query(sql).bind(json_list(transactions));
        let mut orders = self.fetch_orders(query).await?;
        // As above: it has this order already.
        orders.sort_by_key(|order| (order.transaction, order.created_at, order.id));
        Ok(orders)
    }

    /// One order; none where there is no such id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let sql = select_orders!("WHERE id = $1");
        let found = self
            .fetch_orders(sqlx::query(sql).bind(id.to_i64()))
            .await?;
        Ok(found.into_iter().next())
    }

    async fn fetch_transactions(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<Transaction>, StoreError> {
        let document = self.fetch_document(query).await?;
        let rows: Vec<TransactionRow<'_>> = parse("transactions", &document)?;
        self.count_rows(rows.len());
        rows.into_iter().map(TransactionRow::read).collect()
    }

    async fn fetch_orders(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<Order>, StoreError> {
        let document = self.fetch_document(query).await?;
        let rows: Vec<OrderRow<'_>> = parse("orders", &document)?;
        self.count_rows(rows.len());
        rows.into_iter().map(OrderRow::read).collect()
    }
}

fn parse<'t, T: Deserialize<'t>>(table: &'static str, document: &'t str) -> Result<T, StoreError> {
    serde_json::from_str(document).map_err(|fault| StoreError::Corrupt {
        table,
        column: "?".to_owned(),
        row: "?".to_owned(),
        fault: fault.to_string(),
    })
}
