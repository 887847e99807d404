//! The record of one call.
//!
//! Owns: that every call leaves one, however it ends, and also where whoever
//! asked for it has gone. Must not know: where records are kept.

use std::sync::Arc;
use std::time::Instant;

use lombard_model::{
    CallCost, CallId, CallOutcome, CallRecord, ExpertId, Limit, PluginName, Timestamp,
};
use lombard_store::Meter;
use tracing::Span;

use crate::spent::{Spent, micros};
use crate::traced;
use crate::{CallError, Host, Plugin, RuntimeError};

/// Whose call it is, as far as that is known.
pub(crate) enum Who {
    /// This plugin's.
    Plugin(Arc<Plugin>),
    /// Some expert's, whose plugin is not loaded: its name, where that is known.
    Expert(ExpertId, Option<PluginName>),
}

/// A call that is being recorded. Dropped before its end, it was cancelled.
pub(crate) struct Entry<'h> {
    host: &'h Host,
    pub(crate) id: CallId,
    pub(crate) function: &'static str,
    pub(crate) who: Who,
    pub(crate) spent: Arc<Spent>,
    /// What somebody who follows calls sees of this one.
    pub(crate) span: Span,
    began: Instant,
    began_at: Timestamp,
    ended: bool,
}

impl<'h> Entry<'h> {
    /// Of a call that begins now, over the session with this account.
    pub(crate) fn begin(
        host: &'h Host,
        id: CallId,
        function: &'static str,
        who: Who,
        session: Meter,
    ) -> Self {
        Self {
            host,
            id,
            function,
            who,
            spent: Arc::new(Spent::new(session)),
            span: traced::call(function, id),
            began: Instant::now(),
            began_at: host.clock.now(),
            ended: false,
        }
    }

    /// Keeps the record, and gives what the call cost.
    pub(crate) fn end<T>(mut self, result: &Result<T, CallError>) -> CallCost {
        self.ended = true;
        match result {
            Ok(_) => self.keep(CallOutcome::Ok, None, None),
            Err(error) => self.keep(error.outcome(), Some(words(error)), error.limit()),
        }
    }

    /// Keeps the record of a call whose plugin was never called: by then it
    /// had waited, or held a connection, as others that are on the bill.
    pub(crate) fn end_early(mut self, error: &RuntimeError) {
        self.ended = true;
        self.keep(CallOutcome::Unavailable, Some(words(error)), None);
    }

    fn keep(&self, outcome: CallOutcome, error: Option<String>, limit: Option<Limit>) -> CallCost {
        let cost = CallCost {
            wall_us: micros(self.began.elapsed()),
            ..self.spent.cost()
        };
        let (plugin, version, digest) = match &self.who {
            Who::Plugin(plugin) => {
                let manifest = &plugin.manifest;
                let digest = Some(plugin.digest);
                (manifest.name.clone(), manifest.version.clone(), digest)
            }
            Who::Expert(id, name) => {
                let name = name.clone().unwrap_or_else(|| PluginName::of_expert(*id));
                (name, "unknown".to_owned(), None)
            }
        };
        let is_of = (plugin.as_str(), version.as_str());
        traced::ended(&self.span, is_of, outcome, &cost, &self.spent);
        self.host.bill.add(
            CallRecord {
                run: self.host.run.clone(),
                id: self.id,
                plugin,
                version,
                digest,
                function: self.function,
                began_at: self.began_at,
                outcome,
                error,
                limit,
                cost,
                look_ups: self.spent.look_ups(),
            },
            &self.host.store,
        );
        cost
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.keep(CallOutcome::Cancelled, None, None);
        }
    }
}

/// The words of an error, which are fit for an operator, as far as they are
/// kept.
fn words(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    words.chars().take(CallRecord::LONGEST_ERROR).collect()
}
