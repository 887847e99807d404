//! What one call of a plugin cost.
//!
//! Owns: the figures and their units. Must not know: who measures or keeps
//! them.

use serde::Serialize;

use crate::named::named_enum;
use crate::{Digest, PluginName, Timestamp};

/// Names a call within one host process, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

impl std::fmt::Display for CallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// What one call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCost {
    /// Sessions that were opened: 0 or 1.
    pub sessions: u32,
    /// The most pooled connections held at once: 0 or 1.
    pub connections: u32,
    /// SQL statements, whichever part of the host issued them; transaction
    /// control apart.
    pub statements: u32,
    /// Rows that these statements gave or changed.
    pub rows: u64,
    /// Bytes of the rows that were read, as the database gives them.
    pub bytes: u64,
    /// What was given out of a cache instead.
    pub cache_hits: u64,
    /// What was looked for in a cache and was not there.
    pub cache_misses: u64,
    /// Calls of the guest into the host.
    pub host_calls: u64,
    /// From the request to the answer, in microseconds.
    pub wall_us: u64,
    /// Of these, computing in this call: guest and host code, in
    /// microseconds. Waiting for the database is not in it.
    pub cpu_us: u64,
    /// Waiting for a connection, in microseconds.
    pub wait_us: u64,
    /// How long the connection was held, in microseconds.
    pub held_us: u64,
    /// The guest's memory at its greatest, in bytes.
    pub memory_peak_bytes: u64,
}

named_enum! {
    /// How a call ended.
    "call outcome": CallOutcome {
        /// With a result.
        Ok = "ok",
        /// With an error that the plugin returned.
        Error = "error",
        /// With a trap: the plugin did what no plugin may do.
        Trap = "trap",
        /// At its deadline.
        Deadline = "deadline",
        /// With a result that the host refused.
        Refused = "refused",
        /// Because the host could not serve it: no connection, no instance.
        Unavailable = "unavailable",
        /// Before its end, by whoever asked for it.
        Cancelled = "cancelled",
    }
}

/// The record of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// Which plugin.
    pub plugin: PluginName,
    /// Which version of it.
    pub version: String,
    /// Which binary.
    pub digest: Digest,
    /// What was called: `render` or `analyze`.
    pub function: &'static str,
    /// When it began.
    pub began_at: Timestamp,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What it cost.
    pub cost: CallCost,
}
