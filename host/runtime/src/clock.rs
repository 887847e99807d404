//! Where the host has the time from.
//!
//! Owns: the one place that asks the system. Plugins have no clock: they are
//! given the time of their call.

use std::time::SystemTime;

use lombard_model::Timestamp;

/// The host's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// Stands still: for repeated calls, demos on old data and tests.
    Fixed(Timestamp),
}

impl Clock {
    /// The time.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::from_system_time(SystemTime::now()),
            Self::Fixed(time) => time,
        }
    }
}
