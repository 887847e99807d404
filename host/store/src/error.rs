//! Why the store could not do what it was asked.
//!
//! Owns: the crate's error. SQL text and file names of the database stay in
//! its sources, for the log; its own words are fit for a guest.

use std::time::Duration;

use lombard_model::Exceeded;

use crate::DataVersion;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text names no database that this host can open.
    #[error("`{location}` names no database: {reason}")]
    Location {
        /// What was given, without a password.
        location: String,
        /// Why it does not do, and what would.
        reason: &'static str,
    },
    /// The database could not be opened.
    #[error("the database {location} can't be opened")]
    Open {
        /// Which one.
        location: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The file is another program's database.
    #[error("{location} is a database of another program")]
    Foreign {
        /// Which one.
        location: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database {location} can't be migrated")]
    Migrate {
        /// Which one.
        location: String,
        /// Why.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// No connection became free in time.
    #[error("no database connection became free within {} ms", waited.as_millis())]
    Unavailable {
        /// How long was waited.
        waited: Duration,
    },
    /// What the session was given from caches is of another version than what
    /// the database has.
    #[error("the data changed from version {seen} to {found} in the middle of a call")]
    Moved {
        /// What it was given before.
        seen: DataVersion,
        /// What there is.
        found: DataVersion,
    },
    /// The store is closed, or closing.
    #[error("the database is closed")]
    Closed,
    /// The database answered with an error.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored value is not what the schema promises.
    #[error("{table}.{column} of row {row} holds a value that can't be read: {fault}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: String,
        /// Which row, as far as it is known.
        row: String,
        /// What is wrong with the value.
        fault: String,
    },
    /// More rows than one read may give.
    #[error("{what}: more than {limit} rows")]
    TooManyRows {
        /// What was read.
        what: &'static str,
        /// The most it may give.
        limit: usize,
    },
    /// More than one session may use.
    #[error(transparent)]
    Limit(Exceeded),
    /// What was to be changed is not there.
    #[error("there is no {what} {id}")]
    Missing {
        /// The kind of thing.
        what: &'static str,
        /// Its id or name.
        id: String,
    },
    /// What was to be changed is not as it was when it was looked at.
    #[error("the settings of {what} {id} were changed meanwhile")]
    Overtaken {
        /// The kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The code of a write panicked; nothing was written.
    #[error("a write panicked and was rolled back")]
    Panicked,
}

/// The primary codes with which SQLite says that another has the database.
const BUSY: [i64; 2] = [5, 6];

impl StoreError {
    /// Whether the same may do a little later: others had the connections or
    /// the database.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Moved { .. } => true,
            Self::Database(sqlx::Error::PoolTimedOut) => true,
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().and_then(|code| code.parse::<i64>().ok());
                // The upper bytes of an extended code say more about the primary.
                code.is_some_and(|code| BUSY.contains(&(code & 0xff)))
            }
            _ => false,
        }
    }

    pub(crate) fn missing(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::Missing {
            what,
            id: id.to_string(),
        }
    }
}
