//! What a plugin may use of the host.
//!
//! Owns: the limits by name, with units, defaults and bounds; sets of them; and
//! the words for one that was reached. Must not know: who measures and enforces
//! them, and who sets them.

use std::collections::BTreeMap;
use std::fmt;

use crate::CallOutcome;
use crate::named::named_enum;

named_enum! {
    /// Something that a plugin may use only so much of.
    "limit": Limit {
        /// Memory of an instance, all its memories together, in bytes.
        MemoryBytes = "memory_bytes",
        /// Memory of all instances of all plugins together, in bytes.
        HostMemoryBytes = "host_memory_bytes",
        /// Entries of all tables of an instance.
        TableEntries = "table_entries",
        /// Core instances that an instance consists of.
        CoreInstances = "core_instances",
        /// The guest's stack, in bytes.
        StackBytes = "stack_bytes",
        /// Time of a processor for a call, guest and host, in milliseconds.
        CpuMs = "cpu_ms",
        /// From the begin of a call to its end, without waiting for a
        /// connection, in milliseconds.
        DeadlineMs = "deadline_ms",
        /// Calls of the guest into the host.
        HostCalls = "host_calls",
        /// SQL statements, for reading and for saving settings.
        Statements = "statements",
        /// Rows that are read.
        Rows = "rows",
        /// Bytes that are read, as the database gives them.
        Bytes = "bytes",
        /// What the guest hands over in one call of or answer to the host, in
        /// bytes as the host holds it.
        ResultBytes = "result_bytes",
        /// One text that the guest hands over, in bytes.
        TextBytes = "text_bytes",
        /// Items that one call into the host may name, and rows it gives at
        /// once.
        SetItems = "set_items",
        /// Handles of the host that the guest has at once: its session.
        Handles = "handles",
        /// Rows of all tables, bars and points of a view together.
        ViewRows = "view_rows",
        /// Log lines of a call; further ones are counted and dropped.
        LogLines = "log_lines",
        /// Log lines of a call, in bytes; further ones are counted and dropped.
        LogBytes = "log_bytes",
        /// The length of a log line in bytes; the rest is cut.
        LogLineBytes = "log_line_bytes",
        /// Log lines of all calls of the plugin in a second; further ones are
        /// counted and dropped.
        LogLinesPerSecond = "log_lines_per_second",
        /// Log lines of all calls of the plugin in a second, in bytes.
        LogBytesPerSecond = "log_bytes_per_second",
        /// Calls of the plugin that run at once; further ones wait.
        ConcurrentCalls = "concurrent_calls",
        /// Calls of the plugin that wait; further ones are refused.
        QueuedCalls = "queued_calls",
    }
}

/// How a limit stands in the table of them.
struct Bounds {
    default: u64,
    /// What an operator may set it to; none where nobody can for one plugin.
    settable: Option<(u64, u64)>,
}

const fn set_within(default: u64, least: u64, most: u64) -> Bounds {
    Bounds {
        default,
        settable: Some((least, most)),
    }
}

