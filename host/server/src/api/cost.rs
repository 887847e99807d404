//! What a call cost.
//!
//! Owns: its shape. Must not know: whose call it was.

use lombard_model::CallCost;
use serde::Serialize;
use utoipa::ToSchema;

/// What one call cost.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Cost {
    /// Sessions that were opened: 0 or 1.
    sessions: u32,
    /// The most connections held at once: 0 or 1.
    connections: u32,
    /// SQL statements.
    statements: u32,
    /// Rows that these gave or changed.
    rows: u64,
    /// Bytes of the rows that were read.
    bytes: u64,
    /// What was given out of a cache instead.
    cache_hits: u64,
    /// What was looked for in a cache and was not there.
    cache_misses: u64,
    /// Calls of the plugin into the host.
    host_calls: u64,
    /// From the request to the answer, in microseconds.
    wall_us: u64,
    /// Of these, computing, in microseconds.
    cpu_us: u64,
    /// Waiting for a connection, in microseconds.
    wait_us: u64,
    /// How long the connection was held, in microseconds.
    held_us: u64,
    /// The plugin's memory at its greatest, in bytes.
    memory_peak_bytes: u64,
    /// Log lines that were written.
    log_lines: u64,
    /// Bytes of these.
    log_bytes: u64,
    /// Log lines that were dropped, since there were too many.
    log_dropped: u64,
}

impl From<CallCost> for Cost {
    fn from(cost: CallCost) -> Self {
        Self {
            sessions: cost.sessions,
            connections: cost.connections,
            statements: cost.statements,
            rows: cost.rows,
            bytes: cost.bytes,
            cache_hits: cost.cache_hits,
            cache_misses: cost.cache_misses,
            host_calls: cost.host_calls,
            wall_us: cost.wall_us,
            cpu_us: cost.cpu_us,
            wait_us: cost.wait_us,
            held_us: cost.held_us,
            memory_peak_bytes: cost.memory_peak_bytes,
            log_lines: cost.log_lines,
            log_bytes: cost.log_bytes,
            log_dropped: cost.log_dropped,
        }
    }
}
