//! The snapshot of a connection.
//!
//! Owns: how it is taken, which version of the data it is of, and how it is
//! let go of. Must not know: for whom.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use crate::StoreError;
use crate::changes::DataVersion;

/// The version of what is seen. The first read of a transaction is what takes
/// its snapshot.
pub(crate) const VERSION: &str = "SELECT version FROM data_version";

/// Takes the snapshot and tells its version. Both go as one statement: each is
/// a way to the database's thread and back, which takes longer than they do.
pub(crate) async fn begin(connection: &mut SqliteConnection) -> Result<DataVersion, StoreError> {
    version_of(connection, "BEGIN; SELECT version FROM data_version").await
}

/// Ends whatever was begun on a connection; false where that can't be, so that
/// nobody is given it. A session that was cancelled may not have come to begin,
/// and of a write that failed the database may have undone all by itself.
pub(crate) async fn roll_back(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let rolled_back = sqlx::query("ROLLBACK").execute(connection).await;
    let is_clean = match &rolled_back {
        Ok(_) => true,
        // SQLite has no code of its own for it.
        Err(sqlx::Error::Database(told)) => told.message().contains("no transaction is active"),
        Err(_) => false,
    };
    if let (false, Err(error)) = (is_clean, rolled_back) {
        tracing::warn!(%error, "what was begun could not be rolled back; the connection is closed");
    }
    Ok(is_clean)
}

/// The version that a connection sees.
pub(crate) async fn data_version(
    connection: &mut SqliteConnection,
) -> Result<DataVersion, StoreError> {
    version_of(connection, VERSION).await
}

async fn version_of(
    connection: &mut SqliteConnection,
    sql: &'static str,
) -> Result<DataVersion, StoreError> {
    version(&sqlx::query(sql).fetch_one(connection).await?)
}

/// The version in a row of [`VERSION`].
pub(crate) fn version(row: &SqliteRow) -> Result<DataVersion, StoreError> {
    let version: i64 = row.try_get_unchecked(0)?;
    Ok(DataVersion(version.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Location, Store, StoreOptions};

    /// A session that is cancelled has begun or has not; its connection is
    /// good for the next one in both cases.
    #[tokio::test]
    async fn a_connection_is_clean_whether_its_session_had_begun_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::file(folder.path().join("book.sqlite"));
        let store = Store::open(&location, &StoreOptions::default())
            .await
            .unwrap();
        let mut connection = store.connection().await.unwrap();
        assert!(roll_back(&mut connection).await.unwrap());
        begin(&mut connection).await.unwrap();
        assert!(begin(&mut connection).await.is_err(), "it had not begun");
        assert!(roll_back(&mut connection).await.unwrap());
        begin(&mut connection).await.unwrap();
        drop(connection);
        store.close().await;
    }
}
