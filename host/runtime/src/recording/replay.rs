//! A plugin on a recording.
//!
//! Owns: running the real component in the real sandbox, within the recorded
//! limits, with a tape in place of the database; and what came of it beside
//! what was recorded. A replay is on no bill and takes no connection.
//! Must not know: who shows it.

use std::sync::Arc;
use std::time::Instant;

use lombard_model::{CallCost, CallId};
use lombard_store::{Meter, Session};

use super::tape::Player;
use super::{CallDifference, Difference, Outcome, RecordedRequest, Recording, Tape, difference};
use crate::call::CallSetup;
use crate::capabilities::Subject;
use crate::host::purpose;
use crate::lane::Slice;
use crate::spent::{Spent, micros};
use crate::{CallError, Host, PluginRef, RuntimeError};

/// What came of a replay.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Replayed {
    /// What the plugin gave.
    pub outcome: Outcome,
    /// Where that differs from what was recorded.
    pub differences: Vec<Difference>,
    /// How many more such places there are.
    pub further_differences: u64,
    /// Where it asked the host for something else than was recorded.
    pub calls: Vec<CallDifference>,
    /// How many more such places there are.
    pub further_calls: u64,
    /// What it asked for that the recording does not have: its call ended
    /// there.
    pub not_recorded: Option<String>,
    /// Whether it was the binary of the recording.
    pub is_same_binary: bool,
    /// What the replay cost.
    pub cost: CallCost,
}

impl Replayed {
    /// Whether it gave the same, byte for byte of what a document has of it,
    /// and asked for the same in the same order.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        self.has_same_outcome() && self.calls.is_empty()
    }

    /// Whether it gave the same, whatever it asked for on the way.
    #[must_use]
    pub fn has_same_outcome(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Host {
    /// Calls a plugin as the recording says, with the recorded answers to what
    /// it asks of the host. No database is read, none is written, and no record
    /// of the call is kept. What a plugin was granted does not matter: what it
    /// was denied is among the answers.
    ///
    /// # Errors
    /// Where the plugin is not of the recorded kind. A call that fails is an
    /// outcome.
    pub async fn replay(
        &self,
        plugin: &PluginRef,
        recording: &Recording,
    ) -> Result<Replayed, RuntimeError> {
        plugin.of_kind(recording.plugin.kind)?;
        plugin.plugin.link_taped(&self.engine)?;
        let began = Instant::now();
        let id = self.next_call();
        let session = self.call_session(purpose(plugin, "replay", id), &plugin.limits);
        let setup = self.replay_setup(plugin, recording, id, session.meter());
        let call = self.recorded_call(&setup, session, &recording.request);
        let called = self.in_turn(plugin, call);
        let (outcome, not_recorded) = match called.await {
            Ok(outcome) => (outcome, None),
            Err(error) => {
                let asked = match &error {
                    CallError::NotRecorded(asked) => Some(asked.clone()),
                    _ => None,
                };
                (Outcome::from(&error), asked)
            }
        };
        let cost = CallCost {
            wall_us: micros(began.elapsed()),
            ..setup.spent.cost()
        };
        let calls = setup.taped(|tape| match tape {
            Tape::Replaying(player) => player.end(),
            Tape::Recording(_) => Default::default(),
        });
        let (calls, further_calls) = calls.unwrap_or_default();
        let (differences, further_differences) = difference::between(&recording.outcome, &outcome);
        Ok(Replayed {
            outcome,
            differences,
            further_differences,
            calls,
            further_calls,
            not_recorded,
            is_same_binary: plugin.plugin.digest == recording.plugin.digest,
            cost,
        })
    }

    fn replay_setup(
        &self,
        plugin: &PluginRef,
        recording: &Recording,
        id: CallId,
        session: Meter,
    ) -> Arc<CallSetup> {
        let player = Player::of(Arc::clone(&recording.calls));
        Arc::new(CallSetup {
            id,
            plugin: Arc::clone(&plugin.plugin),
            grants: recording.plugin.granted.clone(),
            accounts: self.accounts.clone(),
            // Whose they were nobody asks the host any more.
            subject: Subject::Widget(recording.saved_settings()),
            as_of: recording.as_of,
            limits: plugin.limits.with_all(&recording.limits),
            memory: self.memory.clone(),
            slice: Arc::new(Slice::new(self.lane.clone())),
            function: recording.request.function(),
            spent: Arc::new(Spent::new(session)),
            tape: Some(Tape::Replaying(player).into()),
        })
    }

    async fn recorded_call(
        &self,
        setup: &Arc<CallSetup>,
        session: Box<Session>,
        request: &RecordedRequest,
    ) -> Result<Outcome, CallError> {
        match request {
            RecordedRequest::Render { max_rows } => {
                let answered = self.rendered(setup, session, *max_rows).await?;
                Ok(Outcome::View(answered.value))
            }
            RecordedRequest::Analyze { symbols, use_case } => {
                let answer = self.analyzed(setup, session, symbols, *use_case).await?;
                Ok(Outcome::Recommendations(answer))
            }
        }
    }
}
