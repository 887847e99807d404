//! The session: one pooled connection, lent for one call.
//!
//! Owns: that a call has at most one connection, that it is taken at the first
//! read that needs one, that all reads see one snapshot, that it is rolled
//! back before it returns to the pool however the call ends, and the count of
//! what went over it. What can be read stands in `read/`.
//!
//! Must not know: who is calling, beyond the words of its [`Purpose`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite, Transaction};

use crate::changes::CommitSeq;
use crate::read::Memo;
use crate::{Store, StoreError};

/// Names a session within one process, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// On whose behalf a session reads, in words for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The plugin, or `host`.
    pub who: Arc<str>,
    /// The call or the command.
    pub call: String,
}

impl Purpose {
    /// The host's own reading, for this command or task.
    #[must_use]
    pub fn host(task: &str) -> Self {
        Self {
            who: "host".into(),
            call: task.to_owned(),
        }
    }
}

/// What went over a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCost {
    /// Sessions that took a connection: 0 or 1.
    pub sessions: u32,
    /// The most connections held at once: 0 or 1.
    pub connections: u32,
    /// Statements, transaction control apart.
    pub statements: u32,
    /// Rows that they gave.
    pub rows: u64,
    /// Waiting for the connection.
    pub waited: Duration,
    /// Holding the connection.
    pub held: Duration,
}

/// A lease on one connection of the pool, taken when it is first needed.
///
/// Dropping a session at any point, also in the middle of a statement, rolls
/// it back and returns its connection; [`Session::end`] does the same and
/// waits for it.
#[derive(Debug)]
pub struct Session {
    store: Store,
    purpose: Purpose,
    lease: Option<Lease>,
    cost: SessionCost,
    pub(crate) memo: Memo,
}

#[derive(Debug)]
struct Lease {
    id: SessionId,
    transaction: Transaction<'static, Sqlite>,
    /// Set at the first read, which is what takes the snapshot.
    snapshot: Option<CommitSeq>,
    opened: Instant,
    _live: LiveGuard,
}

impl Session {
    pub(crate) fn new(store: Store, purpose: Purpose) -> Self {
        Self {
            store,
            purpose,
            lease: None,
            cost: SessionCost::default(),
            memo: Memo::default(),
        }
    }

    /// Whether the session holds a connection.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.lease.is_some()
    }

    /// The commits of this process that the session's snapshot contains, at
    /// least; none where nothing was read yet.
    #[must_use]
    pub fn snapshot(&self) -> Option<CommitSeq> {
        self.lease.as_ref().and_then(|lease| lease.snapshot)
    }

    /// Takes the connection, if the session does not hold it yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where none became free in time.
    pub async fn open(&mut self) -> Result<(), StoreError> {
        if self.lease.is_some() {
            return Ok(());
        }
        let asked = Instant::now();
        let transaction = self.store.begin_read().await;
        self.cost.waited += asked.elapsed();
        let lease = Lease {
            id: self.store.next_session_id(),
            transaction: transaction?,
            snapshot: None,
            opened: Instant::now(),
            _live: self.store.live_sessions(),
        };
        tracing::debug!(
            session = lease.id.0,
            plugin = &*self.purpose.who,
            call = self.purpose.call,
            "session opened"
        );
        self.cost.sessions += 1;
        self.cost.connections = 1;
        self.lease = Some(lease);
        Ok(())
    }

    /// Rolls back, returns the connection and gives the account of it.
    pub async fn end(mut self) -> SessionCost {
        if let Some(lease) = self.lease.take() {
            self.cost.held += lease.opened.elapsed();
            // A rollback that fails closes the connection instead of pooling
            // it, which is all that is owed to the next user.
            if let Err(error) = lease.transaction.rollback().await {
                tracing::warn!(session = lease.id.0, %error, "session could not be rolled back");
            }
        }
        self.cost
    }

    /// What went over the session so far.
    #[must_use]
    pub fn cost(&self) -> SessionCost {
        let held = self
            .lease
            .as_ref()
            .map_or(Duration::ZERO, |lease| lease.opened.elapsed());
        SessionCost {
            held: self.cost.held + held,
            ..self.cost
        }
    }

    /// Runs one statement that reads, and counts it.
    pub(crate) async fn fetch(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let lease = self.reading().await?;
        let rows = query.fetch_all(&mut *lease.transaction).await?;
        self.count_rows(rows.len());
        Ok(rows)
    }

    /// Runs one statement that gives its rows as one JSON document. Whoever
    /// reads the document counts them.
    pub(crate) async fn fetch_document(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<String, StoreError> {
        let lease = self.reading().await?;
        let row = query.fetch_one(&mut *lease.transaction).await?;
        Ok(row.try_get_unchecked(0)?)
    }

    /// The lease, for one statement, which is counted.
    async fn reading(&mut self) -> Result<&mut Lease, StoreError> {
        self.open().await?;
        let lease = self.lease.as_mut().ok_or(StoreError::Closed)?;
        // Read before the snapshot is taken: the snapshot contains at least
        // these commits.
        let commits = self.store.commits();
        lease.snapshot.get_or_insert_with(|| commits.so_far());
        self.cost.statements += 1;
        Ok(lease)
    }

    pub(crate) fn count_rows(&mut self, rows: usize) {
        self.cost.rows += u64::try_from(rows).unwrap_or(u64::MAX);
    }
}

/// Counts a live session for as long as it lives, however it ends.
#[derive(Debug)]
pub(crate) struct LiveGuard(Arc<AtomicU32>);

impl LiveGuard {
    pub(crate) fn new(live: &Arc<AtomicU32>) -> Self {
        live.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(live))
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
