//! The connection that writes.
//!
//! Owns: how a transaction is begun, committed and undone on it, the longest
//! that one statement may take, and that a connection which can't promise to be
//! clean is closed and another one opened by the next write: whatever breaks
//! one write is over with it. Must not know: what is written.

use std::time::Duration;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteQueryResult, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, SqliteConnection};

use crate::StoreError;
use crate::changes::DataVersion;
use crate::faults::{Faults, Point};
use crate::patience::within;
use crate::snapshot::{data_version, roll_back};
use crate::wal::Wal;

/// The connection that writes.
pub(crate) struct Pen {
    /// None where it was lost.
    connection: Option<SqliteConnection>,
    connect: SqliteConnectOptions,
    limit: Duration,
    faults: Faults,
}

impl Pen {
    /// Writes over this connection; where it is lost, over another of these
    /// options.
    pub(crate) fn new(
        connection: SqliteConnection,
        connect: SqliteConnectOptions,
        limit: Duration,
        faults: Faults,
    ) -> Self {
        Self {
            connection: Some(connection),
            connect,
            limit,
            faults,
        }
    }

    /// Begins a transaction, on a new connection where the last one is gone.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        if self.connection.is_none() {
            #[expect(
                clippy::disallowed_methods,
                reason = "the writer's own connection, in place of one that is gone"
            )]
            let connected = self.connect.connect().await?;
            self.connection = Some(connected);
            tracing::info!("the database is written to over a new connection");
        }
        // IMMEDIATE: the lock is taken at once, so a write never has to be
        // given up half way because another process got in between.
        let begin = sqlx::query("BEGIN IMMEDIATE");
        self.execute(Point::Begin, begin).await.map(drop)
    }

    /// Commits what was written.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        let commit = sqlx::query("COMMIT");
        self.execute(Point::Commit, commit).await.map(drop)
    }

    /// Runs one statement that writes.
    pub(crate) async fn write(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        let done = self.execute(Point::Write, query).await?;
        Ok(done.rows_affected())
    }

    /// Runs one statement that gives a row, where there is one.
    pub(crate) async fn fetch_optional(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<SqliteRow>, StoreError> {
        let limit = self.limit;
        let (connection, faults) = self.ready()?;
        within(limit, async {
            faults.before(Point::Write).await?;
            Ok(query.fetch_optional(connection).await?)
        })
        .await
    }

    /// The version of the data, with what was written so far.
    pub(crate) async fn version(&mut self) -> Result<DataVersion, StoreError> {
        let limit = self.limit;
        let (connection, _) = self.ready()?;
        within(limit, data_version(connection)).await
    }

    /// Undoes what was begun, which has failed with this error.
    pub(crate) async fn undo(&mut self, error: &StoreError) {
        let limit = self.limit;
        let is_clean = match (&mut self.connection, error) {
            (None, _) => return,
            (Some(_), StoreError::Lost(_) | StoreError::TooSlow { .. }) => false,
            (Some(connection), _) => {
                let rolled_back = tokio::time::timeout(limit, roll_back(connection)).await;
                matches!(rolled_back, Ok(Ok(true)))
            }
        };
        if is_clean {
            return;
        }
        if let Some(connection) = self.connection.take() {
            // The database undoes what a closed connection has not committed.
            // One that is still at a statement is closed after it: who writes
            // next waits for that as for another process.
            let is_idle = !matches!(error, StoreError::TooSlow { .. });
            if is_idle && let Err(error) = connection.close().await {
                tracing::debug!(%error, "the lost connection could not be closed");
            }
        }
    }

    /// Keeps the write-ahead log short.
    pub(crate) async fn trim(&mut self, wal: &mut Wal) {
        if let Some(connection) = &mut self.connection {
            wal.trim(connection).await;
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the writing connection could not be closed");
        }
    }

    async fn execute(
        &mut self,
        point: Point,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<SqliteQueryResult, StoreError> {
        let limit = self.limit;
        let (connection, faults) = self.ready()?;
        within(limit, async {
            faults.before(point).await?;
            Ok(query.execute(connection).await?)
        })
        .await
    }

    fn ready(&mut self) -> Result<(&mut SqliteConnection, &Faults), StoreError> {
        match &mut self.connection {
            Some(connection) => Ok((connection, &self.faults)),
            None => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }
}
