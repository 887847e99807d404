//! What can be read over a session.
//!
//! Owns: every statement that reads, one file for each part of the book, and
//! the rows that a session has in mind. A statement never grows with the rows
//! it is about: lists go in as one JSON parameter.
//!
//! Must not know: who asks, and whether they may.

mod accounts;
mod audit;
mod book;
mod costs;
mod experts;
mod market;
mod plugins;
mod recommendations;

use std::sync::Arc;

pub use accounts::AccountRow;
pub use audit::{
    Audit, AuditQuery, AuditSums, Caller, Holder, LookUpLoop, Near, NearLimit, Outcome, Ranks,
};
pub use book::TransactionFilter;
pub use costs::PluginBill;
pub use experts::ExpertRow;
pub use plugins::InstalledPlugin;
pub use recommendations::StoredRecommendation;

/// The most rows that a set without paging may have.
const MAX_SET: usize = 10_000;

/// The sets that a session has read whole, so that a look-up of their members
/// costs nothing. Of the session's snapshot, and gone with it.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    accounts: Option<Arc<[AccountRow]>>,
    experts: Option<Arc<[ExpertRow]>>,
}
