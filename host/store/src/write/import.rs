//! Importing a dataset.
//!
//! Owns: making the rows that a document names equal to the document, in one
//! transaction. Settings that it gives are saved beside the others; the paper
//! prices of an account it names become exactly those it gives. Rows that it
//! does not name stay as they are.
//! Must not know: the form of a document.

use lombard_model::Timestamp;
use lombard_model::dataset::{
    AccountEntry, BarEntry, Dataset, Exact, ExpertEntry, OrderEntry, TransactionEntry,
};
use serde_json::{Value as Json, json};

use super::{CHUNK, json_rows};
use crate::columns::{canonical, json_list};
use crate::{Change, Store, StoreError, Writing, Written};

/// How many rows an import gave, and how many of these the database did not
/// have like that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Accounts in the document.
    pub accounts: u64,
    /// Expert instances in the document.
    pub experts: u64,
    /// Transactions in the document.
    pub transactions: u64,
    /// Orders in the document.
    pub orders: u64,
    /// Bars in the document.
    pub bars: u64,
    /// Rows that were new or different, prices and settings counted too.
    pub written: u64,
}

impl Store {
    /// Imports a dataset, all or nothing.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn import(&self, dataset: Dataset) -> Result<Written<ImportReport>, StoreError> {
        self.write(move |writing| Box::pin(import(writing, dataset)))
            .await
    }
}

async fn import(writing: &mut Writing<'_>, dataset: Dataset) -> Result<ImportReport, StoreError> {
    let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
    let written = accounts(writing, &dataset.accounts).await?
        + experts(writing, &dataset.experts).await?
        + put(writing, TRANSACTIONS, &dataset.transactions, transaction).await?
        + put(writing, ORDERS, &dataset.orders, order).await?
        + put(writing, BARS, &dataset.bars, bar).await?;
    Ok(ImportReport {
        accounts: count(dataset.accounts.len()),
        experts: count(dataset.experts.len()),
        transactions: count(dataset.transactions.len()),
        orders: count(dataset.orders.len()),
        bars: count(dataset.bars.len()),
        written,
    })
}

async fn put<T>(
    writing: &mut Writing<'_>,
    sql: &'static str,
    rows: &[T],
    row_of: fn(&T) -> Json,
) -> Result<u64, StoreError> {
    let mut written = 0;
    for chunk in rows.chunks(CHUNK) {
        let rows: Vec<_> = chunk.iter().map(row_of).collect();
        written += writing
            .execute(sqlx::query(sql).bind(json_rows(&rows)))
            .await?;
    }
    Ok(written)
}

async fn accounts(writing: &mut Writing<'_>, given: &[AccountEntry]) -> Result<u64, StoreError> {
    let mut written = put(writing, ACCOUNTS, given, |entry| {
        let balance = entry.balance.map(|Exact(cash)| canonical(cash));
        json!([
            entry.id,
            &*entry.name,
            &*entry.provider,
            &*entry.currency,
            balance
        ])
    })
    .await?;

    let prices: Vec<_> = given.iter().flat_map(prices).collect();
    let named = given.iter().map(|entry| entry.id);
    let stale = "DELETE FROM paper_prices WHERE account_id IN (SELECT value FROM json_each($1)) \
         AND (account_id, symbol) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($2))";
    let query = sqlx::query(stale)
        .bind(json_list(named))
        .bind(json_rows(&prices));
    written += writing.execute(query).await?;
    written += put(writing, PRICES, &prices, Json::clone).await?;

    let settings = given
        .iter()
        .flat_map(|entry| settings(entry.id.get(), entry.saved_settings()));
    written += put(
        writing,
        ACCOUNT_SETTINGS,
        &settings.collect::<Vec<_>>(),
        Json::clone,
    )
    .await?;
    for entry in given {
        writing.changes(Change::Account(entry.id));
    }
    Ok(written)
}

async fn experts(writing: &mut Writing<'_>, given: &[ExpertEntry]) -> Result<u64, StoreError> {
    let mut written = put(writing, EXPERTS, given, |entry| {
        json!([
            entry.id,
            entry.account_id,
            &*entry.plugin,
            entry.alias.as_deref(),
            i64::from(entry.enabled),
            canonical(entry.virtual_equity_pct.0),
        ])
    })
    .await?;
    let settings = given
        .iter()
        .flat_map(|entry| settings(entry.id.get(), entry.saved_settings()));
    written += put(
        writing,
        EXPERT_SETTINGS,
        &settings.collect::<Vec<_>>(),
        Json::clone,
    )
    .await?;
    for entry in given {
        writing.changes(Change::Expert(entry.id));
    }
    Ok(written)
}

fn prices(entry: &AccountEntry) -> impl Iterator<Item = Json> {
    entry.prices.iter().map(|(symbol, price)| {
        json!([entry.id, symbol, price.map(|Exact(price)| canonical(price))])
    })
}

fn settings(owner: u64, saved: lombard_model::SavedSettings) -> impl Iterator<Item = Json> {
    let of_owner = move |(key, value): (String, Json)| json!([owner, key, value.to_string()]);
    saved.into_iter().map(of_owner)
}

fn exact(number: Option<Exact>) -> Option<String> {
    number.map(|Exact(number)| canonical(number))
}

