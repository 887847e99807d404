//! The session: one pooled connection, lent for one call.
//!
//! Owns: that a call has at most one connection, that it is taken at the first
//! read that needs one, that all it sees is of one version of the data, be it
//! read or found in a cache, that it is rolled back before it returns to the
//! pool however the call ends, and the count of what went over it. What can be
//! read stands in `read/`.
//!
//! Must not know: who is calling, beyond the words of its [`Purpose`].

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite};

use crate::bounds::{Bounds, bytes_of};
use crate::changes::DataVersion;
use crate::habits::Asked;
use crate::lease::Lease;
use crate::meter::{Meter, SessionCost};
use crate::purpose::Purpose;
use crate::read::ahead::{Ahead, Flight};
use crate::read::seen::Seen;
use crate::reads::{Known, Reads};
use crate::{Store, StoreError};

/// Names a session within one process, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// A lease on one connection of the pool, taken when it is first needed.
///
/// Dropping a session at any point, also in the middle of a statement, gives
/// the connection back; it is rolled back before anybody else can have it.
#[derive(Debug)]
pub struct Session {
    store: Store,
    purpose: Purpose,
    /// The version that is seen, once anything was.
    version: Option<DataVersion>,
    lease: Option<Lease>,
    pub(crate) meter: Meter,
    /// Whether all it gave was of that version.
    is_repeatable: bool,
    /// What is known of that version.
    reads: Option<Arc<Reads>>,
    /// What is not hidden from it, where something is.
    seen: Option<Seen>,
    pub(crate) bounds: Bounds,
    /// Statements of the call that did not go over this session.
    pub(crate) elsewhere: u32,
    /// What kind of call it is of, where that is known.
    kind: Option<String>,
    asked: Asked,
    /// What is being read before it is asked for.
    flight: Option<Flight>,
}

impl Session {
    pub(crate) fn new(store: Store, purpose: Purpose) -> Self {
        Self {
            store,
            purpose,
            version: None,
            lease: None,
            meter: Meter::default(),
            is_repeatable: true,
            reads: None,
            seen: None,
            bounds: Bounds::default(),
            elsewhere: 0,
            kind: None,
            asked: Asked::default(),
            flight: None,
        }
    }

