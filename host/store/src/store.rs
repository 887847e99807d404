//! The store: owner of the pool and of the writer.
//!
//! Owns: opening, closing and migrating the database, and the figures of the
//! pool. The owner closes; everyone else has a cheap clone of the handle.
//! Must not know: what is read or written.

use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::changes::{Changed, Changes, DataVersion};
use crate::faults::Faults;
use crate::habits::Habits;
use crate::live::{LiveGuard, LiveSession, LiveSessions, Tellings};
use crate::pen::Pen;
use crate::purpose::Purpose;
use crate::reads::Shared;
use crate::session::{Session, SessionId};
use crate::snapshot::{data_version, roll_back};
use crate::wal::Wal;
use crate::watch::Watch;
use crate::writer::{Writer, Writing, Written};
use crate::{Location, StoreError, StoreOptions, migrate};

/// How the connections for reading are used at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Sessions that hold a connection.
    pub live_sessions: u32,
    /// Connections that are open.
    pub size: u32,
    /// Of these, free ones.
    pub idle: usize,
    /// The most there can be.
    pub max: u32,
    /// Sessions opened since the start.
    pub sessions_opened: u64,
}

/// The database of a host. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: SqlitePool,
    writer: Mutex<Option<Writer>>,
    writer_task: Mutex<Option<JoinHandle<()>>>,
    changes: Arc<Changes>,
    watch: Mutex<Option<Watch>>,
    shared: Arc<Shared>,
    sessions: AtomicU64,
    live: Arc<LiveSessions>,
    habits: Habits,
    tellings: Tellings,
    /// What the names of settings' states are made with.
    tags: RandomState,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    faults: Faults,
    location: Location,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("location", &self.inner.location)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, creates it where there is none, and migrates it.
    ///
    /// # Errors
    /// Where the file can't be opened or is not (this version of) a Lombard
    /// database.
    pub async fn open(location: &Location, options: &StoreOptions) -> Result<Self, StoreError> {
        let connect = SqliteConnectOptions::new()
            .filename(location.path())
            .foreign_keys(true)
            .busy_timeout(options.busy_timeout)
            .synchronous(SqliteSynchronous::Normal)
            // Rows are small: the database's thread need not wait for the
            // reader after every 50, which is sqlx's default.
            .row_buffer_size(512)
            .disable_statement_logging();
        let failed = |source| StoreError::Open {
            location: location.to_string(),
            source,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the store is the place that connects"
        )]
        let mut connection = connect
            .clone()
            .create_if_missing(true)
            .connect()
            .await
            .map_err(failed)?;
        if migrate::is_foreign(&mut connection).await.map_err(failed)? {
            return Err(StoreError::Foreign {
                location: location.to_string(),
            });
        }
        // Not before: it changes the file.
        let wal = sqlx::query("PRAGMA journal_mode = WAL");
        wal.execute(&mut connection).await.map_err(failed)?;
        migrate::run(&mut connection)
            .await
            .map_err(|source| StoreError::Migrate {
                location: location.to_string(),
                source,
            })?;

        let reading = connect.clone().pragma("query_only", "1");
        let writing = bounded(connect, &mut connection, options.max_bytes).await?;
        let connections = options.connections.clamp(1, StoreOptions::MAX_CONNECTIONS);
        #[expect(
            clippy::disallowed_methods,
            reason = "the store is the place that connects"
        )]
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(roll_back(connection)))
            .connect_lazy_with(reading.clone());

        let changes = Arc::<Changes>::default();
        changes.noticed(data_version(&mut connection).await?);
        let shared = Arc::new(Shared::new(options.share_reads));
        let sharing = Arc::clone(&shared);
        changes.listen(Arc::new(move |_, at| sharing.changed(at)));
        let watch = options
            .watch_every
            .map(|every| Watch::start(every, reading, Arc::clone(&changes)));
        let wal = Wal::of(location.path(), options.wal_bytes, options.busy_timeout);
        let faults = options.faults.clone();
        let pen = Pen::new(
            connection,
            writing,
            options.statement_timeout,
            faults.clone(),
        );
        let (writer, task) = Writer::start(pen, Arc::clone(&changes), wal);
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                writer: Mutex::new(Some(writer)),
                writer_task: Mutex::new(Some(task)),
                changes,
                watch: Mutex::new(watch),
                shared,
                sessions: AtomicU64::new(0),
                live: Arc::default(),
                habits: Habits::default(),
                tellings: Tellings::default(),
                tags: RandomState::new(),
                acquire_timeout: options.acquire_timeout,
                statement_timeout: options.statement_timeout,
                faults,
                location: location.clone(),
            }),
        })
    }

    /// Where the database is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// A session for one call. It takes its connection when it first reads.
    #[must_use]
    pub fn session(&self, purpose: Purpose) -> Session {
        Session::new(self.clone(), purpose)
    }

    /// How the connections are used now.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        let pool = &self.inner.pool;
        PoolStatus {
            live_sessions: self.inner.live.count(),
            size: pool.size(),
            idle: pool.num_idle(),
            max: pool.options().get_max_connections(),
            sessions_opened: self.inner.sessions.load(Ordering::Relaxed),
        }
    }

    /// Who holds a connection now, the longest first: at most as many as there
    /// are connections.
    #[must_use]
    pub fn live_sessions(&self) -> Vec<LiveSession> {
        self.inner.live.list()
    }

    /// Calls `listener` of each change: right before a commit of this process,
    /// with what it changes and the version it makes, and when another
    /// process's commit is noticed. What is cached of it is not to be shown any
    /// more to whoever sees that version, and what a session of an older
    /// version reads is not to be kept. The listener must be quick and must not
    /// write or listen.
    pub fn on_change(&self, listener: impl Fn(Changed<'_>, DataVersion) + Send + Sync + 'static) {
        self.inner.changes.listen(Arc::new(listener));
    }

    /// The newest version of the data that this process knows of.
    #[must_use]
    pub fn data_version(&self) -> DataVersion {
        self.inner.changes.known()
    }

    /// Follows [`Store::data_version`]: told of a version once it is known, so
    /// that whoever reads then sees it. Of several in a row only the newest may
    /// be seen.
    #[must_use]
    pub fn data_versions(&self) -> watch::Receiver<DataVersion> {
        self.inner.changes.versions()
    }

    /// Lets go of what sessions have shared; those that are under way keep it.
    pub fn forget_reads(&self) {
        self.inner.shared.forget();
    }

    /// Ends the writer after what is queued, and closes every connection once
    /// its session has ended.
    pub async fn close(&self) {
        drop(take(&self.inner.watch));
        let writer = take(&self.inner.writer);
        drop(writer);
        if let Some(task) = take(&self.inner.writer_task) {
            // The task only ends early where it panicked, which it told.
            let _ = task.await;
        }
        self.inner.pool.close().await;
    }

    /// Runs a write: all of what `code` does, or nothing of it.
    ///
    /// Cancelling the wait does not cancel a write that is queued.
    pub(crate) async fn write<T, F>(&self, code: F) -> Result<Written<T>, StoreError>
    where
        T: Send + 'static,
        F: for<'t, 'c> FnOnce(&'t mut Writing<'c>) -> BoxFuture<'t, Result<T, StoreError>>
            + Send
            + 'static,
    {
        let writer = lock(&self.inner.writer).clone().ok_or(StoreError::Closed)?;
        writer.write(code).await
    }

    pub(crate) fn tags(&self) -> &RandomState {
        &self.inner.tags
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.inner.changes
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    pub(crate) fn habits(&self) -> &Habits {
        &self.inner.habits
    }

    pub(crate) fn next_session_id(&self) -> SessionId {
        SessionId(self.inner.sessions.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(crate) fn hold(&self, id: SessionId, purpose: &Purpose) -> LiveGuard {
        self.inner.live.hold(id, purpose)
    }

    /// Tells the operator who has the connections, where somebody did not get
    /// one. The error itself does not: a plugin may see it.
    pub(crate) fn tell_holders(&self, waiting: &Purpose, error: &StoreError) {
        let StoreError::Unavailable { waited } = error else {
            return;
        };
        let Some(untold) = self.inner.tellings.due() else {
            return;
        };
        let holders = self.live_sessions();
        let holders: Vec<_> = holders.iter().map(ToString::to_string).collect();
        tracing::warn!(
            plugin = &*waiting.who,
            call = waiting.call,
            waited_ms = waited.as_millis(),
            holders = holders.join(", "),
            untold,
            "no connection became free"
        );
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    pub(crate) fn statement_timeout(&self) -> Duration {
        self.inner.statement_timeout
    }

    pub(crate) fn acquire_timeout(&self) -> Duration {
        self.inner.acquire_timeout
    }

    /// A connection, where one is free this moment.
    pub(crate) fn connection_at_once(&self) -> Option<PoolConnection<Sqlite>> {
        self.inner.pool.try_acquire()
    }

    /// A connection, lent until it is dropped.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        let acquired = self.inner.pool.acquire().await;
        acquired.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => StoreError::Unavailable {
                waited: self.inner.acquire_timeout,
            },
            sqlx::Error::PoolClosed => StoreError::Closed,
            error => error.into(),
        })
    }
}

/// These options with a bound on the database's size, which this connection has
/// from now on.
async fn bounded(
    connect: SqliteConnectOptions,
    connection: &mut SqliteConnection,
    max_bytes: Option<u64>,
) -> Result<SqliteConnectOptions, StoreError> {
    let Some(most) = max_bytes else {
        return Ok(connect);
    };
    let size = sqlx::query("PRAGMA page_size");
    let size: i64 = size.fetch_one(&mut *connection).await?.try_get(0)?;
    // The database takes 32 bits of it.
    let pages = (most / size.cast_unsigned().max(1)).clamp(1, u64::from(u32::MAX) - 1);
    // A pragma takes no parameters; this one is a number of ours.
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(sql).execute(connection).await?;
    Ok(connect.pragma("max_page_count", pages.to_string()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T>(mutex: &Mutex<Option<T>>) -> Option<T> {
    lock(mutex).take()
}
