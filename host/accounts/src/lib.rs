//! The one instance of every account and every expert, their settings and
//! their brokers.
//!
//! Owns: the instance caches, when a setting is stale, the definitions of the
//! settings that the host itself declares, and the broker providers.
//!
//! Must not know: SQL, plugins' code, WebAssembly.

mod accounts;
mod asking;
mod broker;
mod cache;
mod definitions;
mod error;
mod kinds;
mod shown;
mod warm;

pub use accounts::{Accounts, AccountsOptions, SettingsPatch};
pub use broker::{Holdings, Provider, provider, providers};
pub use cache::{AgeClock, CacheStats, Evictions, Instance, Loaded};
pub use definitions::{
    MISSED_RUNS, SCHEDULE_TIME_ZONE, account_definitions, expert_definitions, schedule_key,
};
pub use error::AccountsError;
pub use kinds::{AccountKind, AccountState, ExpertKind, ExpertState};
pub use shown::{SettingSource, ShownSetting};
pub use warm::{Warm, WarmProgress};
