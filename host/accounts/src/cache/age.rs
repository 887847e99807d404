//! How old a cached state is.
//!
//! Owns: the clock that ages are told by. Must not know: how old is too old.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The clock that ages are told by: it never goes back. Clones are one clock.
#[derive(Clone, Debug)]
pub struct AgeClock {
    begun: Instant,
    /// Nanoseconds, where it only goes when it is told to.
    driven: Option<Arc<AtomicU64>>,
}

impl Default for AgeClock {
    /// The system's.
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            driven: None,
        }
    }
}

impl AgeClock {
    /// A clock that stands until [`AgeClock::advance`].
    #[must_use]
    pub fn driven() -> Self {
        Self {
            driven: Some(Arc::default()),
            ..Self::default()
        }
    }

    /// Sets a driven clock forward. The system's goes by itself.
    pub fn advance(&self, by: Duration) {
        if let Some(driven) = &self.driven {
            let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
            driven.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// The time since the clock was made.
    pub(crate) fn now(&self) -> Duration {
        match &self.driven {
            Some(driven) => Duration::from_nanos(driven.load(Ordering::SeqCst)),
            None => self.begun.elapsed(),
        }
    }
}