fn transaction(entry: &TransactionEntry) -> Json {
    json!([
        entry.id,
        entry.expert_id,
        entry.symbol,
        entry.side,
        canonical(entry.quantity.0),
        exact(entry.open_price),
        entry.status,
        entry.created_at.as_micros(),
        entry.note.as_deref(),
    ])
}

fn order(entry: &OrderEntry) -> Json {
    json!([
        entry.id,
        entry.transaction_id,
        entry.account_id,
        entry.symbol,
        entry.side,
        &*entry.order_type,
        entry.status,
        canonical(entry.quantity.0),
        exact(entry.filled_quantity),
        exact(entry.fill_price),
        exact(entry.limit_price),
        exact(entry.stop_price),
        entry.depends_on,
        entry.created_at.map(Timestamp::as_micros),
    ])
}

fn bar(entry: &BarEntry) -> Json {
    let price = |Exact(price): Exact| canonical(price);
    json!([
        entry.symbol,
        entry.date.as_micros(),
        price(entry.open),
        price(entry.high),
        price(entry.low),
        price(entry.close),
        price(entry.volume),
    ])
}

const ACCOUNTS: &str = "INSERT INTO accounts (id, name, provider, currency, paper_balance) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
     FROM json_each($1) WHERE true ON CONFLICT (id) DO UPDATE SET \
     (name, provider, currency, paper_balance) = \
     (excluded.name, excluded.provider, excluded.currency, excluded.paper_balance) \
     WHERE (name, provider, currency, paper_balance) IS NOT \
     (excluded.name, excluded.provider, excluded.currency, excluded.paper_balance)";

const PRICES: &str = "INSERT INTO paper_prices (account_id, symbol, price) \
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true \
     ON CONFLICT (account_id, symbol) DO UPDATE SET price = excluded.price \
     WHERE price IS NOT excluded.price";

const ACCOUNT_SETTINGS: &str = "INSERT INTO account_settings (account_id, key, value) \
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true \
     ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value \
     WHERE value <> excluded.value";

const EXPERTS: &str = "INSERT INTO expert_instances \
     (id, account_id, plugin, alias, enabled, virtual_equity_pct) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 \
     FROM json_each($1) WHERE true ON CONFLICT (id) DO UPDATE SET \
     (account_id, plugin, alias, enabled, virtual_equity_pct) = \
     (excluded.account_id, excluded.plugin, excluded.alias, excluded.enabled, \
     excluded.virtual_equity_pct) \
     WHERE (account_id, plugin, alias, enabled, virtual_equity_pct) IS NOT \
     (excluded.account_id, excluded.plugin, excluded.alias, excluded.enabled, \
     excluded.virtual_equity_pct)";

const EXPERT_SETTINGS: &str = "INSERT INTO expert_settings (expert_id, key, value) \
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true \
     ON CONFLICT (expert_id, key) DO UPDATE SET value = excluded.value \
     WHERE value <> excluded.value";

const TRANSACTIONS: &str = "INSERT INTO transactions \
     (id, expert_id, symbol, side, quantity, open_price, status, created_at, note) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
     value ->> 6, value ->> 7, value ->> 8 FROM json_each($1) WHERE true \
     ON CONFLICT (id) DO UPDATE SET \
     (expert_id, symbol, side, quantity, open_price, status, created_at, note) = \
     (excluded.expert_id, excluded.symbol, excluded.side, excluded.quantity, \
     excluded.open_price, excluded.status, excluded.created_at, excluded.note) \
     WHERE (expert_id, symbol, side, quantity, open_price, status, created_at, note) IS NOT \
     (excluded.expert_id, excluded.symbol, excluded.side, excluded.quantity, \
     excluded.open_price, excluded.status, excluded.created_at, excluded.note)";

const ORDERS: &str = "INSERT INTO orders \
     (id, transaction_id, account_id, symbol, side, type, status, quantity, filled_quantity, \
     fill_price, limit_price, stop_price, depends_on, created_at) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
     value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, \
     value ->> 12, value ->> 13 FROM json_each($1) WHERE true \
     ON CONFLICT (id) DO UPDATE SET \
     (transaction_id, account_id, symbol, side, type, status, quantity, filled_quantity, \
     fill_price, limit_price, stop_price, depends_on, created_at) = \
     (excluded.transaction_id, excluded.account_id, excluded.symbol, excluded.side, \
     excluded.type, excluded.status, excluded.quantity, excluded.filled_quantity, \
     excluded.fill_price, excluded.limit_price, excluded.stop_price, excluded.depends_on, \
     excluded.created_at) \
     WHERE (transaction_id, account_id, symbol, side, type, status, quantity, filled_quantity, \
     fill_price, limit_price, stop_price, depends_on, created_at) IS NOT \
     (excluded.transaction_id, excluded.account_id, excluded.symbol, excluded.side, \
     excluded.type, excluded.status, excluded.quantity, excluded.filled_quantity, \
     excluded.fill_price, excluded.limit_price, excluded.stop_price, excluded.depends_on, \
     excluded.created_at)";

const BARS: &str = "INSERT INTO bars (symbol, day, open, high, low, close, volume) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
     value ->> 6 FROM json_each($1) WHERE true ON CONFLICT (symbol, day) DO UPDATE SET \
     (open, high, low, close, volume) = \
     (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume) \
     WHERE (open, high, low, close, volume) IS NOT \
     (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)";
