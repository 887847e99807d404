//! Who holds a connection now.
//!
//! Owns: the list of live sessions, which is as long as the pool at most, and
//! how often the log is told of it. Must not know: what they read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::purpose::Purpose;
use crate::session::SessionId;

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

/// The log is told who holds the connections once in this time at most: where
/// none becomes free a whole crowd may wait in vain, and all for the same ones.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How often the log was told.
#[derive(Debug, Default)]
pub(crate) struct Tellings {
    /// When it last was, and how often not since.
    state: Mutex<(Option<tokio::time::Instant>, u64)>,
}

impl Tellings {
    /// Whether it is time to tell; then how often it was not since the last
    /// time.
    pub(crate) fn due(&self) -> Option<u64> {
        // Tokio's clock, which a test can stop.
        self.due_at(tokio::time::Instant::now())
    }

    fn due_at(&self, now: tokio::time::Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, untold) = &mut *state;
        if last.is_some_and(|last| now.duration_since(last) < TELL_EVERY) {
            *untold += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(untold))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_told_once_a_second_and_how_often_it_was_not() {
        let tellings = Tellings::default();
        let begun = tokio::time::Instant::now();
        let due_after = |millis| tellings.due_at(begun + Duration::from_millis(millis));
        assert_eq!(due_after(0), Some(0));
        for millis in [0, 1, 500, 999] {
            assert_eq!(due_after(millis), None, "{millis}");
        }
        assert_eq!(due_after(1_000), Some(4));
        assert_eq!(due_after(1_999), None);
        assert_eq!(due_after(9_000), Some(1));
        assert_eq!(due_after(10_000), Some(0));
    }
}
