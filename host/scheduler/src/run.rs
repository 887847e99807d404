//! One run of a job.
//!
//! Owns: its way from the claim of its job to its end: it is noted, waits for
//! its instance and for room, is attempted until it is done, fails for good,
//! takes too long or is stopped, and its end is noted. Must not know: why it is
//! made.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use lombard_model::{AnalysisId, JobId, JobOutcome, JobTrigger, Symbol, Timestamp};
use lombard_runtime::RunRequest;
use lombard_store::{JobRun, JobRunEnd, NewJobRun};
use tokio::sync::{AcquireError, SemaphorePermit, oneshot};

use crate::board::{Stop, UnderWay};
use crate::retry::may_pass;
use crate::shared::Shared;

/// The longest words for a failure that are kept, in characters.
const WORDS: usize = 2_000;

/// A run to make.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) job: JobId,
    pub(crate) trigger: JobTrigger,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) planned_at: Timestamp,
    /// With this run noted, planned times up to this one need nothing more.
    pub(crate) dealt_until: Option<Timestamp>,
}

impl Order {
    /// The run as it is noted, with what became of it so far.
    pub(crate) fn noted_as(self, outcome: JobOutcome) -> NewJobRun {
        NewJobRun {
            job: self.job,
            trigger: self.trigger,
            symbols: self.symbols,
            planned_at: self.planned_at,
            began_at: None,
            ended_at: None,
            attempt: 0,
            outcome,
            error: None,
            analysis: None,
            dealt_until: self.dealt_until,
        }
    }
}

/// A job that is under way until this is dropped.
pub(crate) struct Claim {
    shared: Arc<Shared>,
    job: JobId,
    stop: Stop,
}

