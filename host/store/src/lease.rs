//! The connection that a session is lent.
//!
//! Owns: what is run on it, and that one which is lost is closed at once and
//! stays lost for whoever was lent it: a call sees one state, and another
//! connection may have another. Must not know: what is read.

use std::time::Duration;

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};

use crate::changes::DataVersion;
use crate::faults::{Faults, Point};
use crate::live::LiveGuard;
use crate::meter::{Holding, Meter};
use crate::patience::within;
use crate::purpose::Purpose;
use crate::session::SessionId;
use crate::snapshot::begin;
use crate::{Store, StoreError};

/// A connection for one session, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) id: SessionId,
    /// None where it was lost.
    connection: Option<PoolConnection<Sqlite>>,
    limit: Duration,
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
            limit: store.statement_timeout(),
            faults: store.faults().clone(),
            _holding: meter.hold(),
            live: store.hold(id, purpose),
        }
    }

    /// Says on whose behalf it is from now on.
    pub(crate) fn rename(&self, purpose: &Purpose) {
        self.live.rename(purpose);
    }

    /// Lets every statement from now on take as long as it does.
    pub(crate) fn has_time(&mut self) {
        self.limit = Duration::MAX;
    }

    /// Takes the snapshot and tells its version.
    pub(crate) async fn begin(&mut self) -> Result<DataVersion, StoreError> {
        let found = within(self.limit, async {
            begin(self.ready(Point::Snapshot).await?).await
        });
        let found = found.await;
        self.heed(found).await
    }

    /// Runs a statement; gives all its rows.
    pub(crate) async fn fetch_all(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = within(self.limit, async {
            Ok(query.fetch_all(self.ready(Point::Read).await?).await?)
        });
        let rows = rows.await;
        self.heed(rows).await
    }

    /// Runs a statement; gives its one row.
    pub(crate) async fn fetch_one(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<SqliteRow, StoreError> {
        let row = within(self.limit, async {
            Ok(query.fetch_one(self.ready(Point::Read).await?).await?)
        });
        let row = row.await;
        self.heed(row).await
    }

    async fn ready(&mut self, point: Point) -> Result<&mut SqliteConnection, StoreError> {
        self.faults.before(point).await?;
        let connection = self.connection.as_deref_mut();
        connection.ok_or_else(|| sqlx::Error::WorkerCrashed.into())
    }

    /// Lets go of a connection that is lost or still at a statement, so that
    /// the pool opens another.
    async fn heed<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &result {
            Err(StoreError::Lost(_)) => {
                if let Some(connection) = self.connection.take() {
                    // Whether it still can be closed well is no matter.
                    let _ = Box::pin(connection.close()).await;
                }
            }
            Err(StoreError::TooSlow { .. }) => {
                if let Some(mut connection) = self.connection.take() {
                    // Nobody waits for what it is at.
                    connection.close_on_drop();
                }
            }
            _ => {}
        }
        result
    }
}
