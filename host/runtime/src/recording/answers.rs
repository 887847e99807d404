//! What each function of the host answers, as a recording has it.
//!
//! Owns: the form of an answer, and that a recorded one is of its function's
//! type before it is ever given to a guest. Must not know: who asked.

use lombard_model::{Exceeded, Limit};
use lombard_store::StoreError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::CallError;
use crate::bindings::session::{AccountPositions, PastRecommendation, SymbolBars};
use crate::bindings::settings::{Entry, Value};
use crate::bindings::types::{
    Account, Balance, Bar, BookTable, Expert, Order, OrderTable, Position, Quote, SessionError,
    SettingsError, Transaction, TransactionTable,
};

/// How a call into the host ended.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answered<T, E> {
    /// With this.
    Ok(T),
    /// With an error that the guest was told.
    Err(E),
    /// With a limit that the guest was told of, and may do without.
    Limited(Reached),
    /// With the end of the guest's call.
    Ended(Ended),
}

/// The error of a function that tells the guest of none.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Never {}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reached {
    limit: Limit,
    value: u64,
    asked: Option<u64>,
}

impl From<Exceeded> for Reached {
    fn from(exceeded: Exceeded) -> Self {
        let Exceeded {
            limit,
            value,
            asked,
        } = exceeded;
        Self {
            limit,
            value,
            asked,
        }
    }
}

impl From<Reached> for Exceeded {
    fn from(reached: Reached) -> Self {
        let Reached {
            limit,
            value,
            asked,
        } = reached;
        Self {
            limit,
            value,
            asked,
        }
    }
}

/// Why a guest's call ended in a call into the host.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ended {
    /// It reached a limit.
    Limit(Reached),
    /// The host could not go on.
    Broken(String),
}

impl Ended {
    /// None where the call begins anew.
    pub(super) fn of(error: &wasmtime::Error) -> Option<Self> {
        if let Some(StoreError::Moved { .. }) = error.downcast_ref() {
            return None;
        }
        Some(match error.downcast_ref::<Exceeded>() {
            Some(exceeded) => Self::Limit((*exceeded).into()),
            None => Self::Broken(error.root_cause().to_string()),
        })
    }

    pub(super) fn into_error(self) -> wasmtime::Error {
        match self {
            Self::Limit(reached) => Exceeded::from(reached).into(),
            Self::Broken(words) => wasmtime::Error::msg(words),
        }
    }
}

/// What a guest asked for that its recording does not have.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotRecorded(pub(crate) String);

impl From<&NotRecorded> for CallError {
    fn from(asked: &NotRecorded) -> Self {
        Self::NotRecorded(asked.0.clone())
    }
}

/// A fault in a recorded answer: where, in it, and what.
pub(super) type Fault = (String, String);

/// Checks that an answer is of its function's type.
pub(super) fn check(function: &str, answer: &str) -> Result<(), Fault> {
    match function {
        "session.as-of" => typed::<i64, Never>(answer),
        "session.transactions" | "session.transactions-by-id" => {
            typed::<Vec<Transaction>, SessionError>(answer)
        }
        "session.transaction-table" => {
            let table = of_session::<TransactionTable>(answer)?;
            sound(table, transactions_are_sound)
        }
        "session.transaction" => typed::<Option<Transaction>, SessionError>(answer),
        "session.orders-of" | "session.orders-by-id" => typed::<Vec<Order>, SessionError>(answer),
        "session.order-table" => sound(of_session::<OrderTable>(answer)?, orders_are_sound),
        "session.book-table" => sound(of_session::<BookTable>(answer)?, book_is_sound),
        "session.order" => typed::<Option<Order>, SessionError>(answer),
        "session.accounts" => typed::<Vec<Account>, SessionError>(answer),
        "session.account" => typed::<Option<Account>, SessionError>(answer),
        "session.balances" => typed::<Vec<Balance>, SessionError>(answer),
        "session.positions" => typed::<Vec<Position>, SessionError>(answer),
        "session.positions-of" => typed::<Vec<AccountPositions>, SessionError>(answer),
        "session.quotes" => typed::<Vec<Quote>, SessionError>(answer),
        "session.experts" => typed::<Vec<Expert>, SessionError>(answer),
        "session.expert" => typed::<Option<Expert>, SessionError>(answer),
        "session.bars" => typed::<Vec<Bar>, SessionError>(answer),
        "session.bars-of" => typed::<Vec<SymbolBars>, SessionError>(answer),
        "session.recommendations" | "session.recommendations-of" => {
            typed::<Vec<PastRecommendation>, SessionError>(answer)
        }
        "settings.get" | "settings.get-account" => typed::<Option<Value>, SettingsError>(answer),
        "settings.all" => typed::<Vec<Entry>, SettingsError>(answer),
        "settings.save" | "settings.replace" => typed::<(), SettingsError>(answer),
        "log.write" => typed::<(), Never>(answer),
        _ => Err((String::new(), "the host has no such function".to_owned())),
    }
}