const fn fixed(default: u64) -> Bounds {
    Bounds {
        default,
        settable: None,
    }
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

impl Limit {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The one table of defaults and of what may be set.
    const fn bounds(self) -> Bounds {
        match self {
            Self::MemoryBytes => set_within(64 * MIB, 64 * KIB, 1 << 30),
            Self::HostMemoryBytes => fixed(2 << 30),
            Self::TableEntries => set_within(20_000, 1, 20_000),
            // One that Python's toolchain made has 38: the interpreter, each library
            // it is linked with, and a stub for each part of WASI. One is a few
            // KiB; what they hold together is bounded by the limits beside this.
            Self::CoreInstances => set_within(64, 1, 64),
            Self::StackBytes => fixed(512 * KIB),
            Self::CpuMs => set_within(5_000, 1, 600_000),
            Self::DeadlineMs => set_within(5_000, 1, 600_000),
            Self::HostCalls => set_within(1_000_000, 0, 1_000_000_000),
            Self::Statements => set_within(10_000, 0, 1_000_000),
            Self::Rows => set_within(2_000_000, 0, 100_000_000),
            Self::Bytes => set_within(512 * MIB, 0, 16 << 30),
            Self::ResultBytes => set_within(4 * MIB, KIB, 256 * MIB),
            Self::TextBytes => set_within(64 * KIB, 1, 16 * MIB),
            Self::SetItems => fixed(Limits::SET_ITEMS as u64),
            Self::Handles => fixed(1),
            Self::ViewRows => set_within(10_000, 0, 100_000),
            Self::LogLines => set_within(200, 0, 100_000),
            Self::LogBytes => set_within(256 * KIB, 0, 64 * MIB),
            Self::LogLineBytes => set_within(4 * KIB, 16, 64 * KIB),
            Self::LogLinesPerSecond => set_within(1_000, 0, 1_000_000),
            Self::LogBytesPerSecond => set_within(MIB, 0, 256 * MIB),
            Self::ConcurrentCalls => set_within(16, 1, 64),
            Self::QueuedCalls => set_within(1_024, 0, 10_000),
        }
    }

    /// What it is where nobody set it.
    #[must_use]
    pub const fn default(self) -> u64 {
        self.bounds().default
    }

    /// The least and the most that an operator may set it to for a plugin; none
    /// where it is the same for all.
    #[must_use]
    pub const fn settable(self) -> Option<(u64, u64)> {
        self.bounds().settable
    }

    /// How a call ends that reaches it, where it does not go on with less.
    #[must_use]
    pub const fn outcome(self) -> CallOutcome {
        match self {
            Self::CpuMs | Self::DeadlineMs => CallOutcome::Deadline,
            Self::ResultBytes | Self::TextBytes | Self::ViewRows => CallOutcome::Refused,
            // These the guest is told, and may do without.
            Self::Statements | Self::Rows | Self::Bytes | Self::SetItems => CallOutcome::Error,
            Self::HostMemoryBytes | Self::ConcurrentCalls | Self::QueuedCalls => {
                CallOutcome::Unavailable
            }
            _ => CallOutcome::Trap,
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exceeded {
    /// Which one.
    pub limit: Limit,
    /// What it is.
    pub value: u64,
    /// What was asked for; none where nobody knows how much it would have been.
    pub asked: Option<u64>,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit,
            value,
            asked,
        } = self;
        match asked {
            Some(asked) => write!(
                f,
                "the limit `{limit}` is {value}, and it asked for {asked}"
            ),
            None => write!(f, "the limit `{limit}` is {value}, and it asked for more"),
        }
    }
}

impl std::error::Error for Exceeded {}

/// A value for each limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits([u64; Limit::COUNT]);

impl Default for Limits {
    fn default() -> Self {
        let mut values = [0; Limit::COUNT];
        for (value, limit) in values.iter_mut().zip(Limit::ALL) {
            *value = limit.default();
        }
        Self(values)
    }
}

impl Limits {
    /// Items that one call into the host may name, and rows it may give. Part
    /// of the contract: a guest takes a shorter page for the last one.
    pub const SET_ITEMS: u32 = 100_000;

    /// The value of this one.
    #[must_use]
    pub const fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The same for sizes in memory.
    #[must_use]
    pub fn size(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// With another value for this one. It is not checked: whoever has the host
    /// in hand may, whatever [`checked_limit`] lets an operator set.
    #[must_use]
    pub const fn with(mut self, limit: Limit, value: u64) -> Self {
        self.0[limit as usize] = value;
        self
    }

    /// With all that was set.
    #[must_use]
    pub fn with_all(self, set: &SetLimits) -> Self {
        let set = set.iter();
        set.fold(self, |limits, (limit, value)| limits.with(*limit, *value))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL.iter().copied().zip(self.0)
    }

    /// What a call that asked for so much is told.
    #[must_use]
    pub const fn exceeded(&self, limit: Limit, asked: Option<u64>) -> Exceeded {
        Exceeded {
            limit,
            value: self.get(limit),
            asked,
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl serde::Serialize for Limits {
    /// An object of names and values.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// What an operator has set for one plugin.
pub type SetLimits = BTreeMap<Limit, u64>;

/// Why a limit can't be set like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// There is none of this name.
    #[error(transparent)]
    Unknown(#[from] crate::UnknownName),
    /// It is the same for all plugins.
    #[error("`{0}` is the same for all plugins")]
    Fixed(Limit),
    /// It can't be so little or so much.
    #[error("`{limit}` can be {least} to {most}, not {value}")]
    OutOfBounds {
        /// Which one.
        limit: Limit,
        /// What it was to be.
        value: u64,
        /// The least it can be.
        least: u64,
        /// The most it can be.
        most: u64,
    },
    /// It is no `name=value`.
    #[error("`{0}` is not of the form limit=number")]
    Malformed(String),
}

/// The value that an operator may set a limit to.
///
/// # Errors
/// Where it is not one to set for a plugin, or not to this.
pub fn checked_limit(limit: Limit, value: u64) -> Result<u64, LimitError> {
    let (least, most) = limit.settable().ok_or(LimitError::Fixed(limit))?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(LimitError::OutOfBounds {
        limit,
        value,
        least,
        most,
    })
}

/// Reads `limit=number`, as an operator writes it.
///
/// # Errors
/// What is wrong with it.
pub fn parse_limit(text: &str) -> Result<(Limit, u64), LimitError> {
    let malformed = || LimitError::Malformed(text.chars().take(80).collect());
    let (name, value) = text.split_once('=').ok_or_else(malformed)?;
    let limit = name.trim().parse()?;
    let value = value.trim().parse().map_err(|_| malformed())?;
    Ok((limit, checked_limit(limit, value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_default_can_be_set_where_it_can_be_set_at_all() {
        for limit in Limit::ALL.iter().copied() {
            match limit.settable() {
                Some(_) => assert_eq!(checked_limit(limit, limit.default()), Ok(limit.default())),
                None => assert_eq!(checked_limit(limit, 1), Err(LimitError::Fixed(limit))),
            }
            assert_eq!(Limits::default().get(limit), limit.default());
        }
    }

    #[test]
    fn what_is_set_is_what_counts() {
        let set = SetLimits::from([(Limit::Statements, 3), (Limit::LogLines, 0)]);
        let limits = Limits::default().with_all(&set);
        assert_eq!(limits.get(Limit::Statements), 3);
        assert_eq!(limits.get(Limit::LogLines), 0);
        assert_eq!(limits.get(Limit::Rows), Limit::Rows.default());
    }

    #[test]
    fn a_limit_is_read_as_it_is_written_and_its_faults_are_told() {
        assert_eq!(parse_limit("statements=7"), Ok((Limit::Statements, 7)));
        assert_eq!(parse_limit(" rows = 9 "), Ok((Limit::Rows, 9)));
        let fault = |text| parse_limit(text).unwrap_err().to_string();
        assert!(fault("statements").contains("limit=number"));
        assert!(fault("statements=many").contains("limit=number"));
        assert!(fault("statements=-1").contains("limit=number"));
        assert!(fault("fuel=1").contains("unknown limit `fuel`"));
        assert!(fault("stack_bytes=1").contains("same for all"));
        assert!(fault("concurrent_calls=0").contains("1 to 64, not 0"));
    }

    #[test]
    fn one_that_was_reached_is_told_with_its_name_its_value_and_what_was_asked() {
        let limits = Limits::default();
        let told = limits.exceeded(Limit::Rows, Some(2_000_001)).to_string();
        assert_eq!(
            told,
            "the limit `rows` is 2000000, and it asked for 2000001"
        );
        let told = limits.exceeded(Limit::DeadlineMs, None).to_string();
        assert_eq!(
            told,
            "the limit `deadline_ms` is 5000, and it asked for more"
        );
    }
}
