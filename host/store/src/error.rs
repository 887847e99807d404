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
    /// The disk is full, or the database is as large as it may become.
    #[error("there is no room for the database to grow")]
    Full(#[source] sqlx::Error),
    /// Another process had the database for longer than one waits for it.
    #[error("another process keeps the database locked")]
    Busy(#[source] sqlx::Error),
    /// The file can't be read or written: the disk fails, or it may not be.
    #[error("the database's file can't be read or written")]
    Io(#[source] sqlx::Error),
    /// The connection is gone, and with it what was under way on it.
    #[error("the connection to the database was lost")]
    Lost(#[source] sqlx::Error),
    /// What the file holds is no sound database.
    #[error("the database's file is damaged")]
    Damaged(#[source] sqlx::Error),
    /// One statement took longer than one may.
    #[error("the database took longer than {} ms for one statement", limit.as_millis())]
    TooSlow {
        /// How long one may take.
        limit: Duration,
    },
    /// The database answered with another error.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::WorkerCrashed => Self::Lost(error),
            sqlx::Error::Io(_) => Self::Io(error),
            sqlx::Error::Database(told) => match told.code().as_deref().and_then(primary) {
                // SQLITE_BUSY and SQLITE_LOCKED.
                Some(5 | 6) => Self::Busy(error),
                // SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN.
                Some(8 | 10 | 14) => Self::Io(error),
                // SQLITE_CORRUPT and SQLITE_NOTADB.
                Some(11 | 26) => Self::Damaged(error),
                // SQLITE_FULL.
                Some(13) => Self::Full(error),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

/// The primary code: the upper bytes of an extended one say more about it.
fn primary(code: &str) -> Option<i64> {
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

impl StoreError {
    /// Whether the same may do a little later: others had the connections or
    /// the database, or the next attempt has a connection of its own.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Moved { .. }
                | Self::Busy(_)
                | Self::Lost(_)
                | Self::TooSlow { .. }
                | Self::Database(sqlx::Error::PoolTimedOut)
        )
    }

    /// Whether what the database stands on is at fault, which nobody who asks
    /// can do anything about but the operator.
    #[must_use]
    pub fn is_of_storage(&self) -> bool {
        self.storage_remedy().is_some()
    }

    /// What the operator can do about what the database stands on, where that
    /// is at fault.
    #[must_use]
    pub fn storage_remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Full(_) => "make room on its disk, or let it grow further with --db-limit",
            Self::Busy(_) => "end the program that has it open, or try again when it is done",
            Self::Io(_) => "see whether its disk is sound, and whether it may be written to",
            Self::Lost(_) => "try again: the next one has a new connection",
            Self::Damaged(_) => "keep the file, and put the last copy that was sound in its place",
            Self::TooSlow { .. } => "try again when its disk is less busy",
            _ => return None,
        })
    }

    pub(crate) fn missing(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::Missing {
            what,
            id: id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, Faults, Point};

    /// What the store makes of this fault.
    async fn told(fault: Fault) -> StoreError {
        let faults = Faults::asking(move |_| Some(fault));
        faults.before(Point::Read).await.unwrap_err().into()
    }

    #[tokio::test]
    async fn what_the_database_stands_on_is_told_apart_and_has_a_remedy() {
        for (fault, words, may_pass) in [
            (Fault::Full, "no room", false),
            (Fault::Busy, "locked", true),
            (Fault::Io, "can't be read or written", false),
            (Fault::Lost, "lost", true),
        ] {
            let error = told(fault).await;
            assert!(error.to_string().contains(words), "{fault:?}: {error}");
            assert_eq!(error.may_pass(), may_pass, "{error}");
            assert!(error.storage_remedy().is_some(), "{error}");
        }
        let another = StoreError::from(sqlx::Error::RowNotFound);
        assert!(!another.is_of_storage() && !another.may_pass());
    }

    #[test]
    fn the_upper_bytes_of_a_code_do_not_matter() {
        assert_eq!(primary("13"), Some(13));
        // SQLITE_IOERR_FSYNC.
        assert_eq!(primary("1034"), Some(10));
        assert_eq!(primary("none"), None);
    }
}
