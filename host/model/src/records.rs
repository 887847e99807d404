//! The records of the book, as both sides of the boundary hold them.
//!
//! Owns: their shape. Must not know: where they are read from or what is
//! calculated of them.

use crate::{
    AccountId, Decimal, ExpertId, OrderId, OrderStatus, OrderType, Side, Symbol, Timestamp,
    TransactionId, TransactionStatus,
};

/// An account at a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name for the host.
    pub id: AccountId,
    /// Its name for people. Two accounts may share one.
    pub name: String,
    /// The broker's provider, such as `paper`.
    pub provider: String,
    /// ISO 4217 code of its cash.
    pub currency: String,
}

/// An instance of an expert plugin, working for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expert {
    /// Its name for the host.
    pub id: ExpertId,
    /// The account it works for.
    pub account: AccountId,
    /// The plugin it is an instance of. It need not be installed.
    pub plugin: String,
    /// The name people gave it.
    pub alias: Option<String>,
    /// Whether it may run.
    pub enabled: bool,
    /// The share of the account's balance it may use, in percent. 0 is 0.
    pub virtual_equity_percent: Decimal,
}

impl Expert {
    /// What people call it: `{alias or plugin}-{id}`.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.alias.as_deref().unwrap_or(&self.plugin);
        format!("{name}-{}", self.id)
    }
}

/// One trade from its entry to its exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its name for the host.
    pub id: TransactionId,
    /// The expert it belongs to; absent for a trade by hand.
    pub expert: Option<ExpertId>,
    /// The instrument.
    pub symbol: Symbol,
    /// Which way it goes, where that was said.
    pub side: Option<Side>,
    /// How much was meant to be traded.
    pub quantity: Decimal,
    /// The price it was meant to open at.
    pub open_price: Option<Decimal>,
    /// Where it stands.
    pub status: TransactionStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An order at a broker, or on its way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its name for the host.
    pub id: OrderId,
    /// The transaction it belongs to.
    pub transaction: TransactionId,
    /// The account it is booked to.
    pub account: AccountId,
    /// The instrument.
    pub symbol: Symbol,
    /// Which way it goes.
    pub side: Side,
    /// How it is to be executed.
    pub order_type: OrderType,
    /// Where it stands.
    pub status: OrderStatus,
    /// How much it asks for.
    pub quantity: Decimal,
    /// How much of it was executed, where the broker said.
    pub filled_quantity: Option<Decimal>,
    /// The average price of what was executed.
    pub fill_price: Option<Decimal>,
    /// Its limit, where it has one.
    pub limit_price: Option<Decimal>,
    /// Its stop, where it has one.
    pub stop_price: Option<Decimal>,
    /// The order that has to be executed before this one is sent.
    pub depends_on: Option<OrderId>,
    /// When it was made, where that is known.
    pub created_at: Option<Timestamp>,
}

/// An instrument as one account sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instrument {
    /// The account whose broker is asked.
    pub account: AccountId,
    /// The symbol at that broker.
    pub symbol: Symbol,
}

/// What a broker gives for an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The instrument that was asked for.
    pub instrument: Instrument,
    /// The price, above 0; absent where there is none.
    pub price: Option<Decimal>,
    /// When the broker took it, where its figures have a time of their own.
    pub taken_at: Option<Timestamp>,
}

/// The cash of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account that was asked for.
    pub account: AccountId,
    /// The cash; absent where the broker can't be reached.
    pub cash: Option<Decimal>,
    /// When the broker took it, where its figures have a time of their own.
    pub taken_at: Option<Timestamp>,
}

/// What an account holds of a symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The symbol.
    pub symbol: Symbol,
    /// Above 0 long, below 0 short, never 0.
    pub quantity: Decimal,
}

/// What was traded of a symbol on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Midnight UTC of the trading day.
    pub day: Timestamp,
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Last price.
    pub close: Decimal,
    /// How much was traded, in units of the instrument.
    pub volume: Decimal,
}

/// A recommendation that an expert made earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRecommendation {
    /// The expert that made it.
    pub expert: ExpertId,
    /// What it was about.
    pub symbol: Symbol,
    /// `buy`, `sell` or `hold`.
    pub action: crate::Action,
    /// How sure the expert was, 0 to 100.
    pub confidence: Decimal,
    /// When the analysis was asked for.
    pub created_at: Timestamp,
}
