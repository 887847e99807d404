//! What a plugin may use of the host.
//!
//! Owns: the limits of a call, their units and defaults, and the memory
//! limiter. Must not know: who set them.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::spent::Spent;

/// What one call may use. What happens at each limit is named with it; each is
/// named in its error with its value and what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The guest's memory in bytes. Growing beyond it fails inside the guest,
    /// which then usually traps.
    pub memory_bytes: usize,
    /// From the begin of the call to its end, without waiting for a connection.
    /// The guest yields at every tick before it and traps at it.
    pub deadline: Duration,
    /// What the guest hands over in one call of or answer to the host, in
    /// bytes as the host holds it. Beyond it the call fails.
    pub result_bytes: usize,
    /// SQL statements, for reading and for saving settings. Beyond it the guest
    /// is told `limit`, or `other` by `settings`, and nothing more is read.
    pub statements: u32,
    /// Rows of all tables, bars and points of a view together.
    pub view_rows: usize,
    /// Log lines of a call; further ones are counted and dropped.
    pub log_lines: u64,
    /// The length of a log line in bytes; the rest is cut.
    pub log_line_bytes: usize,
}

impl Limits {
    /// Items that one call into the host may name, and rows it may give. Part
    /// of the contract: a guest takes a shorter page for the last one.
    pub const SET_ITEMS: u32 = 100_000;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            deadline: Duration::from_secs(5),
            result_bytes: 4 << 20,
            statements: 10_000,
            view_rows: 10_000,
            log_lines: 200,
            log_line_bytes: 4 << 10,
        }
    }
}

/// Watches the memory of one instance.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: usize,
    spent: Arc<Spent>,
    /// The growth that was refused, if one was.
    pub(crate) refused: Option<Refused>,
}

/// What an instance asked for and did not get.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    /// Bytes of a memory, in all.
    Memory(usize),
    /// Entries of a table, in all.
    Table(usize),
}

impl MemoryMeter {
    pub(crate) fn new(limit: usize, spent: Arc<Spent>) -> Self {
        Self {
            limit,
            spent,
            refused: None,
        }
    }
}

/// Entries of a table of an instance.
pub(crate) const TABLE_ENTRIES: usize = 20_000;

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.limit || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = Some(Refused::Memory(desired));
            return Ok(false);
        }
        self.spent
            .memory(u64::try_from(desired).unwrap_or(u64::MAX));
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ENTRIES {
            self.refused = Some(Refused::Table(desired));
            return Ok(false);
        }
        Ok(true)
    }
}
