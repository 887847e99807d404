//! The `lombard-dataset/1` document: accounts, experts, transactions, orders
//! and bars in one JSON file.
//!
//! Owns: its form, and the checks that a document holds together. A fault is
//! told with the path to it, such as `transactions[3].quantity`.
//! Must not know: databases.

mod check;
mod fields;
mod measured;
mod records;

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

pub use fields::{Exact, Unique, Word};

use crate::{
    AccountId, ExpertId, OrderId, OrderState, SavedSettings, Side, Symbol, Timestamp,
    TransactionId, TransactionStatus,
};

/// Why a document is not a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The document could not be read to its end.
    #[error("the document can't be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// Longer than a document may be.
    #[error("the document has more than {max} bytes", max = Dataset::MAX_LEN)]
    TooLong,
    /// Not JSON, or not of the form.
    #[error("{path}: {fault}")]
    Malformed {
        /// Where in the document, `.` for the whole of it.
        path: String,
        /// What is wrong there.
        fault: String,
    },
    /// A row contradicts another.
    #[error("{path}: {fault}")]
    Inconsistent {
        /// Where in the document.
        path: String,
        /// What is wrong there.
        fault: String,
    },
}

/// An account with what the paper broker knows of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    /// Its id.
    pub id: AccountId,
    /// Its name for people.
    pub name: Word<200>,
    /// Its broker's provider.
    pub provider: Word<64>,
    /// ISO 4217 code of its cash.
    pub currency: Word<8>,
    /// Its settings, typed by the provider's definitions.
    #[serde(default)]
    pub settings: Unique<String, serde_json::Value>,
    /// The paper broker's cash balance.
    #[serde(default)]
    pub balance: Option<Exact>,
    /// The paper broker's current prices.
    #[serde(default)]
    pub prices: Unique<Symbol, Option<Exact>>,
}

/// An expert instance.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertEntry {
    /// Its id.
    pub id: ExpertId,
    /// The account it works for.
    pub account_id: AccountId,
    /// The plugin it is an instance of; it need not be installed.
    pub plugin: Word<64>,
    /// The name people gave it.
    #[serde(default)]
    pub alias: Option<Word<200>>,
    /// Whether it may run.
    pub enabled: bool,
    /// The share of the account's balance it may use, in percent.
    pub virtual_equity_pct: Exact,
    /// Its settings, typed by the definitions of host and plugin.
    #[serde(default)]
    pub settings: Unique<String, serde_json::Value>,
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionEntry {
    /// Its id.
    pub id: TransactionId,
    /// The expert it belongs to.
    #[serde(default)]
    pub expert_id: Option<ExpertId>,
    /// The instrument.
    pub symbol: Symbol,
    /// Which way it goes, where that was said.
    #[serde(default)]
    pub side: Option<Side>,
    /// How much was meant to be traded.
    pub quantity: Exact,
    /// The price it was meant to open at.
    #[serde(default)]
    pub open_price: Option<Exact>,
    /// Where it stands.
    pub status: TransactionStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Words about it.
    #[serde(default)]
    pub note: Option<Word<10_000, true>>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderEntry {
    /// Its id.
    pub id: OrderId,
    /// The transaction it belongs to.
    pub transaction_id: TransactionId,
    /// The account it is booked to.
    pub account_id: AccountId,
    /// The instrument.
    pub symbol: Symbol,
    /// Which way it goes.
    pub side: Side,
    /// The platform's name for how it is to be executed, such as `sell_limit`.
    #[serde(rename = "type")]
    pub order_type: Word<64>,
    /// Where it stands.
    pub status: OrderState,
    /// How much it asks for.
    pub quantity: Exact,
    /// How much of it was executed.
    #[serde(default)]
    pub filled_quantity: Option<Exact>,
    /// The average price of what was executed.
    #[serde(default)]
    pub fill_price: Option<Exact>,
    /// Its limit.
    #[serde(default)]
    pub limit_price: Option<Exact>,
    /// Its stop.
    #[serde(default)]
    pub stop_price: Option<Exact>,
    /// The order that has to be executed before this one is sent.
    #[serde(default)]
    pub depends_on: Option<OrderId>,
    /// When it was made, where that is known.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// A daily bar.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BarEntry {
    /// The instrument.
    pub symbol: Symbol,
    /// The trading day, as `2012-01-03`.
    #[serde(deserialize_with = "fields::day")]
    pub date: Timestamp,
    /// First price.
    pub open: Exact,
    /// Highest price.
    pub high: Exact,
    /// Lowest price.
    pub low: Exact,
    /// Last price.
    pub close: Exact,
    /// How much was traded.
    pub volume: Exact,
}

/// A document that holds together: no id twice, none dangling.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// The accounts.
    pub accounts: Vec<AccountEntry>,
    /// The expert instances.
    pub experts: Vec<ExpertEntry>,
    /// The transactions.
    pub transactions: Vec<TransactionEntry>,
    /// The orders.
    pub orders: Vec<OrderEntry>,
    /// The daily bars.
    pub bars: Vec<BarEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format", deserialize_with = "fields::format")]
    _format: (),
    accounts: Vec<AccountEntry>,
    experts: Vec<ExpertEntry>,
    transactions: Vec<TransactionEntry>,
    orders: Vec<OrderEntry>,
    #[serde(default)]
    bars: Vec<BarEntry>,
}

impl Dataset {
    /// The longest document, in bytes.
    pub const MAX_LEN: u64 = 1 << 30;

    /// Reads a document as it comes, without holding its text.
    ///
    /// # Errors
    /// The first fault, with the path to it.
    pub fn read(source: impl Read) -> Result<Self, DatasetError> {
        let mut source = source.take(Self::MAX_LEN);
        let buffered = std::io::BufReader::new(source.by_ref());
        let mut json = serde_json::Deserializer::from_reader(buffered);
        let document = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| {
                let path = error.path().to_string();
                told(path, error.into_inner())
            })
            .and_then(|document: Document| match json.end() {
                Ok(()) => Ok(document),
                Err(error) => Err(told(".".to_owned(), error)),
            });
        if source.limit() == 0 {
            return Err(DatasetError::TooLong);
        }
        let document = document?;
        let dataset = Self {
            accounts: document.accounts,
            experts: document.experts,
            transactions: document.transactions,
            orders: document.orders,
            bars: document.bars,
        };
        check::check(&dataset)?;
        Ok(dataset)
    }
}

impl AccountEntry {
    /// The settings the document gives it.
    #[must_use]
    pub fn saved_settings(&self) -> SavedSettings {
        saved(&self.settings)
    }
}

impl ExpertEntry {
    /// The settings the document gives it.
    #[must_use]
    pub fn saved_settings(&self) -> SavedSettings {
        saved(&self.settings)
    }
}

fn saved(settings: &BTreeMap<String, serde_json::Value>) -> SavedSettings {
    // `null` in a document is a setting that was never saved.
    let set = settings.iter().filter(|(_, value)| !value.is_null());
    set.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn told(path: String, error: serde_json::Error) -> DatasetError {
    if error.is_io() {
        return DatasetError::Unreadable(error.into());
    }
    DatasetError::Malformed {
        path,
        fault: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
