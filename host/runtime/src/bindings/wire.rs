//! The types of the contract, on the host's side.
//!
//! Owns: the records and tables of what goes to a guest by the thousand, and of
//! what it names by the thousand. The macro would make each text in them a
//! `String`: an allocation for each row, only to be copied into the guest and
//! freed, or copied into a text of the host. Ours share the host's texts.
//! How they stand in a recording is derived here; the rest of the contract's
//! types have their form in `recording/forms.rs`.
//! Must not know: what is in them.

use std::borrow::Cow;
use std::sync::Arc;

use lombard_model as model;
use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

use crate::recording::forms;

#[expect(
    unreachable_pub,
    reason = "the generated bindings name them again as `pub`"
)]
pub use crate::bindings::made::types::*;

/// `transaction`.
#[derive(Clone, Debug, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    id: u64,
    expert: Option<u64>,
    #[serde(with = "forms::shared")]
    symbol: Arc<str>,
    side: Option<Side>,
    quantity: Decimal,
    #[component(name = "open-price")]
    open_price: Option<Decimal>,
    status: TransactionStatus,
    #[component(name = "created-at")]
    created_at: i64,
}

/// A name that lives as long as the process. (Written as a reference in a
/// field, serde would borrow it from what it reads.)
type Name = &'static str;

/// `order-status`.
#[derive(Clone, Debug, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct OrderStatus {
    phase: OrderPhase,
    #[serde(with = "forms::state_name")]
    name: Name,
}

/// `order`.
#[derive(Clone, Debug, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct Order {
    id: u64,
    transaction: u64,
    account: u64,
    #[serde(with = "forms::shared")]
    symbol: Arc<str>,
    side: Side,
    #[component(name = "order-type")]
    order_type: OrderType,
    status: OrderStatus,
    quantity: Decimal,
    #[component(name = "filled-quantity")]
    filled_quantity: Option<Decimal>,
    #[component(name = "fill-price")]
    fill_price: Option<Decimal>,
    #[component(name = "limit-price")]
    limit_price: Option<Decimal>,
    #[component(name = "stop-price")]
    stop_price: Option<Decimal>,
    #[component(name = "depends-on")]
    depends_on: Option<u64>,
    #[component(name = "created-at")]
    created_at: Option<i64>,
}

/// `instrument`.
#[derive(Clone, Debug, ComponentType, Lift, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    pub(crate) account: u64,
    #[serde(with = "forms::shared")]
    pub(crate) symbol: Arc<str>,
}

/// `quote`.
#[derive(Clone, Debug, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    pub(crate) instrument: Instrument,
    pub(crate) price: Option<Decimal>,
    #[component(name = "taken-at")]
    pub(crate) taken_at: Option<i64>,
}

/// `decimal-column`.
#[derive(Debug, Default, PartialEq, ComponentType, Lower)]
#[component(record)]
pub struct DecimalColumn {
    pub(crate) mantissas: Vec<i64>,
    pub(crate) scales: Vec<u8>,
}

/// `transaction-table`.
#[derive(Debug, Default, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct TransactionTable {
    #[serde(with = "forms::shared_list")]
    pub(crate) texts: Vec<Arc<str>>,
    pub(crate) ids: Vec<u64>,
    pub(crate) experts: Vec<u64>,
    pub(crate) symbols: Vec<u32>,
    pub(crate) sides: Vec<Option<Side>>,
    pub(crate) quantities: DecimalColumn,
    #[component(name = "open-prices")]
    pub(crate) open_prices: DecimalColumn,
    pub(crate) statuses: Vec<TransactionStatus>,
    #[component(name = "created-at")]
    pub(crate) created_at: Vec<i64>,
}

/// `order-table`.
#[derive(Debug, Default, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct OrderTable {
    #[serde(with = "forms::shared_list")]
    pub(crate) texts: Vec<Arc<str>>,
    pub(crate) ids: Vec<u64>,
    pub(crate) transactions: Vec<u64>,
    pub(crate) accounts: Vec<u64>,
    pub(crate) symbols: Vec<u32>,
    pub(crate) sides: Vec<Side>,
    #[component(name = "order-types")]
    pub(crate) order_types: Vec<OrderType>,
    pub(crate) phases: Vec<OrderPhase>,
    #[component(name = "status-names")]
    pub(crate) status_names: Vec<u32>,
    pub(crate) quantities: DecimalColumn,
    #[component(name = "filled-quantities")]
    pub(crate) filled_quantities: DecimalColumn,
    #[component(name = "fill-prices")]
    pub(crate) fill_prices: DecimalColumn,
    #[component(name = "limit-prices")]
    pub(crate) limit_prices: DecimalColumn,
    #[component(name = "stop-prices")]
    pub(crate) stop_prices: DecimalColumn,
    #[component(name = "depends-on")]
    pub(crate) depends_on: Vec<u64>,
    #[component(name = "created-at")]
    pub(crate) created_at: Vec<i64>,
}

/// `book-table`.
#[derive(Debug, Default, ComponentType, Lower, Serialize, Deserialize)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct BookTable {
    pub(crate) transactions: TransactionTable,
    pub(crate) orders: OrderTable,
}

/// The name of a state, which lives as long as the process.
pub(super) fn status_name(status: &model::OrderStatus) -> &'static str {
    match &status.name {
        Cow::Borrowed(name) => name,
        // The store only has states that have names of their own.
        Cow::Owned(_) => "unknown",
    }
}

impl From<&model::Transaction> for Transaction {
    fn from(one: &model::Transaction) -> Self {
        Self {
            id: one.id.get(),
            expert: one.expert.map(model::ExpertId::get),
            symbol: Arc::clone(one.symbol.shared()),
            side: one.side.map(Into::into),
            quantity: one.quantity.into(),
            open_price: one.open_price.map(Into::into),
            status: one.status.into(),
            created_at: one.created_at.as_micros(),
        }
    }
}

impl From<&model::Order> for Order {
    fn from(one: &model::Order) -> Self {
        Self {
            id: one.id.get(),
            transaction: one.transaction.get(),
            account: one.account.get(),
            symbol: Arc::clone(one.symbol.shared()),
            side: one.side.into(),
            order_type: one.order_type.into(),
            status: OrderStatus {
                phase: one.status.phase.into(),
                name: status_name(&one.status),
            },
            quantity: one.quantity.into(),
            filled_quantity: one.filled_quantity.map(Into::into),
            fill_price: one.fill_price.map(Into::into),
            limit_price: one.limit_price.map(Into::into),
            stop_price: one.stop_price.map(Into::into),
            depends_on: one.depends_on.map(model::OrderId::get),
            created_at: one.created_at.map(model::Timestamp::as_micros),
        }
    }
}
