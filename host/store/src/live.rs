//! Who holds a connection now.
//!
//! Owns: the list of live sessions, which is as long as the pool at most.
//! Must not know: what they read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::session::{Purpose, SessionId};

/// A session that holds a connection.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// Which one.
    pub id: SessionId,
    /// On whose behalf.
    pub purpose: Purpose,
    /// Since when it holds its connection.
    pub since: Instant,
}

impl std::fmt::Display for LiveSession {
    /// In words for the log: who, for which call, for how long so far.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Purpose { who, call } = &self.purpose;
        write!(f, "{who} ({call}, {} ms)", self.since.elapsed().as_millis())
    }
}

/// The sessions that hold a connection. Each is in it for as long as it does,
/// so there are never more than connections.
#[derive(Debug, Default)]
pub(crate) struct LiveSessions {
    held: Mutex<BTreeMap<SessionId, (Purpose, Instant)>>,
}

impl LiveSessions {
    /// Lists a session until what it returns is dropped.
    pub(crate) fn hold(self: &Arc<Self>, id: SessionId, purpose: &Purpose) -> LiveGuard {
        let entry = (purpose.clone(), Instant::now());
        self.with(|held| held.insert(id, entry));
        LiveGuard {
            sessions: Arc::clone(self),
            id,
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        self.with(|held| u32::try_from(held.len()).unwrap_or(u32::MAX))
    }

    /// All of them, the longest first.
    pub(crate) fn list(&self) -> Vec<LiveSession> {
        let one = |(id, (purpose, since)): (&SessionId, &(Purpose, Instant))| LiveSession {
            id: *id,
            purpose: purpose.clone(),
            since: *since,
        };
        // Ids rise with the time at which a connection was taken.
        self.with(|held| held.iter().map(one).collect())
    }

    fn with<T>(&self, code: impl FnOnce(&mut BTreeMap<SessionId, (Purpose, Instant)>) -> T) -> T {
        code(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Lists a live session for as long as it lives, however it ends.
#[derive(Debug)]
pub(crate) struct LiveGuard {
    sessions: Arc<LiveSessions>,
    id: SessionId,
}

impl LiveGuard {
    /// Lists it under other words from now on; since when stays.
    pub(crate) fn rename(&self, purpose: &Purpose) {
        self.sessions.with(|held| {
            if let Some((listed, _)) = held.get_mut(&self.id) {
                *listed = purpose.clone();
            }
        });
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        self.sessions.with(|held| held.remove(&self.id));
    }
}