    /// Whether the session holds a connection.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.lease.is_some() || self.flight.is_some()
    }

    /// The version of the data that the session sees; none where it has seen
    /// nothing yet.
    #[must_use]
    pub fn version(&self) -> Option<DataVersion> {
        self.version
    }

    /// The version that a cache has to serve: what the session sees, or the
    /// newest that the process knows of where it has seen nothing yet. Whoever
    /// serves it says so with [`Session::saw`].
    #[must_use]
    pub fn version_to_see(&self) -> DataVersion {
        self.version.unwrap_or_else(|| self.store.changes().known())
    }

    /// Says that the session was given something of this version, which is
    /// what it sees from now on.
    pub fn saw(&mut self, version: DataVersion) {
        debug_assert!(self.version.is_none_or(|seen| seen == version));
        self.version.get_or_insert(version);
    }

    /// Says on whose behalf the session reads from now on, where that was not
    /// known when it was made.
    pub fn on_behalf_of(&mut self, purpose: Purpose) {
        if let Some(lease) = &self.lease {
            lease.rename(&purpose);
        }
        self.purpose = purpose;
    }

    /// Says that whoever has this session was given something that is not of
    /// the version it sees: the time, an answer of a broker.
    pub fn not_repeatable(&mut self) {
        self.is_repeatable = false;
    }

    /// The version at which the session would give the same again; none where
    /// it was given something that is of no version.
    #[must_use]
    pub fn repeats_at(&self) -> Option<DataVersion> {
        self.is_repeatable.then(|| self.version_to_see())
    }

    /// The account of this session, to look at from elsewhere.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Waits for what must be there before this session can read. All waits of
    /// a session together take no longer than one for a connection may.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] at that limit.
    pub async fn wait_for<T>(&self, what: impl Future<Output = T>) -> Result<T, StoreError> {
        let limit = self.store.acquire_timeout();
        let left = limit.saturating_sub(self.meter.waited());
        let _waiting = self.meter.wait();
        let waited = tokio::time::timeout(left, what).await;
        waited.map_err(|_| StoreError::Unavailable { waited: limit })
    }

    /// Takes the connection and the snapshot, if the session does not hold
    /// them yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no connection became free in time;
    /// [`StoreError::Moved`] where what was given to the session from caches is
    /// of another version than the database has now. Then the session is open
    /// and sees what the database has: whoever is ready to forget what it was
    /// given before can go on.
    pub async fn open(&mut self) -> Result<(), StoreError> {
        if self.lease.is_some() {
            return Ok(());
        }
        if let Some(flight) = self.flight.take() {
            match flight.arrival().await {
                Ok(ahead) => return self.land(ahead),
                // Whatever is the matter, the read that it is about will tell.
                Err(error) => tracing::debug!(%error, "reading ahead failed"),
            }
        }
        // What waits for a connection is kilobytes of state: whoever has no
        // need to wait, in a cache's answer or a later read, does not carry it
        // along.
        Box::pin(self.take_connection()).await
    }

    /// Says what kind of call this session is for, and begins to read what the
    /// last one of that kind asked for, all of it at once. It does not wait:
    /// the first read does. Nothing is begun where no connection is free, or
    /// somebody has read of this version what can be shared.
    pub fn read_as_last_time(&mut self, kind: String) {
        let habit = self.store.habits().of(&kind);
        self.kind = Some(kind);
        let Some(habit) = habit else { return };
        // A habit is learned of those that see all.
        let is_wanted = !habit.is_empty()
            && self.bounds.statements > 0
            && self.seen.is_none()
            && !self.is_open()
            && self.store.shared().begun(self.version_to_see()).is_none();
        if !is_wanted {
            return;
        }
        if let Some(connection) = self.store.connection_at_once() {
            let lease = self.lease_of(connection);
            self.flight = Some(Flight::begin(lease, habit, self.meter(), self.bounds));
        }
    }

    /// What a read can be answered with before it reads: what is known, also
    /// what was read ahead. The session is open after that.
    pub(crate) async fn at_hand<T>(
        &mut self,
        look: impl Fn(&mut Known) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        if let Some(found) = self.recall(&look) {
            return Ok(Some(found));
        }
        let is_in_flight = self.flight.is_some();
        self.open().await?;
        Ok(is_in_flight
            .then(|| self.known(|known| look(known)))
            .flatten())
    }

    /// What the call asks for.
    pub(crate) fn asked(&mut self) -> &mut Asked {
        &mut self.asked
    }

    async fn take_connection(&mut self) -> Result<(), StoreError> {
        let acquired = self.wait_for(self.store.connection()).await;
        let connection = acquired
            .flatten()
            .inspect_err(|error| self.store.tell_holders(&self.purpose, error))?;
        let mut lease = self.lease_of(connection);
        let found = lease.begin().await?;
        self.lease = Some(lease);
        self.sees(found)
    }

    /// Lends this connection to the session.
    fn lease_of(&self, connection: PoolConnection<Sqlite>) -> Lease {
        let lease = Lease::new(connection, &self.store, &self.purpose, &self.meter);
        tracing::debug!(
            session = lease.id.0,
            plugin = &*self.purpose.who,
            call = self.purpose.call,
            "session opened"
        );
        lease
    }

    /// Takes over what was read ahead.
    fn land(&mut self, ahead: Box<Ahead>) -> Result<(), StoreError> {
        let version = ahead.version();
        let (lease, keep) = ahead.land();
        self.lease = Some(lease);
        let seen = self.sees(version);
        self.known(keep);
        seen
    }

    /// Says which version the session was found to see, which is open.
    fn sees(&mut self, found: DataVersion) -> Result<(), StoreError> {
        self.store.changes().noticed(found);
        match self.version.replace(found) {
            Some(seen) if seen != found => {
                self.reads = None;
                Err(StoreError::Moved { seen, found })
            }
            _ => Ok(()),
        }
    }

    /// Gives the connection back, and the account of it.
    pub fn end(mut self) -> SessionCost {
        (self.lease, self.flight) = (None, None);
        if let (Some(kind), None) = (self.kind, self.seen) {
            self.store.habits().learn(kind, self.asked);
        }
        self.meter.cost()
    }

    /// What went over the session so far.
    #[must_use]
    pub fn cost(&self) -> SessionCost {
        self.meter.cost()
    }

    /// Runs one statement that reads, and counts it.
    pub(crate) async fn fetch(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let query = self.about_what_is_seen(query)?;
        // As in `open`: not carried along by whoever finds what is at hand.
        let rows = Box::pin(async { self.reading().await?.fetch_all(query).await }).await?;
        let bytes = rows.iter().map(bytes_of).sum();
        self.meter.count_rows(rows.len(), bytes);
        self.bounds.hold(&self.meter)?;
        Ok(rows)
    }

    /// Runs one statement that gives its rows as one JSON document, which is
    /// read where it lies.
    pub(crate) async fn fetch_document<T>(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
        read: impl FnOnce(&str) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let query = self.about_what_is_seen(query)?;
        // As in `open`: not carried along by whoever finds what is at hand.
        let row = Box::pin(async { self.reading().await?.fetch_one(query).await }).await?;
        let document: &str = row.try_get_unchecked(0)?;
        self.meter.count_rows(0, document.len());
        self.bounds.hold(&self.meter)?;
        let rows = read(document)?;
        self.meter.count_rows(rows.len(), 0);
        self.bounds.hold(&self.meter)?;
        Ok(rows)
    }

    /// Lets what is read from now on take as long as it does.
    pub(crate) async fn has_time(&mut self) -> Result<(), StoreError> {
        self.open().await?;
        if let Some(lease) = &mut self.lease {
            lease.has_time();
        }
        Ok(())
    }

    /// The lease, for one statement, which is counted.
    async fn reading(&mut self) -> Result<&mut Lease, StoreError> {
        self.bounds.hold_statements(self.run_so_far() + 1)?;
        self.open().await?;
        self.meter.count_statement();
        self.lease.as_mut().ok_or(StoreError::Closed)
    }

    /// See [`Bounds::rows_left`].
    pub(crate) fn rows_left(&self) -> i64 {
        self.bounds.rows_left(&self.meter)
    }

    /// What is known of the version that the session sees, or is about to see:
    /// `look` gives none where it has to be read.
    pub(crate) fn recall<T>(&mut self, look: impl FnOnce(&mut Known) -> Option<T>) -> Option<T> {
        let reads = match &self.reads {
            Some(reads) => Some(Arc::clone(reads)),
            // What is shared is whole.
            None if self.seen.is_some() => None,
            None => self.store.shared().begun(self.version_to_see()),
        };
        let found = reads.and_then(|reads| {
            let found = look(&mut reads.known())?;
            Some((found, reads))
        });
        self.meter.count_cache(found.is_some());
        let (found, reads) = found?;
        self.saw(reads.version());
        self.reads = Some(reads);
        Some(found)
    }

    /// What is known of the version that the session sees, which is open.
    pub(crate) fn known<T>(&mut self, look: impl FnOnce(&mut Known) -> T) -> T {
        let version = self.version_to_see();
        let reads = self.reads.get_or_insert_with(|| match &self.seen {
            None => self.store.shared().at(version),
            Some(_) => Reads::new(version),
        });
        look(&mut reads.known())
    }

    /// What is not hidden, where something is.
    pub(crate) fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    /// Sees this from here on, and forgets what it knows.
    pub(crate) fn see(&mut self, seen: Seen) {
        (self.seen, self.reads, self.flight) = (Some(seen), None, None);
    }

    /// Keeps what was read since `before`, the bytes by then.
    pub(crate) fn remember<T>(&mut self, before: u64, keep: impl FnOnce(&mut Known) -> T) -> T {
        let grown = self.meter.cost().bytes.saturating_sub(before);
        self.known(|known| {
            known.grew(grown);
            keep(known)
        })
    }
}
