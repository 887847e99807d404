//! The `lombard-dataset/1` document: accounts, experts, transactions, orders
//! and bars in one JSON file.
//!
//! Owns: its form, and the checks that a document holds together. A fault is
//! told with the path to it, such as `transactions[3].quantity`.
//! Must not know: databases.

mod check;
mod fields;

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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sound() -> Value {
        json!({
            "format": "lombard-dataset/1",
            "accounts": [{"id": 1, "name": "A", "provider": "paper", "currency": "USD",
                "settings": {}, "balance": "10.0", "prices": {"AAPL": "1.5"}}],
            "experts": [{"id": 1, "account_id": 1, "plugin": "p", "alias": null,
                "enabled": true, "virtual_equity_pct": "50", "settings": {}}],
            "transactions": [{"id": 1, "expert_id": 1, "symbol": "AAPL", "quantity": "1",
                "open_price": null, "status": "opened", "created_at": "2025-10-10T09:01:00Z"}],
            "orders": [{"id": 1, "transaction_id": 1, "account_id": 1, "symbol": "AAPL",
                "side": "buy", "type": "market", "status": "filled", "quantity": "1",
                "created_at": "2025-10-10T09:01:00Z"}],
            "bars": [{"symbol": "AAPL", "date": "2012-01-03", "open": "1", "high": "2",
                "low": "1", "close": "2", "volume": "10"}]
        })
    }

    fn fault(pointer: &str, value: Value) -> String {
        let mut document = sound();
        *document.pointer_mut(pointer).unwrap() = value;
        Dataset::read(document.to_string().as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_sound_document_is_read() {
        let dataset = Dataset::read(sound().to_string().as_bytes()).unwrap();
        assert_eq!(dataset.orders.len(), 1);
        assert_eq!(dataset.bars[0].date.to_day(), "2012-01-03");
    }

    #[test]
    fn a_fault_is_told_with_its_path() {
        for (pointer, value, path, words) in [
            (
                "/transactions/0/quantity",
                json!("1e40"),
                "transactions[0].quantity: ",
                "`1e40`",
            ),
            (
                "/transactions/0/quantity",
                json!("NaN"),
                "transactions[0].quantity: ",
                "`NaN`",
            ),
            (
                "/transactions/0/quantity",
                json!(1.5),
                "transactions[0].quantity: ",
                "a string",
            ),
            (
                "/orders/0/side",
                json!("long"),
                "orders[0].side: ",
                "unknown side",
            ),
            (
                "/orders/0/created_at",
                json!("today"),
                "orders[0].created_at: ",
                "`today`",
            ),
            (
                "/accounts/0/id",
                json!(0),
                "accounts[0].id: ",
                "0 is not an id",
            ),
            (
                "/accounts/0/prices/AAPL",
                json!("x"),
                "accounts[0].prices.AAPL: ",
                "`x`",
            ),
            (
                "/accounts/0/name",
                json!("a\u{1b}[2J"),
                "accounts[0].name: ",
                "control",
            ),
            (
                "/bars/0/date",
                json!("2012-1-3"),
                "bars[0].date: ",
                "`2012-1-3`",
            ),
            (
                "/format",
                json!("lombard-dataset/2"),
                "format: ",
                "lombard-dataset/1",
            ),
            (
                "/experts/0",
                json!({"id": 1}),
                "experts[0]: ",
                "missing field",
            ),
            (
                "/experts/0/account_id",
                json!(9),
                "experts[0].account_id: ",
                "no account 9",
            ),
            (
                "/transactions/0/expert_id",
                json!(9),
                "transactions[0].expert_id: ",
                "no expert 9",
            ),
            (
                "/orders/0/transaction_id",
                json!(9),
                "orders[0].transaction_id: ",
                "no transaction 9",
            ),
            (
                "/orders/0/account_id",
                json!(9),
                "orders[0].account_id: ",
                "no account 9",
            ),
        ] {
            let message = fault(pointer, value);
            assert!(
                message.starts_with(path) && message.contains(words),
                "{message}"
            );
        }
    }

    #[test]
    fn an_unknown_field_a_double_id_and_a_dangling_order_are_told() {
        let mut document = sound();
        document["orders"][0]["colour"] = json!("red");
        let message = Dataset::read(document.to_string().as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("orders[0].colour: unknown field"),
            "{message}"
        );

        let mut document = sound();
        let again = document["accounts"][0].clone();
        document["accounts"].as_array_mut().unwrap().push(again);
        let message = Dataset::read(document.to_string().as_bytes())
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("accounts[1].id: 1 stands"), "{message}");

        let mut document = sound();
        document["orders"][0]["depends_on"] = json!(7);
        let message = Dataset::read(document.to_string().as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("orders[0].depends_on: no order 7"),
            "{message}"
        );

        let mut document = sound();
        let again = document["bars"][0].clone();
        document["bars"].as_array_mut().unwrap().push(again);
        let message = Dataset::read(document.to_string().as_bytes())
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("bars[1]: "), "{message}");
    }

    #[test]
    fn a_key_that_stands_twice_is_told() {
        let text = sound()
            .to_string()
            .replace(r#""AAPL":"1.5""#, r#""AAPL":"1.5","AAPL":"2""#);
        let message = Dataset::read(text.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("`AAPL` stands twice"), "{message}");
    }

    #[test]
    fn nesting_without_end_is_refused_at_once() {
        let endless = std::io::repeat(b'[');
        assert!(Dataset::read(endless).is_err());
        let deep = format!(
            r#"{{"format":"lombard-dataset/1","accounts":[{{"settings":{{"a":{}"#,
            "[".repeat(1_000)
        );
        let message = Dataset::read(deep.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("recursion limit"), "{message}");
    }

    #[test]
    fn what_comes_after_the_document_is_refused() {
        let text = format!("{} []", sound());
        assert!(Dataset::read(text.as_bytes()).is_err());
        assert!(Dataset::read(&b""[..]).is_err());
        assert!(Dataset::read(&b"\xff\xfe"[..]).is_err());
    }
}