/// Reads an answer of this type.
pub(super) fn read<T, E>(answer: &str) -> Result<Answered<T, E>, Fault>
where
    T: DeserializeOwned,
    E: DeserializeOwned,
{
    let mut json = serde_json::Deserializer::from_str(answer);
    let read = serde_path_to_error::deserialize(&mut json);
    read.map_err(|error| {
        let path = error.path().to_string();
        (path, error.into_inner().to_string())
    })
}

fn typed<T: DeserializeOwned, E: DeserializeOwned>(answer: &str) -> Result<(), Fault> {
    read::<T, E>(answer).map(drop)
}

fn of_session<T: DeserializeOwned>(answer: &str) -> Result<Answered<T, SessionError>, Fault> {
    read(answer)
}

fn sound<T, E>(answer: Answered<T, E>, is_sound: impl Fn(&T) -> bool) -> Result<(), Fault> {
    let fault = "the columns are not of one length, or name a text that is not there";
    match answer {
        Answered::Ok(table) if !is_sound(&table) => Err(("ok".to_owned(), fault.to_owned())),
        _ => Ok(()),
    }
}

fn book_is_sound(book: &BookTable) -> bool {
    let (transactions, orders) = (&book.transactions, &book.orders);
    transactions_are_sound(transactions)
        && orders.texts.is_empty()
        && order_columns_are_sound(orders, transactions.texts.len())
}

fn transactions_are_sound(table: &TransactionTable) -> bool {
    let rows = table.ids.len();
    let lengths = [
        table.experts.len(),
        table.symbols.len(),
        table.sides.len(),
        table.quantities.scales.len(),
        table.open_prices.scales.len(),
        table.statuses.len(),
        table.created_at.len(),
    ];
    lengths.iter().all(|length| *length == rows) && are_there(&table.symbols, table.texts.len())
}

fn orders_are_sound(table: &OrderTable) -> bool {
    order_columns_are_sound(table, table.texts.len())
}

fn order_columns_are_sound(table: &OrderTable, texts: usize) -> bool {
    let rows = table.ids.len();
    let lengths = [
        table.transactions.len(),
        table.accounts.len(),
        table.symbols.len(),
        table.sides.len(),
        table.order_types.len(),
        table.phases.len(),
        table.status_names.len(),
        table.quantities.scales.len(),
        table.filled_quantities.scales.len(),
        table.fill_prices.scales.len(),
        table.limit_prices.scales.len(),
        table.stop_prices.scales.len(),
        table.depends_on.len(),
        table.created_at.len(),
    ];
    lengths.iter().all(|length| *length == rows)
        && are_there(&table.symbols, texts)
        && are_there(&table.status_names, texts)
}

fn are_there(places: &[u32], texts: usize) -> bool {
    let is_there = |place: &u32| usize::try_from(*place).is_ok_and(|place| place < texts);
    places.iter().all(is_there)
}
