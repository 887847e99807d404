//! The words and values of a Lombard host.
//!
//! Owns: ids, decimals, time, the enums and records of the book, settings and
//! their definitions, grants, manifests, views, recommendations and the cost of
//! a call. Plugins compile it too (without the `host` feature), so that both
//! sides of the boundary mean the same by the same word.
//!
//! Must not know: databases, WebAssembly, clocks, files. No I/O, no async.

mod decimal;
mod enums;
mod ids;
mod named;
mod recommendation;
mod records;
mod settings;
mod symbol;
mod time;
pub mod view;

#[cfg(feature = "host")]
mod access;
#[cfg(feature = "host")]
mod cost;
#[cfg(feature = "host")]
pub mod dataset;
#[cfg(feature = "host")]
mod grants;
#[cfg(feature = "host")]
mod jobs;
#[cfg(feature = "host")]
mod limits;
#[cfg(feature = "host")]
mod manifest;
#[cfg(feature = "host")]
mod nesting;
#[cfg(feature = "host")]
mod schedule;
#[cfg(feature = "host")]
mod scope;

#[cfg(feature = "host")]
pub use access::Role;
pub use decimal::{Decimal, DecimalError, WireDecimal, parse_decimal};
pub use enums::{OrderPhase, OrderState, OrderStatus, OrderType, Side, TransactionStatus};
pub use ids::{
    AccessTokenId, AccountId, AnalysisId, ExpertId, IdError, OrderId, RecommendationId,
    TransactionId,
};
pub use named::UnknownName;
pub use recommendation::{
    Action, Recommendation, RecommendationError, RiskLevel, TimeHorizon, UseCase,
    check_recommendations,
};
pub use records::{
    Account, Balance, Bar, Expert, Instrument, Order, PastRecommendation, Position, Quote,
    Transaction,
};
pub use settings::SettingValue;
#[cfg(feature = "host")]
pub use settings::{
    Definitions, SavedSettings, SettingDefinition, SettingError, SettingFormat, SettingType,
    Settings,
};
pub use symbol::{Symbol, SymbolError};
pub use time::{Timestamp, TimestampError};

#[cfg(feature = "host")]
pub use cost::{CallCost, CallId, CallOutcome, CallRecord, LookUp, LookUps, RunId};
#[cfg(feature = "host")]
pub use grants::{Grant, GrantError, Grants};
#[cfg(feature = "host")]
pub use jobs::{JobId, JobIdError, JobOutcome, JobRunId, JobTrigger, MissedPolicy};
#[cfg(feature = "host")]
pub use limits::{Exceeded, Limit, LimitError, Limits, SetLimits, checked_limit, parse_limit};
#[cfg(feature = "host")]
pub use manifest::{Digest, Manifest, ManifestError, PluginKind, PluginName, SymbolChoice};
#[cfg(feature = "host")]
pub use schedule::{Schedule, ScheduleError};
#[cfg(feature = "host")]
pub use scope::{AccountScope, Granted, ScopeError};
