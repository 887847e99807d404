//! What can be read over a session.
//!
//! Owns: every statement that reads, one file for each part of the book.
//! A look-up of one member of a set that was read before reads its siblings
//! with it, so that a loop over the set costs one statement. A statement never
//! grows with the rows it is about: lists go in as one JSON parameter.
//!
//! Must not know: who asks, and whether they may.

mod access;
mod accounts;
pub(crate) mod ahead;
mod analyses;
mod audit;
mod by_use;
mod costs;
mod document;
mod experts;
mod fields;
mod integrity;
mod job_runs;
mod market;
mod orders;
mod paper;
mod plugins;
mod recommendations;
pub(crate) mod seen;
mod small_sets;
mod symbols;
mod transactions;

pub use access::AccessToken;
pub use accounts::AccountRow;
pub use analyses::StoredAnalysis;
pub use audit::{
    Audit, AuditQuery, AuditSums, Caller, Holder, LookUpLoop, Near, NearLimit, Outcome, Ranks,
};
pub use costs::PluginBill;
pub use experts::ExpertRow;
pub use job_runs::{JobRun, JobSchedule};
pub use plugins::InstalledPlugin;
pub use recommendations::StoredRecommendation;
pub use transactions::TransactionFilter;

/// The most rows that a set without paging may have.
const MAX_SET: usize = 10_000;

/// Things that one statement may name; more are read in chunks.
const CHUNK: usize = 100_000;
