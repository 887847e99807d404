//! The values of the contract as they stand in a recording.
//!
//! Owns: their form, read back to exactly what was written: a decimal is a text
//! with as many places as it was given, a time is the contract's microseconds,
//! a word of an enum is the contract's in snake case. (The rows and tables that
//! go to a guest by the thousand derive theirs in `bindings/wire.rs`.)
//! Must not know: which call a value belongs to.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::numbers;
use crate::bindings::log::Level;
use crate::bindings::session::{
    AccountPositions, PastRecommendation, SymbolBars, TransactionFilter,
};
use crate::bindings::settings::{Entry, Value};
use crate::bindings::types::{
    Account, Balance, Bar, Decimal, DecimalColumn, Expert, OrderPhase, OrderType, Position,
    SessionError, SettingsError, Side, TransactionStatus, TransactionStatuses,
};

/// The scale of a decimal that is absent from its column.
const NO_SCALE: u8 = u8::MAX;

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&numbers::decimal_text(self.mantissa, self.scale))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (mantissa, scale) = numbers::decimal(&text).map_err(D::Error::custom)?;
        Ok(Self { mantissa, scale })
    }
}

impl Serialize for DecimalColumn {
    /// A list of decimals, null for one that is absent.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells = self.mantissas.iter().zip(&self.scales);
        serializer.collect_seq(cells.map(|(mantissa, scale)| {
            let (mantissa, scale) = (*mantissa, *scale);
            (scale != NO_SCALE).then_some(Decimal { mantissa, scale })
        }))
    }
}

impl<'de> Deserialize<'de> for DecimalColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let absent = Decimal {
            mantissa: 0,
            scale: NO_SCALE,
        };
        let cells = Vec::<Option<Decimal>>::deserialize(deserializer)?;
        let cells = cells.into_iter().map(|cell| cell.unwrap_or(absent));
        let (mantissas, scales) = cells.map(|cell| (cell.mantissa, cell.scale)).unzip();
        Ok(Self { mantissas, scales })
    }
}

/// Ties each word of an enum to its name.
macro_rules! words {
    ($( $type:ident { $( $variant:ident = $word:literal, )+ } )+) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self { $( Self::$variant => $word, )+ })
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match String::deserialize(deserializer)?.as_str() {
                    $( $word => Ok(Self::$variant), )+
                    other => Err(D::Error::unknown_variant(other, &[$( $word, )+])),
                }
            }
        }
    )+ };
}

words! {
    Side { Buy = "buy", Sell = "sell", }
    TransactionStatus {
        Waiting = "waiting", Opened = "opened", Closing = "closing", Closed = "closed",
    }
    OrderPhase { Unsent = "unsent", Working = "working", Filled = "filled", Ended = "ended", }
    OrderType {
        Market = "market", Limit = "limit", Stop = "stop", StopLimit = "stop_limit",
        TrailingStop = "trailing_stop", Other = "other",
    }
    Level { Debug = "debug", Info = "info", Warn = "warn", Error = "error", }
}

impl Serialize for TransactionStatuses {
    /// A list of the states in the set.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let states = [
            (Self::WAITING, "waiting"),
            (Self::OPENED, "opened"),
            (Self::CLOSING, "closing"),
            (Self::CLOSED, "closed"),
        ];
        let states = states.into_iter().filter(|(flag, _)| self.contains(*flag));
        serializer.collect_seq(states.map(|(_, word)| word))
    }
}

/// Gives each type the form of its namesake below, both ways.
macro_rules! formed {
    ($( $type:ident as $form:ident, )+) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $form::serialize(self, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $form::deserialize(deserializer)
            }
        }
    )+ };
}

formed! {
    Account as AccountForm,
    Expert as ExpertForm,
    Balance as BalanceForm,
    Position as PositionForm,
    Bar as BarForm,
    AccountPositions as AccountPositionsForm,
    SymbolBars as SymbolBarsForm,
    PastRecommendation as PastRecommendationForm,
    Entry as EntryForm,
    Value as ValueForm,
    SessionError as SessionErrorForm,
    SettingsError as SettingsErrorForm,
}

impl Serialize for TransactionFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TransactionFilterForm::serialize(self, serializer)
    }
}

#[derive(Serialize)]
#[serde(remote = "TransactionFilter")]
struct TransactionFilterForm {
    statuses: TransactionStatuses,
    expert: Option<u64>,
    symbol: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Account", deny_unknown_fields)]
struct AccountForm {
    id: u64,
    name: String,
    provider: String,
    currency: String,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Expert", deny_unknown_fields)]
struct ExpertForm {
    id: u64,
    account: u64,
    plugin: String,
    alias: Option<String>,
    enabled: bool,
    virtual_equity_percent: Decimal,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Balance", deny_unknown_fields)]
struct BalanceForm {
    account: u64,
    cash: Option<Decimal>,
    taken_at: Option<i64>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Position", deny_unknown_fields)]
struct PositionForm {
    symbol: String,
    quantity: Decimal,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Bar", deny_unknown_fields)]
struct BarForm {
    day: i64,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    volume: Decimal,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "AccountPositions", deny_unknown_fields)]
struct AccountPositionsForm {
    account: u64,
    positions: Option<Vec<Position>>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "SymbolBars", deny_unknown_fields)]
struct SymbolBarsForm {
    symbol: String,
    bars: Vec<Bar>,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "PastRecommendation", deny_unknown_fields)]
struct PastRecommendationForm {
    expert: u64,
    symbol: String,
    action: String,
    confidence: Decimal,
    created_at: i64,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Entry", deny_unknown_fields)]
struct EntryForm {
    key: String,
    value: Value,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Value", rename_all = "snake_case")]
enum ValueForm {
    Str(String),
    Int(i64),
    #[serde(with = "numbers::float")]
    Float(f64),
    Decimal(Decimal),
    Bool(bool),
    Json(String),
    List(Vec<String>),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "SessionError", rename_all = "snake_case")]
enum SessionErrorForm {
    Denied(String),
    Invalid(String),
    Limit(String),
    Unavailable(String),
    Other(String),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "SettingsError", rename_all = "snake_case")]
enum SettingsErrorForm {
    Undeclared(String),
    Denied(String),
    Invalid(String),
    NoAccount,
    Unavailable(String),
    Other(String),
}

/// A text that the host shares.
pub(crate) mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<Arc<str>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Ok(String::deserialize(deserializer)?.into())
    }
}

/// Texts that the host shares.
pub(crate) mod shared_list {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        texts: &[Arc<str>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(texts.iter().map(|text| &**text))
    }

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<Vec<Arc<str>>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Ok(texts.into_iter().map(Into::into).collect())
    }
}

/// The name of an order's state: one that the host has a word for.
pub(crate) mod state_name {
    use lombard_model::OrderState;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(name: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(name)
    }

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<&'static str, D::Error>
    where
        D: Deserializer<'de>,
    {
        let name = String::deserialize(deserializer)?;
        let state: OrderState = name.parse().map_err(D::Error::custom)?;
        Ok(state.as_str())
    }
}
