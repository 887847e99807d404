//! What a plugin can ask of the host, one file for each capability.
//!
//! Owns: for each, its WIT implementation, its grants and its limits, side by
//! side (those of what `session` is asked for in `asked.rs`); and the two roads
//! to a guest, in `fault.rs`: a typed WIT error (its fault, or the world's) or a
//! trap (an invariant of the host broke).
//!
//! Must not know: SQL. It reads through the session of the call.

mod asked;
mod fault;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod log;
pub(crate) mod scope;
mod session;
mod settings;

pub(crate) use fault::{Fault, SessionFault, SettingsFault};
#[expect(
    unreachable_pub,
    reason = "the generated bindings name it again as `pub`"
)]
pub use session::Lent;
pub(crate) use session::lend;
pub(crate) use settings::{Own, Subject};