impl Claim {
    /// Takes a job for this run; none where it is under way.
    pub(crate) fn take(shared: &Arc<Shared>, order: &Order) -> Option<Self> {
        let shown = UnderWay {
            run: None,
            trigger: order.trigger,
            planned_at: order.planned_at,
            running_since: None,
            attempt: 0,
        };
        let stop = shared.board().claim(order.job, shown)?;
        Some(Self {
            shared: Arc::clone(shared),
            job: order.job,
            stop,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.shared.board().release(self.job);
    }
}

/// What a run ended as.
struct End {
    outcome: JobOutcome,
    error: Option<String>,
    analysis: Option<AnalysisId>,
}

impl End {
    fn of(outcome: JobOutcome, error: impl Into<Option<String>>) -> Self {
        let error: Option<String> = error.into();
        Self {
            outcome,
            error: error.map(|words| words.chars().take(WORDS).collect()),
            analysis: None,
        }
    }

    /// The end of a run that was stopped.
    fn stopped(outcome: JobOutcome) -> Self {
        let words = match outcome {
            JobOutcome::Interrupted => "the host stopped".to_owned(),
            _ => "somebody stopped it".to_owned(),
        };
        Self::of(outcome, words)
    }
}

/// Makes a run; says to `noted` that it is noted. It ends early where the claim
/// is stopped, and leaves nothing half done but what the host has stored by
/// then.
pub(crate) async fn make(
    mut claim: Claim,
    order: Order,
    noted: Option<oneshot::Sender<lombard_model::JobRunId>>,
) {
    let shared = Arc::clone(&claim.shared);
    let Some(mut run) = shared.note(order.noted_as(JobOutcome::Waiting)).await else {
        return;
    };
    if let Some(noted) = noted {
        // Whoever asked may have gone; the run stands.
        let _ = noted.send(run.id);
    }
    shared
        .board()
        .show(run.job, |shown| shown.run = Some(run.id));
    tracing::info!(job = %run.job, run = %run.id, trigger = %run.trigger, "a run is planned");
    let end = {
        let stopped = claim.stop.wait_for(Option::is_some);
        tokio::select! {
            biased;
            stopped = stopped => {
                let outcome = stopped.ok().and_then(|outcome| *outcome);
                End::stopped(outcome.unwrap_or(JobOutcome::Cancelled))
            }
            end = in_turn(&shared, &mut run) => end,
        }
    };
    finish(&shared, run, end).await;
    drop(claim);
}

/// Waits until no other run of the instance is under way, and for room.
async fn in_turn(shared: &Shared, run: &mut JobRun) -> End {
    let instance = shared.board().instance(run.job.expert);
    let _alone = instance.lock().await;
    let room = shared.room.acquire().await;
    let limit = shared.options.deadline;
    tokio::select! {
        end = attempts(shared, run, room) => end,
        () = shared.clock().sleep(limit) => {
            let words = format!("stopped at its deadline of {} s", limit.as_secs());
            End::of(JobOutcome::Deadline, words)
        }
    }
}

/// Attempts the run until it is done or can't be helped. Room is only taken
/// while it runs: who pauses is in nobody's way.
async fn attempts(
    shared: &Shared,
    run: &mut JobRun,
    // An error would mean that room is refused to all; nobody does that.
    mut room: Result<SemaphorePermit<'_>, AcquireError>,
) -> End {
    let backoff = &shared.options.backoff;
    loop {
        begin_attempt(shared, run).await;
        let (words, passes) = match attempt(shared, run).await {
            Ok(analysis) => {
                return End {
                    analysis: Some(analysis),
                    ..End::of(JobOutcome::Ok, None)
                };
            }
            Err(failed) => failed,
        };
        drop(room);
        if !passes || run.attempt >= backoff.attempts {
            return End::of(JobOutcome::Error, words);
        }
        let pause = backoff.pause(run.job, run.planned_at, run.attempt);
        let (job, attempt, pause_ms) = (run.job, run.attempt, pause.as_millis());
        tracing::warn!(%job, attempt, error = words, pause_ms, "a run failed and is tried again");
        run.error = Some(words.chars().take(WORDS).collect());
        shared.clock().sleep(pause).await;
        room = shared.room.acquire().await;
    }
}

async fn begin_attempt(shared: &Shared, run: &mut JobRun) {
    let now = shared.clock().now();
    run.attempt += 1;
    let began = *run.began_at.get_or_insert(now);
    let attempt = run.attempt;
    shared.board().show(run.job, |shown| {
        shown.running_since = Some(began);
        shown.attempt = attempt;
    });
    let (store, failed) = (shared.host.store(), run.error.clone());
    let begun = store.begin_job_attempt(run.id, attempt, now, failed).await;
    if let Err(error) = begun {
        // It is noted as waiting: enough to be found after a crash.
        let error = &error as &dyn std::error::Error;
        tracing::warn!(job = %run.job, error, "the beginning of a run can't be noted");
    }
}

/// One attempt; where it fails, why, and whether another may help.
async fn attempt(shared: &Shared, run: &JobRun) -> Result<AnalysisId, (String, bool)> {
    let request = RunRequest {
        expert: run.job.expert,
        symbols: run.symbols.clone(),
        use_case: run.job.use_case,
    };
    let ran = AssertUnwindSafe(shared.host.run_expert(request));
    match ran.catch_unwind().await {
        Ok(Ok(ran)) => Ok(ran.analysis),
        Ok(Err(error)) => Err((error.to_string(), may_pass(&error))),
        Err(_) => Err(("the host panicked; its log says where".to_owned(), false)),
    }
}

async fn finish(shared: &Shared, mut run: JobRun, end: End) {
    let ended_at = shared.clock().now();
    let end = JobRunEnd {
        ended_at,
        outcome: end.outcome,
        error: end.error,
        analysis: end.analysis,
    };
    let error = end.error.as_deref();
    let (job, outcome, attempts) = (run.job, end.outcome, run.attempt);
    tracing::info!(%job, run = %run.id, %outcome, attempts, error, "a run has ended");
    let store = shared.host.store();
    let note = || store.end_job_run(run.id, end.clone());
    // What can't be noted is found as interrupted by the next start.
    let _ = shared.write(run.job, run.planned_at, note).await;
    run.ended_at = Some(end.ended_at);
    run.outcome = end.outcome;
    run.error = end.error;
    run.analysis = end.analysis;
    shared.board().put_last(run);
}
