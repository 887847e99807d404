//! The write-ahead log of the database, kept short.
//!
//! Owns: when the log is written back and cut. SQLite writes it back by itself,
//! but begins it anew only at a moment without readers, and a host under load
//! has none: it grows for as long as the load lasts.
//! Must not know: what is in it, or who writes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

/// How long writes wait for sessions that still read an older state. Sessions
/// that begin meanwhile read the database itself and are not in the way.
const PATIENCE: Duration = Duration::from_millis(250);

/// The log, as the one writer looks after it.
pub(crate) struct Wal {
    file: PathBuf,
    /// The length at which it is cut.
    longest: u64,
    /// The length at which the next attempt is made: not at every write while
    /// a reader is in the way.
    next: u64,
    busy_timeout: Duration,
}

impl Wal {
    /// That of this database; `busy_timeout` is what the writing connection
    /// goes back to.
    pub(crate) fn of(database: &Path, longest: u64, busy_timeout: Duration) -> Self {
        let mut file = OsString::from(database);
        file.push("-wal");
        Self {
            file: file.into(),
            longest,
            next: longest,
            busy_timeout,
        }
    }

    /// Cuts the log where it has become too long. To be called between writes.
    pub(crate) async fn trim(&mut self, connection: &mut SqliteConnection) {
        let length = std::fs::metadata(&self.file).map_or(0, |file| file.len());
        if length <= self.next {
            return;
        }
        match cut(connection, self.busy_timeout).await {
            Ok(true) => {
                self.next = self.longest;
                tracing::debug!(bytes = length, "the write-ahead log was cut");
            }
            Ok(false) => {
                self.next = length.saturating_add(self.longest);
                tracing::warn!(bytes = length, "a long read keeps the write-ahead log long");
            }
            Err(error) => {
                self.next = length.saturating_add(self.longest);
                tracing::warn!(bytes = length, %error, "the write-ahead log could not be cut");
            }
        }
    }
}

/// Whether it could be cut.
async fn cut(
    connection: &mut SqliteConnection,
    busy_timeout: Duration,
) -> Result<bool, sqlx::Error> {
    wait_at_most(connection, PATIENCE.min(busy_timeout)).await?;
    let cut = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row: SqliteRow| row.try_get_unchecked::<i64, _>(0));
    wait_at_most(connection, busy_timeout).await?;
    Ok(cut? == 0)
}

async fn wait_at_most(
    connection: &mut SqliteConnection,
    limit: Duration,
) -> Result<(), sqlx::Error> {
    // A pragma takes no parameters; this one is a number of ours.
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA busy_timeout = {}", limit.as_millis()));
    sqlx::query(sql).execute(connection).await.map(drop)
}
