//! Runs plugins as WebAssembly components that borrow the host's session.
//!
//! Owns: the engine, manifests in components, grants, limits, the WIT
//! capabilities over a session, and the way of a call. Three lifetimes, three
//! types: [`Host`] lives as long as the process, a plugin as long as it is
//! loaded, the state of a call as long as the call.
//!
//! Must not know: SQL, HTTP, terminals.

mod allowance;
mod allowances;
mod bill;
mod bindings;
mod call;
mod capabilities;
mod clock;
mod compiled;
mod compiler;
mod component;
mod convert;
mod deadline;
mod engine;
mod error;
mod experts;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod host;
mod import;
mod instances;
mod lane;
mod limits;
mod loading;
mod memo;
mod outline;
mod pins;
mod plugin;
mod quarantine;
mod record;
mod recording;
mod registry;
mod settings;
mod spares;
mod spent;
mod traced;
mod view_check;
mod widgets;
mod workshop;

pub use bill::{BillOptions, BillStatus};
pub use clock::Clock;
pub use compiler::{CompileFault, CompileLimits, CompilerOptions, compile_here};
pub use component::{Checked, Inspected, check, inspect};
pub use error::{CallError, RuntimeError};
pub use experts::{ExpertRun, RunRequest};
pub use host::{Host, HostOptions};
pub use outline::Sizes;
pub use pins::Pinned;
pub use plugin::{Plugin, PluginRef};
pub use quarantine::{QuarantineOptions, Quarantined};
pub use recording::{
    Asked, CallDifference, Difference, Failure, Outcome, Recorded, RecordedPlugin, RecordedRequest,
    RecordedSetting, Recording, Replayed, SettingSource, differences,
};
pub use registry::PluginEntry;
pub use widgets::Rendered;
