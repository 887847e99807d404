//! The connection that a session is lent.
//!
//! Owns: what is run on it, and that one which is lost is closed at once and
//! stays lost for whoever was lent it: a call sees one state, and another
//! connection may have another. Must not know: what is read.

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};

use crate::changes::DataVersion;
use crate::faults::{Faults, Point};
use crate::live::LiveGuard;
use crate::meter::{Holding, Meter};
use crate::session::{Purpose, SessionId};
use crate::snapshot::begin;
use crate::{Store, StoreError};

/// A connection for one session, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) id: SessionId,
    /// None where it was lost.
    connection: Option<PoolConnection<Sqlite>>,
    faults: Faults,
    // After the connection: it is given back first.
    _holding: Holding,
    live: LiveGuard,
}

impl Lease {
    /// Lends this connection to a session.
    pub(crate) fn new(
        connection: PoolConnection<Sqlite>,
        store: &Store,
        purpose: &Purpose,
        meter: &Meter,
    ) -> Self {
        let id = store.next_session_id();
        Self {
            id,
            connection: Some(connection),
            faults: store.faults().clone(),
            _holding: meter.hold(),
            live: store.hold(id, purpose),
        }
    }

    /// Says on whose behalf it is from now on.
    pub(crate) fn rename(&self, purpose: &Purpose) {
        self.live.rename(purpose);
    }

    /// Takes the snapshot and tells its version.
    pub(crate) async fn begin(&mut self) -> Result<DataVersion, StoreError> {
        let found = match self.ready(Point::Snapshot).await {
            Ok(connection) => begin(connection).await,
            Err(error) => Err(error),
        };
        self.heed(found).await
    }

    /// Runs a statement; gives all its rows.
    pub(crate) async fn fetch_all(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = match self.ready(Point::Read).await {
            Ok(connection) => query.fetch_all(connection).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        self.heed(rows).await
    }

    /// Runs a statement; gives its one row.
    pub(crate) async fn fetch_one(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<SqliteRow, StoreError> {
        let row = match self.ready(Point::Read).await {
            Ok(connection) => query.fetch_one(connection).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        self.heed(row).await
    }

    async fn ready(&mut self, point: Point) -> Result<&mut SqliteConnection, StoreError> {
        self.faults.before(point).await?;
        let connection = self.connection.as_deref_mut();
        connection.ok_or_else(|| sqlx::Error::WorkerCrashed.into())
    }

    /// Lets go of a connection that is lost, so that the pool opens another.
    async fn heed<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Lost(_)))
            && let Some(connection) = self.connection.take()
        {
            // Whether it still can be closed well is no matter.
            let _ = Box::pin(connection.close()).await;
        }
        result
    }
}
