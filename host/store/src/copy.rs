//! A copy of a database, to try something on.
//!
//! Owns: that it is one state of the database, also while a host works on it,
//! and that nothing of the database itself changes. Must not know: what is
//! tried.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::{Location, Store, StoreError, migrate};

/// How long is waited for who has the database to themselves.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Copies a database to a file that is not there yet. It is as large as
    /// what the database holds.
    ///
    /// # Errors
    /// Where the database can't be opened or is another program's, or the copy
    /// can't be written.
    pub async fn copy(from: &Location, to: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Open {
            location: from.to_string(),
            source,
        };
        // Not read-only: who only reads can't clear away the files that SQLite
        // keeps beside a database that is open.
        let connect = SqliteConnectOptions::new()
            .filename(from.path())
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        #[expect(
            clippy::disallowed_methods,
            reason = "the store is the place that connects"
        )]
        let mut connection = connect.connect().await.map_err(failed)?;
        if migrate::is_foreign(&mut connection).await.map_err(failed)? {
            return Err(StoreError::Foreign {
                location: from.to_string(),
            });
        }
        let Some(to) = to.to_str() else {
            return Err(StoreError::Location {
                location: to.display().to_string(),
                reason: "its name is no text",
            });
        };
        // One statement, and so one state; it writes to the copy alone.
        let copied = sqlx::query("VACUUM INTO $1").bind(to);
        copied.execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
}
