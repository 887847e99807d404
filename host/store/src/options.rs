//! How a store uses its database.
//!
//! Owns: the options, their units and defaults. Must not know: what they do.

use std::time::Duration;

use crate::faults::Faults;

/// How a store uses its database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connections for reading, 1 to 30.
    pub connections: u32,
    /// How long a session waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a write waits for another process's write.
    pub busy_timeout: Duration,
    /// How long one statement may take. Beyond it the read or the write it is
    /// part of fails with [`StoreError::TooSlow`](crate::StoreError::TooSlow),
    /// and its connection is closed: the next one has another.
    pub statement_timeout: Duration,
    /// How often to look for commits of other processes; none: only when this
    /// process reads or writes.
    pub watch_every: Option<Duration>,
    /// Whether sessions that see the same version of the data share what they
    /// read.
    pub share_reads: bool,
    /// The length at which the write-ahead log is cut, in bytes.
    pub wal_bytes: u64,
    /// How large the database may become, in bytes; none: as large as the disk
    /// lets it. A write that needs more fails with
    /// [`StoreError::Full`](crate::StoreError::Full). The write-ahead log
    /// beside the file does not count. A file that is larger already does not
    /// grow any more.
    pub max_bytes: Option<u64>,
    /// What is made to go wrong, by tests.
    #[doc(hidden)]
    pub faults: Faults,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            connections: 10,
            acquire_timeout: Duration::from_secs(10),
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            watch_every: Some(Duration::from_millis(40)),
            share_reads: true,
            wal_bytes: 64 << 20,
            max_bytes: None,
            faults: Faults::default(),
        }
    }
}

impl StoreOptions {
    /// The most connections a pool may have.
    pub const MAX_CONNECTIONS: u32 = 30;
}
