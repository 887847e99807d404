//! The deadline of a call.
//!
//! Owns: what counts against it: everything but waiting for a connection,
//! which is nobody's fault in the call and has a limit of its own.
//! Must not know: what stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::spent::Spent;

/// The shortest time to sleep before looking again: while the call waits, its
/// deadline moves.
const STEP: Duration = Duration::from_millis(5);

#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    began: Instant,
    limit: Duration,
    spent: Arc<Spent>,
}

impl Deadline {
    /// This long from now.
    pub(crate) fn starting_now(limit: Duration, spent: Arc<Spent>) -> Self {
        Self {
            began: Instant::now(),
            limit,
            spent,
        }
    }

    /// What is left; zero when it is reached.
    pub(crate) fn left(&self) -> Duration {
        let end = self.limit + self.spent.waited();
        end.saturating_sub(self.began.elapsed())
    }

    /// Returns when it is reached.
    pub(crate) async fn reached(&self) {
        loop {
            match self.left() {
                Duration::ZERO => return,
                left => tokio::time::sleep(left.max(STEP)).await,
            }
        }
    }
}
