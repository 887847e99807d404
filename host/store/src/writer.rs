//! The one writer: SQLite has one, so Lombard has one, with a queue.
//!
//! Owns: the writing connection, the order of writes, and that a write is all
//! or nothing: the code of a write is a closure over its transaction, it can't
//! commit by itself, and it runs to its end even where the one who asked has
//! gone. Readers never meet `database is locked`.
//!
//! Must not know: what is written.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::changes::{Change, Changes, DataVersion};
use crate::snapshot::data_version;
use crate::wal::Wal;

/// Writes that wait at most; further ones wait to be queued.
const QUEUE: usize = 256;

/// What a write gave, and what it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What the closure returned.
    pub value: T,
    /// Statements, transaction control apart.
    pub statements: u32,
    /// Rows that they changed.
    pub rows: u64,
    /// The version of the data with this write.
    pub version: DataVersion,
}

/// A write in progress: the transaction, and what it has changed so far.
pub struct Writing<'c> {
    transaction: Transaction<'c, Sqlite>,
    changes: BTreeSet<Change>,
    statements: u32,
    rows: u64,
}

impl Writing<'_> {
    /// Says what this write changes, so that whoever caches it is told.
    pub(crate) fn changes(&mut self, change: Change) {
        self.changes.insert(change);
    }

    /// Runs one statement that writes; gives the number of rows it changed.
    pub(crate) async fn execute(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        self.statements += 1;
        let changed = query.execute(&mut *self.transaction).await?.rows_affected();
        self.rows += changed;
        Ok(changed)
    }

    /// Runs one statement that writes and gives a row.
    pub(crate) async fn fetch_optional(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<sqlx::sqlite::SqliteRow>, StoreError> {
        self.statements += 1;
        Ok(query.fetch_optional(&mut *self.transaction).await?)
    }
}

type Job =
    Box<dyn for<'c> FnOnce(&'c mut SqliteConnection, &'c Changes) -> BoxFuture<'c, ()> + Send>;

/// A handle on the writer. The task ends when the last handle is gone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task that owns the writing connection.
    pub(crate) fn start(
        connection: SqliteConnection,
        changes: Arc<Changes>,
        wal: Wal,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(connection, changes, wal, jobs));
        (Self { queue }, task)
    }

    /// Queues a write and waits for its commit.
    pub(crate) async fn write<T, F>(&self, code: F) -> Result<Written<T>, StoreError>
    where
        T: Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Writing<'c>) -> BoxFuture<'t, Result<T, StoreError>>
            + Send
            + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection, known| {
            Box::pin(async move {
                let written = transact(connection, known, code).await;
                // The one who asked may have gone; the write stands.
                let _ = answer.send(written);
            })
        });
        self.queue.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

async fn run(
    mut connection: SqliteConnection,
    changes: Arc<Changes>,
    mut wal: Wal,
    mut jobs: mpsc::Receiver<Job>,
) {
    while let Some(job) = jobs.recv().await {
        job(&mut connection, &changes).await;
        wal.trim(&mut connection).await;
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the writing connection could not be closed");
    }
}

async fn transact<T, F>(
    connection: &mut SqliteConnection,
    known: &Changes,
    code: F,
) -> Result<Written<T>, StoreError>
where
    F: for<'t, 'c> FnOnce(&'t mut Writing<'c>) -> BoxFuture<'t, Result<T, StoreError>>,
{
    let mut writing = Writing {
        // IMMEDIATE: the lock is taken at once, so a write never has to be
        // given up half way because another process got in between.
        transaction: connection.begin_with("BEGIN IMMEDIATE").await?,
        changes: BTreeSet::new(),
        statements: 0,
        rows: 0,
    };
    // What others have committed before is told first: what this write changes
    // is then all there is between the two versions.
    let before = data_version(&mut writing.transaction).await?;
    known.noticed(before);
    let result = AssertUnwindSafe(async { code(&mut writing).await })
        .catch_unwind()
        .await
        .unwrap_or(Err(StoreError::Panicked));
    match result {
        Ok(value) => {
            let version = data_version(&mut writing.transaction).await?;
            if version != before {
                let changes: Vec<_> = writing.changes.into_iter().collect();
                known.begin(&changes, version);
            }
            let ended = writing.transaction.commit().await;
            known.end(ended.is_ok());
            ended?;
            Ok(Written {
                value,
                statements: writing.statements,
                rows: writing.rows,
                version,
            })
        }
        Err(error) => {
            writing.transaction.rollback().await?;
            Err(error)
        }
    }
}
