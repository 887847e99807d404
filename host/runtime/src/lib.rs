//! Runs plugins as WebAssembly components that borrow the host's session.
//!
//! Owns: the engine, manifests in components, grants, limits, the WIT
//! capabilities over a session, and the way of a call. Three lifetimes, three
//! types: [`Host`] lives as long as the process, a plugin as long as it is
//! loaded, the state of a call as long as the call.
//!
//! Must not know: SQL, HTTP, terminals.

mod bill;
mod bindings;
mod call;
mod capabilities;
mod clock;
mod compiled;
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
mod limits;
mod memo;
mod outline;
mod plugin;
mod quarantine;
mod record;
mod registry;
mod settings;
mod spares;
mod spent;
mod traced;
mod view_check;

pub use bill::{BillOptions, BillStatus};
pub use clock::Clock;
pub use component::{Checked, Inspected, check, inspect};
pub use error::{CallError, RuntimeError};
pub use experts::{ExpertRun, RunRequest};
pub use host::{Host, HostOptions, Rendered};
pub use limits::Limits;
pub use outline::Sizes;
pub use plugin::{Plugin, PluginRef};
pub use quarantine::{QuarantineOptions, Quarantined};
pub use registry::PluginEntry;
