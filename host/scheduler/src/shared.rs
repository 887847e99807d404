//! What the scheduler's tasks share.
//!
//! Owns: the host, the options, the board behind its lock, room for runs, and
//! the tasks that were begun. Must not know: what the tasks do.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lombard_model::{Definitions, JobId, Timestamp};
use lombard_runtime::Host;
use lombard_store::{JobRun, KeepRuns, NewJobRun, StoreError, Written};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::board::Board;
use crate::clock::earlier;
use crate::health::Pulse;
use crate::news::News;
use crate::{ScheduleClock, SchedulerOptions};

pub(crate) struct Shared {
    pub(crate) host: Arc<Host>,
    pub(crate) options: SchedulerOptions,
    /// What the host declares for all experts; a schedule is told by no other.
    pub(crate) definitions: Definitions,
    /// Runs that may be under way at once.
    pub(crate) room: Semaphore,
    pub(crate) news: Arc<News>,
    pub(crate) planner: Pulse,
    pub(crate) watcher: Pulse,
    /// The schedules could not be kept as they stand.
    pub(crate) is_unkept: AtomicBool,
    /// How often jobs have become others, or due at other times.
    plans: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
    board: Mutex<Board>,
    tasks: Mutex<JoinSet<()>>,
}

impl Shared {
    pub(crate) fn new(
        host: Arc<Host>,
        options: SchedulerOptions,
        definitions: Definitions,
    ) -> Self {
        let pulse = |task| Pulse::new(task, options.heartbeat, &options.clock);
        Self {
            host,
            definitions,
            room: Semaphore::new(options.concurrent.clamp(1, Semaphore::MAX_PERMITS)),
            news: Arc::default(),
            planner: pulse("planner"),
            watcher: pulse("watcher"),
            is_unkept: AtomicBool::new(false),
            plans: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            board: Mutex::default(),
            tasks: Mutex::default(),
            options,
        }
    }

    pub(crate) fn clock(&self) -> &ScheduleClock {
        &self.options.clock
    }

    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        lock(&self.board)
    }

    /// Begins a task that a stop waits for; nothing where the scheduler stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        if self.is_stopping() {
            return;
        }
        // Those that have ended, so that the set does not grow.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// How often jobs have become others, or due at other times.
    pub(crate) fn plans(&self) -> watch::Receiver<u64> {
        self.plans.subscribe()
    }

    /// Says that jobs are others now, or due at other times.
    pub(crate) fn has_planned(&self) {
        self.plans.send_modify(|plans| *plans += 1);
    }

    /// Has no task begun from now on; gives those that were.
    pub(crate) fn stop(&self) -> JoinSet<()> {
        let mut tasks = lock(&self.tasks);
        self.stopping.send_replace(true);
        std::mem::take(&mut *tasks)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits for so long, but no longer than until the scheduler stops.
    async fn pause(&self, pause: Duration) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = self.clock().sleep(pause) => {}
            // The sender is there as long as this is.
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    /// Notes a run; gives it as it is kept. None where it can't be noted.
    pub(crate) async fn note(&self, run: NewJobRun) -> Option<JobRun> {
        let since = |age| earlier(self.clock().now(), age);
        let keep = KeepRuns {
            runs: self.options.runs_kept,
            since: self.options.age_kept.map(since),
        };
        let store = self.host.store();
        let add = || store.add_job_run(run.clone(), keep);
        let id = self.write(run.job, run.planned_at, add).await?;
        Some(JobRun {
            id,
            job: run.job,
            trigger: run.trigger,
            symbols: run.symbols,
            planned_at: run.planned_at,
            began_at: run.began_at,
            ended_at: run.ended_at,
            attempt: run.attempt,
            outcome: run.outcome,
            error: run.error,
            analysis: run.analysis,
        })
    }

    /// Makes a write about a run, again where that may help.
    pub(crate) async fn write<T, W>(
        &self,
        job: JobId,
        planned_at: Timestamp,
        write: impl Fn() -> W,
    ) -> Option<T>
    where
        W: Future<Output = Result<Written<T>, StoreError>>,
    {
        let backoff = &self.options.backoff;
        for attempt in 1.. {
            let error = match write().await {
                Ok(written) => return Some(written.value),
                Err(error) => error,
            };
            let is_last = !error.may_pass() || attempt >= backoff.attempts || self.is_stopping();
            {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(%job, attempt, error, "the run can't be noted");
            }
            if is_last {
                break;
            }
            self.pause(backoff.pause(job, planned_at, attempt)).await;
        }
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
