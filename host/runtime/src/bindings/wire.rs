//! The types of the contract, on the host's side.
//!
//! Owns: the records and tables of what goes to a guest by the thousand. The
//! macro would make each text in them a `String`: an allocation for each row,
//! only to be copied into the guest and freed. Ours share the host's texts.
//! Must not know: what is in them.

use std::borrow::Cow;
use std::sync::Arc;

use lombard_model as model;
use wasmtime::component::{ComponentType, Lower};

#[expect(
    unreachable_pub,
    reason = "the generated bindings name them again as `pub`"
)]
pub use crate::bindings::made::types::*;

/// `transaction`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Transaction {
    id: u64,
    expert: Option<u64>,
    symbol: Arc<str>,
    side: Option<Side>,
    quantity: Decimal,
    #[component(name = "open-price")]
    open_price: Option<Decimal>,
    status: TransactionStatus,
    #[component(name = "created-at")]
    created_at: i64,
}

/// `order-status`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct OrderStatus {
    phase: OrderPhase,
    name: &'static str,
}

/// `order`.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Order {
    id: u64,
    transaction: u64,
    account: u64,
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

/// `decimal-column`.
#[derive(Debug, Default, ComponentType, Lower)]
#[component(record)]
pub struct DecimalColumn {
    pub(super) mantissas: Vec<i64>,
    pub(super) scales: Vec<u8>,
}

/// `transaction-table`.
#[derive(Debug, Default, ComponentType, Lower)]
#[component(record)]
pub struct TransactionTable {
    pub(super) texts: Vec<Arc<str>>,
    pub(super) ids: Vec<u64>,
    pub(super) experts: Vec<u64>,
    pub(super) symbols: Vec<u32>,
    pub(super) sides: Vec<Option<Side>>,
    pub(super) quantities: DecimalColumn,
    #[component(name = "open-prices")]
    pub(super) open_prices: DecimalColumn,
    pub(super) statuses: Vec<TransactionStatus>,
    #[component(name = "created-at")]
    pub(super) created_at: Vec<i64>,
}

/// `order-table`.
#[derive(Debug, Default, ComponentType, Lower)]
#[component(record)]
pub struct OrderTable {
    pub(super) texts: Vec<Arc<str>>,
    pub(super) ids: Vec<u64>,
    pub(super) transactions: Vec<u64>,
    pub(super) accounts: Vec<u64>,
    pub(super) symbols: Vec<u32>,
    pub(super) sides: Vec<Side>,
    #[component(name = "order-types")]
    pub(super) order_types: Vec<OrderType>,
    pub(super) phases: Vec<OrderPhase>,
    #[component(name = "status-names")]
    pub(super) status_names: Vec<u32>,
    pub(super) quantities: DecimalColumn,
    #[component(name = "filled-quantities")]
    pub(super) filled_quantities: DecimalColumn,
    #[component(name = "fill-prices")]
    pub(super) fill_prices: DecimalColumn,
    #[component(name = "limit-prices")]
    pub(super) limit_prices: DecimalColumn,
    #[component(name = "stop-prices")]
    pub(super) stop_prices: DecimalColumn,
    #[component(name = "depends-on")]
    pub(super) depends_on: Vec<u64>,
    #[component(name = "created-at")]
    pub(super) created_at: Vec<i64>,
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
            symbol: one.symbol.to_shared(),
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
            symbol: one.symbol.to_shared(),
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
