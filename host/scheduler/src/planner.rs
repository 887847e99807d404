//! The task that sees what is due, and the one that sees whether it does.
//!
//! Owns: reading the jobs when an expert has changed, beginning runs when their
//! time has come, and sleeping until then. With unchanged data it reads
//! nothing. Must not know: how a run is made.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lombard_model::{JobId, JobOutcome, JobTrigger, MissedPolicy};
use lombard_store::{JobRun, StoreError};

use crate::due::Due;
use crate::news::Look;
use crate::plan;
use crate::run::{Claim, Order, make};
use crate::shared::Shared;

/// Why a run that was found under way has no host any more.
const ENDED: &str = "the host ended in the middle of it";

/// Takes over what the last host left: reads jobs, schedules and last runs, and
/// marks what was under way as interrupted. Gives the runs that were cut short
/// and that no later one followed.
///
/// # Errors
/// Where the database fails.
pub(crate) async fn take_over(shared: &Shared) -> Result<Vec<JobRun>, StoreError> {
    let mut session = shared.host.session("scheduler");
    let mut before = session.job_schedules().await?;
    let mut last = session.last_job_runs().await?;
    let experts = session.experts().await?;
    session.end();
    let now = shared.clock().now();
    let store = shared.host.store();
    store.interrupt_job_runs(now, ENDED).await?;
    for run in last.iter_mut().filter(|run| !run.outcome.is_over()) {
        run.outcome = JobOutcome::Interrupted;
        (run.ended_at, run.error) = (Some(now), Some(ENDED.to_owned()));
    }
    let jobs = plan::jobs(&experts, &shared.definitions, &before, now);
    let schedules = plan::schedules(&jobs);
    before.sort_unstable_by_key(|schedule| schedule.job);
    if schedules != before {
        store.keep_job_schedules(&schedules).await?;
    }
    let mut board = shared.board();
    board.put_jobs(jobs);
    for run in &last {
        board.put_last(run.clone());
    }
    last.retain(|run| run.outcome == JobOutcome::Interrupted);
    Ok(last)
}

/// Begins runs when their time has come, for as long as the scheduler is there.
pub(crate) async fn plan(shared: Arc<Shared>, interrupted: Vec<JobRun>) {
    let heartbeat = shared.options.heartbeat;
    begin_due(&shared);
    for run in interrupted {
        again(&shared, run);
    }
    loop {
        shared.planner.beat();
        let soon = read_news(&shared).await;
        begin_due(&shared);
        let next = shared.board().next();
        tokio::select! {
            () = shared.news.told() => {}
            () = shared.clock().reach(next, heartbeat) => {}
            () = tokio::time::sleep(soon.unwrap_or_default()), if soon.is_some() => {}
        }
    }
}

/// Looks from outside whether the planner does its work, and tells the log where
/// it does not.
pub(crate) async fn watch(shared: Arc<Shared>) {
    let mut was_late = false;
    loop {
        shared.watcher.beat();
        let health = shared.planner.health();
        if health.is_late && !was_late {
            let (task, silent_ms) = (health.task, health.silent.as_millis());
            tracing::error!(task, silent_ms, "a task of the scheduler is late");
        }
        was_late = health.is_late;
        shared.clock().sleep(shared.options.heartbeat).await;
    }
}

/// Reads the jobs again where an expert has changed; says how soon to look
/// again where that change is under way.
async fn read_news(shared: &Shared) -> Option<Duration> {
    let known = shared.host.store().data_version();
    match shared.news.look(known) {
        Look::Nothing => return None,
        Look::Soon(pause) => return Some(pause),
        Look::Read => {}
    }
    if let Err(error) = read_again(shared).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the schedules can't be read; they stay as they were");
        shared.news.again(known);
    }
    None
}

async fn read_again(shared: &Shared) -> Result<(), StoreError> {
    let mut session = shared.host.session("scheduler");
    let experts = session.experts().await;
    session.end();
    let experts = experts?;
    let now = shared.clock().now();
    let (before, schedules) = {
        let mut board = shared.board();
        let before = plan::schedules(board.jobs());
        let jobs = plan::jobs(&experts, &shared.definitions, &before, now);
        for job in jobs.values() {
            if let Some(fault) = &job.fault {
                tracing::warn!(job = %job.id, fault, "a job has no schedule");
            }
        }
        let schedules = plan::schedules(&jobs);
        let are_alike = plan::are_alike(board.jobs(), &jobs);
        board.put_jobs(jobs);
        if !are_alike {
            shared.has_planned();
        }
        (before, schedules)
    };
    if before != schedules {
        shared.is_unkept.store(true, Ordering::SeqCst);
    }
    if shared.is_unkept.load(Ordering::SeqCst) {
        let store = shared.host.store();
        store.keep_job_schedules(&schedules).await?;
        shared.is_unkept.store(false, Ordering::SeqCst);
    }
    Ok(())
}

fn begin_due(shared: &Arc<Shared>) {
    let now = shared.clock().now();
    let due = shared.board().take_due(now, shared.options.late);
    if !due.is_empty() {
        shared.has_planned();
    }
    for (job, due) in due {
        begin(shared, job, due);
    }
}

/// Begins what is due of one job. What is noted is noted by a task: the planner
/// waits for no write.
fn begin(shared: &Arc<Shared>, job: JobId, due: Due) {
    let order = |trigger, planned_at| Order {
        job,
        trigger,
        symbols: Vec::new(),
        planned_at,
        dealt_until: Some(planned_at),
    };
    let run = due.run.map(|trigger| order(trigger, due.until));
    let claim = run.as_ref().map(|run| Claim::take(shared, run));
    let missed = due.missed.map(|missed| {
        let words = missed.words();
        (order(JobTrigger::Schedule, missed.last), words)
    });
    let task = Arc::clone(shared);
    shared.spawn(async move {
        if let Some((missed, words)) = missed {
            not_made(&task, missed, JobOutcome::Missed, words).await;
        }
        match (run, claim) {
            (Some(run), Some(Some(claim))) => make(claim, run, None).await,
            (Some(run), _) => {
                let words = "the last run of this job was still under way".to_owned();
                not_made(&task, run, JobOutcome::Skipped, words).await;
            }
            (None, _) => {}
        }
    });
}

/// Notes a run that is not made.
async fn not_made(shared: &Shared, order: Order, outcome: JobOutcome, words: String) {
    tracing::warn!(job = %order.job, planned_at = %order.planned_at, %outcome, "{words}");
    let mut run = order.noted_as(outcome);
    run.ended_at = Some(shared.clock().now());
    run.error = Some(words);
    if let Some(run) = shared.note(run).await {
        shared.board().put_last(run);
    }
}

/// Makes a run again that was interrupted, where its instance wants that, and
/// none is made for what was missed meanwhile.
fn again(shared: &Arc<Shared>, run: JobRun) {
    let policy = shared.board().jobs().get(&run.job).map(|job| job.policy);
    if policy != Some(MissedPolicy::RunOnce) {
        return;
    }
    let order = Order {
        job: run.job,
        trigger: JobTrigger::CatchUp,
        symbols: run.symbols,
        planned_at: run.planned_at,
        dealt_until: None,
    };
    if let Some(claim) = Claim::take(shared, &order) {
        shared.spawn(make(claim, order, None));
    }
}
