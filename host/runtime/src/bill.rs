//! What calls have cost.
//!
//! Owns: the records that are not written yet. They are written many at once
//! and never on the way of a call.
//! Must not know: the statements.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lombard_model::CallRecord;
use lombard_store::Store;

/// Records that are kept while they can't be written; older ones are lost.
const KEPT: usize = 4_096;

/// Records that are written at once.
const BATCH: usize = 256;

#[derive(Default)]
pub(crate) struct Bill {
    unwritten: Mutex<VecDeque<CallRecord>>,
}

impl Bill {
    /// Takes a record, and begins to write a batch where there is one.
    pub(crate) fn add(&self, record: CallRecord, store: &Store) {
        let mut unwritten = self.lock();
        if unwritten.len() == KEPT {
            unwritten.pop_front();
        }
        unwritten.push_back(record);
        if unwritten.len() < BATCH {
            return;
        }
        // Where there is no runtime any more, the flush at the end writes it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let batch: Vec<_> = unwritten.drain(..).collect();
            let store = store.clone();
            runtime.spawn(async move { write(&store, &batch).await });
        }
    }

    /// Writes what is not written yet.
    pub(crate) async fn flush(&self, store: &Store) {
        let batch: Vec<_> = self.lock().drain(..).collect();
        if !batch.is_empty() {
            write(store, &batch).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<CallRecord>> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a batch; a call must not fail because its cost can't be kept.
async fn write(store: &Store, batch: &[CallRecord]) {
    if let Err(error) = store.record_calls(batch).await {
        let calls = batch.len();
        tracing::warn!(
            calls,
            error = &error as &dyn std::error::Error,
            "costs are lost"
        );
    }
}
