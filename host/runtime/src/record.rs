//! The record of one call.
//!
//! Owns: that every call leaves one, however it ends, and also where whoever
//! asked for it has gone. Must not know: where records are kept.

use std::sync::Arc;
use std::time::Instant;

use lombard_model::{CallCost, CallOutcome, CallRecord, Timestamp};

use crate::call::CallSetup;
use crate::spent::micros;
use crate::{CallError, Host};

/// A call that is being recorded. Dropped before its end, it was cancelled.
pub(crate) struct Recording<'h> {
    host: &'h Host,
    setup: Arc<CallSetup>,
    began: Instant,
    began_at: Timestamp,
    ended: bool,
}

impl<'h> Recording<'h> {
    pub(crate) fn begin(host: &'h Host, setup: &Arc<CallSetup>) -> Self {
        Self {
            host,
            setup: Arc::clone(setup),
            began: Instant::now(),
            began_at: host.clock.now(),
            ended: false,
        }
    }

    /// Keeps the record, and gives what the call cost.
    pub(crate) fn end<T>(mut self, result: &Result<T, CallError>) -> CallCost {
        self.ended = true;
        match result {
            Ok(_) => self.keep(CallOutcome::Ok, None),
            Err(error) => self.keep(error.outcome(), Some(error)),
        }
    }

    fn keep(&self, outcome: CallOutcome, error: Option<&CallError>) -> CallCost {
        let cost = CallCost {
            wall_us: micros(self.began.elapsed()),
            ..self.setup.spent.cost()
        };
        let manifest = &self.setup.plugin.manifest;
        self.host.bill.add(
            CallRecord {
                run: self.host.run.clone(),
                id: self.setup.id,
                plugin: manifest.name.clone(),
                version: manifest.version.clone(),
                digest: self.setup.plugin.digest,
                function: self.setup.function,
                began_at: self.began_at,
                outcome,
                error: error.map(words),
                cost,
                look_ups: self.setup.spent.look_ups(),
            },
            &self.host.store,
        );
        cost
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.keep(CallOutcome::Cancelled, None);
        }
    }
}

/// The words of an error, which are fit for an operator, as far as they are
/// kept.
fn words(error: &CallError) -> String {
    let words = error.to_string();
    words.chars().take(CallRecord::LONGEST_ERROR).collect()
}
