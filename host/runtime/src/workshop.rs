//! Work between calls, on a thread of its own.
//!
//! Owns: that it is done in the order in which it was handed over, and that
//! calls and what they wait for go before it where processors are short.
//! Must not know: what the work is.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use futures_util::FutureExt as _;
use tokio::runtime::Handle;

use crate::RuntimeError;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How far its thread stands back, as `nice` counts. It still has a tenth of
/// what another one has, so that nothing lies about while all processors are
/// busy.
#[cfg(target_os = "linux")]
const STANDS_BACK: i32 = 10;

/// Takes work, until it is dropped.
pub(crate) struct Workshop {
    work: Sender<Work>,
}

impl Workshop {
    /// Starts the thread; it ends with the workshop, when it has done its work.
    ///
    /// # Errors
    /// Where the system has no thread for it.
    pub(crate) fn start() -> Result<Self, RuntimeError> {
        let (work, handed_over) = mpsc::channel();
        let runtime = Handle::current();
        let spawned = thread::Builder::new()
            .name("lombard-between".to_owned())
            .spawn(move || do_all(&handed_over, &runtime));
        spawned.map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self { work })
    }

    /// Has this done when there is time. The thread may have to be woken for it,
    /// which takes some microseconds of whoever hands it over.
    pub(crate) fn hand_over(&self, work: impl Future<Output = ()> + Send + 'static) {
        // The thread is there for as long as this is. Else the work is dropped.
        let _ = self.work.send(Box::pin(work));
    }
}

fn do_all(handed_over: &Receiver<Work>, runtime: &Handle) {
    stand_back();
    for work in handed_over {
        if runtime
            .block_on(AssertUnwindSafe(work).catch_unwind())
            .is_err()
        {
            tracing::error!("what was to be done between calls panicked");
        }
    }
}

#[cfg(target_os = "linux")]
fn stand_back() {
    // Of this thread only: Linux counts by thread here, others do not.
    if let Err(error) = rustix::process::setpriority_process(None, STANDS_BACK) {
        tracing::debug!(%error, "work between calls is as urgent as calls");
    }
}

#[cfg(not(target_os = "linux"))]
fn stand_back() {}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// What this came to in the workshop.
    async fn done<T: Send + 'static>(
        workshop: &Workshop,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, result) = oneshot::channel();
        workshop.hand_over(async move {
            let _ = done.send(work());
        });
        result.await.ok()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_stands_back_and_nobody_else_does() {
        let own = || rustix::process::getpriority_process(None).unwrap();
        let before = own();
        let workshop = Workshop::start().unwrap();
        let its = done(&workshop, own).await;
        assert_eq!((its, own()), (Some(STANDS_BACK), before));
        assert!(before < STANDS_BACK, "it would prove nothing");
    }

    #[tokio::test]
    async fn a_panic_ends_only_the_work_that_panicked() {
        let workshop = Workshop::start().unwrap();
        let panicked = done(&workshop, || -> u8 { panic!("as it is told to") }).await;
        let next = done(&workshop, || 1).await;
        assert_eq!((panicked, next), (None, Some(1)));
    }

    #[tokio::test]
    async fn what_was_handed_over_is_done_though_the_workshop_is_gone() {
        let workshop = Workshop::start().unwrap();
        let (begin, begun) = oneshot::channel();
        let (done, last) = oneshot::channel();
        workshop.hand_over(async move {
            let _ = begun.await;
        });
        workshop.hand_over(async move {
            let _ = done.send(2);
        });
        drop(workshop);
        begin.send(()).unwrap();
        assert_eq!(last.await, Ok(2));
    }
}
