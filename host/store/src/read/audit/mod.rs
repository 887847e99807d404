//! What calls have cost, looked at as a whole.
//!
//! Owns: what can be asked of the recorded calls of a period, and the figures
//! that come of it. Must not know: thresholds, limits and advice: whoever asks
//! says what is much.

mod statements;

use lombard_model::{CallOutcome, LookUp, PluginName, Timestamp};

/// Which recorded calls to look at, and what counts as much.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// Calls that began at this time or later; none: all that are kept.
    pub since: Option<Timestamp>,
    /// Calls of this plugin; none: of all.
    pub plugin: Option<PluginName>,
    /// A kind looked up more often than this in one call is a loop.
    pub loop_limit: u32,
    /// The kinds whose loops are told.
    pub loops_of: Vec<LookUp>,
    /// From where on a call is near a limit.
    pub near: Near,
    /// Rows of each list, at most.
    pub top: u32,
}

/// From where on a call is near a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// Microseconds from its begin to its end without the wait for a
    /// connection, as deadlines count.
    pub used_us: u64,
    /// Bytes of the guest's memory at its greatest.
    pub memory_bytes: u64,
    /// Statements.
    pub statements: u64,
}

/// What the calls of a period come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// All calls together.
    pub sums: AuditSums,
    /// How they ended, the most frequent first.
    pub outcomes: Vec<Outcome>,
    /// Those who are among the first by sessions, by statements or by time
    /// held; by sessions.
    pub callers: Vec<Caller>,
    /// The look-up loops, the longest first.
    pub loops: Vec<LookUpLoop>,
    /// How many there are, also where not all are listed.
    pub loops_in_all: u64,
    /// Calls that came near a limit or reached one, the nearest first.
    pub near: Vec<NearLimit>,
    /// How many there are, also where not all are listed.
    pub near_in_all: u64,
    /// The calls that held a connection the longest.
    pub holders: Vec<Holder>,
}

/// All calls of a period together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSums {
    /// How many calls.
    pub calls: u64,
    /// How many of them did not end well.
    pub failures: u64,
    /// When the first began.
    pub first: Option<Timestamp>,
    /// When the last one ended.
    pub last: Option<Timestamp>,
    /// Sessions.
    pub sessions: u64,
    /// Statements.
    pub statements: u64,
    /// The most statements of one call.
    pub most_statements: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of rows that were read.
    pub bytes: u64,
    /// What caches gave.
    pub cache_hits: u64,
    /// What caches did not have.
    pub cache_misses: u64,
    /// Time that connections were held, in microseconds.
    pub held_us: u64,
    /// The longest of these.
    pub longest_held_us: u64,
    /// The longest wait for a connection, in microseconds.
    pub longest_wait_us: u64,
    /// The second in which calls began that opened the most sessions.
    pub busiest: Option<Timestamp>,
    /// The sessions of the calls that began in it.
    pub busiest_sessions: u64,
}

/// Calls that ended alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How.
    pub outcome: CallOutcome,
    /// How many.
    pub calls: u64,
    /// Whose the last of them was.
    pub last_plugin: String,
    /// What it failed with, where it failed and that is known.
    pub last_error: Option<String>,
}

/// The calls of one function of one version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Which plugin.
    pub plugin: String,
    /// Which version of it.
    pub version: String,
    /// `render` or `analyze`.
    pub function: String,
    /// How many calls.
    pub calls: u64,
    /// How many of them did not end well.
    pub failures: u64,
    /// Sessions, over all calls.
    pub sessions: u64,
    /// Statements, over all calls.
    pub statements: u64,
    /// The most statements of one call.
    pub most_statements: u64,
    /// Rows, over all calls.
    pub rows: u64,
    /// Time that connections were held, over all calls, in microseconds.
    pub held_us: u64,
    /// Computing, over all calls, in microseconds.
    pub cpu_us: u64,
    /// Its places.
    pub ranks: Ranks,
}

/// The places of a caller among all, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// By sessions.
    pub sessions: u64,
    /// By statements.
    pub statements: u64,
    /// By time held.
    pub held: u64,
}

/// One kind of look-up, made more often in a call than it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpLoop {
    /// Which plugin.
    pub plugin: String,
    /// Which version of it.
    pub version: String,
    /// `render` or `analyze`.
    pub function: String,
    /// What was looked up.
    pub kind: LookUp,
    /// In how many calls.
    pub calls: u64,
    /// How often in the worst of them.
    pub most: u64,
    /// When the last of these calls began.
    pub last: Timestamp,
}

/// A call that came near a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearLimit {
    /// Which call.
    pub call: Holder,
    /// From its begin to its end without the wait, in microseconds.
    pub used_us: u64,
    /// The guest's memory at its greatest, in bytes.
    pub memory_bytes: u64,
    /// Its statements.
    pub statements: u64,
}

/// A call, and how long it held its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Which plugin.
    pub plugin: String,
    /// Which version of it.
    pub version: String,
    /// `render` or `analyze`.
    pub function: String,
    /// Which run of the host it was in, where that was recorded.
    pub run: Option<String>,
    /// Its number there, as the log names it.
    pub call_id: Option<u64>,
    /// When it began.
    pub began_at: Timestamp,
    /// How it ended.
    pub outcome: CallOutcome,
    /// How long it held a connection, in microseconds.
    pub held_us: u64,
}
