//! Transactions and their orders.
//!
//! Owns: their statements. Must not know: what is calculated of them.

use lombard_model::{
    ExpertId, Order, OrderId, OrderState, OrderType, Symbol, Transaction, TransactionId,
    TransactionStatus,
};
use sqlx::sqlite::SqliteRow;

use crate::columns::{Columns, json_list};
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
            "SELECT id, expert_id, symbol, side, quantity, open_price, status, created_at \
     FROM transactions ",
            $rest
        )
    };
}

macro_rules! select_orders {
    ($rest:literal) => {
        concat!(
            "SELECT id, transaction_id, account_id, symbol, side, type, status, \
     quantity, filled_quantity, fill_price, limit_price, stop_price, depends_on, created_at \
     FROM orders ",
            $rest
        )
    };
}

fn transaction(row: &SqliteRow) -> Result<Transaction, StoreError> {
    let columns = Columns::new(row, "transactions");
    Ok(Transaction {
        id: columns.id(0)?,
        expert: columns.opt_id(1)?,
        symbol: columns.symbol(2)?,
        side: columns.opt_name(3)?,
        quantity: columns.decimal(4)?,
        open_price: columns.opt_decimal(5)?,
        status: columns.name(6)?,
        created_at: columns.time(7)?,
    })
}

fn order(row: &SqliteRow) -> Result<Order, StoreError> {
    let columns = Columns::new(row, "orders");
    Ok(Order {
        id: columns.id(0)?,
        transaction: columns.id(1)?,
        account: columns.id(2)?,
        symbol: columns.symbol(3)?,
        side: columns.name(4)?,
        order_type: OrderType::from_platform_name(columns.text(5)?),
        status: columns.name::<OrderState>(6)?.into(),
        quantity: columns.decimal(7)?,
        filled_quantity: columns.opt_decimal(8)?,
        fill_price: columns.opt_decimal(9)?,
        limit_price: columns.opt_decimal(10)?,
        stop_price: columns.opt_decimal(11)?,
        depends_on: columns.opt_id(12)?,
        created_at: columns.opt_time(13)?,
    })
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
             ORDER BY id LIMIT $5"
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
        let rows = self.fetch(query).await?;
        rows.iter().map(transaction).collect()
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
        let rows = self.fetch(sqlx::query(sql).bind(id.to_i64())).await?;
        rows.first().map(transaction).transpose()
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
        let rows = self
            .fetch(sqlx::query(sql).bind(json_list(transactions)))
            .await?;
        rows.iter().map(order).collect()
    }

    /// One order; none where there is no such id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let sql = select_orders!("WHERE id = $1");
        let rows = self.fetch(sqlx::query(sql).bind(id.to_i64())).await?;
        rows.first().map(order).transpose()
    }
}
