//! Orders.
//!
//! Owns: their statements. Must not know: what is calculated of them.

use std::sync::Arc;

use lombard_model::{Order, OrderId, OrderState, OrderType, TransactionId};

use super::CHUNK;
use super::document::{Listed, rising};
use super::fields::Fields;
use super::transactions::passing;
use crate::columns::json_list;
use crate::reads::Known;
use crate::{Session, StoreError};

/// What is read of orders, in the order in which [`Listed::read`] takes it.
macro_rules! list {
    ($from:expr) => {
        concat!(
            "(SELECT json_group_array(json_array(orders.id, transaction_id, account_id, symbol, \
             side, orders.type, status, quantity, filled_quantity, fill_price, limit_price, \
             stop_price, depends_on, created_at)) FROM ",
            $from,
            ")"
        )
    };
}

macro_rules! of_transactions {
    () => {
        "json_each($1) AS wanted CROSS JOIN orders ON orders.transaction_id = wanted.value"
    };
}

/// Those of the transactions `$1`, at most `$2`.
///
/// Limiting copies each row once more, a third of the time of the statement.
/// Where not even all ids there are could be more than the limit, it is left
/// out.
const OF_TRANSACTIONS: &str = concat!(
    "SELECT CASE WHEN (SELECT max(id) FROM orders) <= $2 THEN ",
    list!(of_transactions!()),
    " ELSE ",
    list!(concat!(
        "(SELECT orders.* FROM ",
        of_transactions!(),
        " LIMIT $2 + 0) AS orders"
    )),
    " END"
);

/// Those of a page of transactions, which `$1` to `$5` name as for the page
/// itself, at most `$6`.
pub(super) const OF_PAGE: &str = concat!(
    "SELECT CASE WHEN (SELECT max(id) FROM transactions) - $2 <= $5 \
     AND (SELECT max(id) FROM orders) <= $6 THEN ",
    list!(concat!(
        "(SELECT id FROM ",
        passing!(),
        ") AS wanted CROSS JOIN orders ON orders.transaction_id = wanted.id"
    )),
    " ELSE ",
    list!(concat!(
        "(SELECT orders.* FROM (SELECT id FROM ",
        passing!(),
        " ORDER BY id LIMIT $5 + 0) AS wanted \
         CROSS JOIN orders ON orders.transaction_id = wanted.id LIMIT $6 + 0) AS orders"
    )),
    " END"
);

/// By transaction, creation (unknown first), id.
pub(super) fn in_order(mut orders: Vec<Order>) -> Vec<Order> {
    // SQLite promises no order of what it aggregates.
    orders.sort_by_key(|order| (order.transaction, order.created_at, order.id));
    orders
}

impl Listed for Order {
    type Id = OrderId;

    const TABLE: &'static str = "orders";
    const BY_ID: &'static str = concat!(
        "SELECT ",
        list!("json_each($1) AS wanted CROSS JOIN orders ON orders.id = wanted.value")
    );

    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.key("id")?,
            transaction: row.id("transaction_id")?,
            account: row.id("account_id")?,
            symbol: row.symbol("symbol")?,
            side: row.name("side")?,
            order_type: OrderType::from_platform_name(&row.text("type")?),
            status: row.name::<OrderState>("status")?.into(),
            quantity: row.decimal("quantity")?,
            filled_quantity: row.opt("filled_quantity", Fields::decimal)?,
            fill_price: row.opt("fill_price", Fields::decimal)?,
            limit_price: row.opt("limit_price", Fields::decimal)?,
            stop_price: row.opt("stop_price", Fields::decimal)?,
            depends_on: row.opt("depends_on", Fields::id)?,
            created_at: row.opt("created_at", Fields::time)?,
        })
    }

    fn known(known: &mut Known, id: OrderId) -> Option<Option<Self>> {
        known.orders.get(id)
    }

    fn siblings(known: &mut Known) -> Vec<OrderId> {
        known.orders.take_depends_on()
    }

    fn keep(known: &mut Known, asked: &[OrderId], found: Vec<Self>) {
        known.orders.put(asked, found);
    }
}

impl Session {
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
        self.asked().orders();
        if let Some(orders) = self.at_hand(|known| known.orders.of(&ids)).await? {
            return Ok(orders);
        }
        let wanted = self.known(|known| {
            let mut wanted = known.transactions.take_ids();
            wanted.extend_from_slice(&ids);
            // Not by the unstable one: these are a few lists that are in order.
            wanted.sort();
            wanted.dedup();
            known.orders.unknown(wanted)
        });
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let query = sqlx::query(OF_TRANSACTIONS).bind(json_list(wanted));
            let query = query.bind(self.rows_left());
            let orders = in_order(self.fetch_listed(query).await?);
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
        self.by_id(ids).await
    }
}
