//! The one writer: SQLite has one, so Lombard has one, with a queue.
//!
//! Owns: the order of writes, and that a write is all or nothing: the code of a
//! write is a closure over its transaction, it can't commit by itself, and it
//! runs to its end even where the one who asked has gone. Readers never meet
//! `database is locked`. The connection itself stands in `pen.rs`.
//!
//! Must not know: what is written.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::changes::{Change, Changes, DataVersion};
use crate::pen::Pen;
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
    pen: &'c mut Pen,
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
        let changed = self.pen.write(query).await?;
        self.rows += changed;
        Ok(changed)
    }

    /// Runs one statement that writes and gives a row.
    pub(crate) async fn fetch_optional(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<sqlx::sqlite::SqliteRow>, StoreError> {
        self.statements += 1;
        self.pen.fetch_optional(query).await
    }
}

type Job = Box<dyn for<'c> FnOnce(&'c mut Pen, &'c Changes) -> BoxFuture<'c, ()> + Send>;

/// A handle on the writer. The task ends when the last handle is gone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task that owns the writing connection.
    pub(crate) fn start(
        pen: Pen,
        changes: Arc<Changes>,
        wal: Wal,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(pen, changes, wal, jobs));
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
        let job: Job = Box::new(move |pen, known| {
            Box::pin(async move {
                let written = transact(pen, known, code).await;
                // The one who asked may have gone; the write stands.
                let _ = answer.send(written);
            })
        });
        self.queue.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

async fn run(mut pen: Pen, changes: Arc<Changes>, mut wal: Wal, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.recv().await {
        job(&mut pen, &changes).await;
        pen.trim(&mut wal).await;
    }
    pen.close().await;
}

/// All of what `code` does, or nothing of it.
async fn transact<T, F>(pen: &mut Pen, known: &Changes, code: F) -> Result<Written<T>, StoreError>
where
    F: for<'t, 'c> FnOnce(&'t mut Writing<'c>) -> BoxFuture<'t, Result<T, StoreError>>,
{
    let written = attempt(pen, known, code).await;
    if let Err(error) = &written {
        pen.undo(error).await;
        if error.is_of_storage() {
            // Whoever asked is told; so is the operator, who has to act.
            let error = error as &dyn std::error::Error;
            tracing::error!(error, "a write failed, and nothing of it is kept");
        }
    }
    written
}

async fn attempt<T, F>(pen: &mut Pen, known: &Changes, code: F) -> Result<Written<T>, StoreError>
where
    F: for<'t, 'c> FnOnce(&'t mut Writing<'c>) -> BoxFuture<'t, Result<T, StoreError>>,
{
    pen.begin().await?;
    // What others have committed before is told first: what this write changes
    // is then all there is between the two versions. So is a commit of ours of
    // which it was not known whether it had succeeded.
    let before = pen.version().await?;
    known.noticed(before);
    let mut writing = Writing {
        pen,
        changes: BTreeSet::new(),
        statements: 0,
        rows: 0,
    };
    let result = AssertUnwindSafe(async { code(&mut writing).await })
        .catch_unwind()
        .await;
    let value = result.unwrap_or(Err(StoreError::Panicked))?;
    let version = writing.pen.version().await?;
    if version != before {
        let changes: Vec<_> = writing.changes.into_iter().collect();
        known.begin(&changes, version);
    }
    let ended = writing.pen.commit().await;
    known.end(ended.is_ok());
    ended?;
    Ok(Written {
        value,
        statements: writing.statements,
        rows: writing.rows,
        version,
    })
}
