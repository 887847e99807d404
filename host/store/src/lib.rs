//! The database of a Lombard host.
//!
//! Owns: the pool, the session that is lent to a call, the one writer, the
//! schema, and every SQL statement there is. It is the only place that
//! connects.
//!
//! Must not know: plugins' code, caches, brokers, settings' definitions.

mod bounds;
#[cfg_attr(
    not(feature = "shuttle"),
    expect(unreachable_pub, reason = "only the tests that explore it name it")
)]
mod changes;
mod columns;
mod copy;
mod error;
mod faults;
mod habits;
mod lease;
mod live;
mod location;
mod meter;
mod migrate;
mod options;
mod patience;
mod pen;
mod purpose;
mod read;
mod reads;
mod session;
mod snapshot;
mod store;
mod wal;
mod watch;
mod write;
mod writer;

pub use bounds::Bounds;
#[cfg(feature = "shuttle")]
pub use changes::Changes;
pub use changes::{Change, Changed, DataVersion};
pub use error::StoreError;
#[doc(hidden)]
pub use faults::{Fault, Faults, Point};
pub use live::LiveSession;
pub use location::Location;
pub use meter::{Meter, SessionCost};
pub use options::StoreOptions;
pub use purpose::Purpose;
pub use read::{
    AccessToken, AccountRow, Audit, AuditQuery, AuditSums, Caller, ExpertRow, Holder,
    InstalledPlugin, JobRun, JobSchedule, LookUpLoop, Near, NearLimit, Outcome, PluginBill, Ranks,
    StoredAnalysis, StoredRecommendation, TransactionFilter,
};
pub use session::{Session, SessionId};
pub use store::{PoolStatus, Store};
pub use write::{
    ImportReport, JobRunEnd, Keep, KeepRuns, NewAccessToken, NewAnalysis, NewJobRun, NewPlugin,
    SettingsOwner, SettingsTag, SettingsWrite,
};
pub use writer::{Writing, Written};
