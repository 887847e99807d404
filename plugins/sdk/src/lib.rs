//! What the author of a Lombard plugin depends on.
//!
//! Owns: the face of the host towards a plugin: [`Session`], [`settings`](mod@settings),
//! [`log`], the builder of views, and the two macros that make a component of a
//! trait implementation. Must not know: databases, brokers, or what a plugin
//! computes.
//!
//! A plugin is a trait implementation, a macro call and a `plugin.toml`:
//!
//! ```
//! use lombard_sdk::prelude::*;
//!
//! struct OpenTrades;
//!
//! impl Widget for OpenTrades {
//!     fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
//!         let open = session.transactions(&TransactionFilter::open())?;
//!         let mut table = table([("symbol", "Symbol", Kind::Text), ("size", "Size", Kind::Quantity)]);
//!         for trade in &open {
//!             table = table.row(trade.id.get(), (trade.symbol.as_str(), trade.quantity));
//!         }
//!         Ok(view("Open trades").table(table).build())
//!     }
//! }
//!
//! lombard_sdk::widget!(OpenTrades);
//! ```
//!
//! # Reading the book
//!
//! **Ask for sets.** [`Session`] has a table of which set call stands for which
//! look-up. `session.orders_of(&ids)` reads the orders of all trades with
//! one statement, over the boundary once. A look-up in a loop is mended as far as
//! that goes: experts, accounts and settings are asked for once, the orders of
//! the next trades are read ahead, and the host reads whole sets. What is left
//! crosses the boundary once a row.
//!
//! # Where things are
//!
//! | for | see |
//! | --- | --- |
//! | what the host lends | [`Session`], [`TransactionFilter`] |
//! | settings, declared as a struct | [`settings!`], [`settings`](mod@settings) |
//! | what a widget returns | [`view`](fn@view), [`table`], [`bars`], [`lines`], [`ViewBuilder`] |
//! | exact numbers | [`dec!`], [`decimals`], [`stats`] |
//! | words for the operator | [`info!`], [`warn!`], [`log`](mod@log) |
//! | what can go wrong | [`Error`]: `?` makes one of all that can |
//! | technical indicators | `indicators`, a feature |
//! | calendar days | [`time`] |

mod error;
mod export;
mod filter;
mod lift;
mod lower;
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
mod memory;
mod pages;
mod remembered;
mod session;
#[cfg(any(test, all(target_arch = "wasm32", feature = "allocator")))]
mod small;
mod tables;
mod view;

#[doc(hidden)]
pub mod bindings;
pub mod decimals;
#[cfg(feature = "indicators")]
pub mod indicators;
pub mod log;
pub mod settings;
pub mod stats;
pub mod time;

pub use error::{Error, SessionError, SettingsError};
#[doc(hidden)]
pub use export::__private;
pub use export::{AnalysisRequest, Expert, RenderRequest, Widget};
pub use filter::TransactionFilter;
pub use lombard_model as model;
pub use pages::TransactionPages;
pub use session::Session;
pub use view::{BarsBuilder, IntoCells, LinesBuilder, TableBuilder, ViewBuilder};
pub use view::{bars, lines, table, view};

/// What most plugins need, for `use lombard_sdk::prelude::*`.
pub mod prelude {
    pub use crate::view::{bars, lines, table, view};
    pub use crate::{
        AnalysisRequest, Error, Expert, RenderRequest, Session, TransactionFilter, Widget, dec,
        log, settings,
    };
    pub use lombard_model::view::{Block, Cell, Kind, View};
    pub use lombard_model::{
        AccountId, Action, Bar, Decimal, ExpertId, Instrument, OrderId, Recommendation, RiskLevel,
        SettingValue, Side, Symbol, TimeHorizon, Timestamp, TransactionId, TransactionStatus,
        UseCase,
    };
}

/// The pages of the book: their code is compiled with the examples of the SDK.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../../../docs/book/src/tutorial-widget.md")]
    struct TutorialWidget;

    #[doc = include_str!("../../../docs/book/src/tutorial-expert.md")]
    struct TutorialExpert;

    #[doc = include_str!("../../../docs/book/src/cookbook.md")]
    struct Cookbook;

    #[doc = include_str!("../../../docs/book/src/from-python.md")]
    struct FromPython;
}
