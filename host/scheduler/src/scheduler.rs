//! The scheduler, as others use it.
//!
//! Owns: beginning and ending its tasks, and what can be asked of it. Must not
//! know: who asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lombard_accounts::expert_definitions;
use lombard_model::{Definitions, JobId, JobOutcome, JobRunId, JobTrigger, Symbol};
use lombard_runtime::Host;
use lombard_store::JobRun;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::lease::Lease;
use crate::planner;
use crate::run::{Claim, Order, make};
use crate::shared::Shared;
use crate::{JobStatus, SchedulerError, SchedulerHealth, SchedulerOptions};

/// Runs the experts of a host when their schedules say so.
///
/// It is the owner of its tasks: [`Scheduler::stop`] ends them in good order,
/// and dropping it cuts them off as a crash would.
pub struct Scheduler {
    shared: Arc<Shared>,
    /// Its own, which never end by themselves.
    tasks: Mutex<Vec<JoinHandle<()>>>,
    lease: Mutex<Option<Lease>>,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Takes over from the last host and begins. What was under way when that
    /// one ended is marked as interrupted, and treated, with what was missed
    /// since, as the settings of each instance say.
    ///
    /// # Errors
    /// [`SchedulerError::Taken`] where another process runs the schedules of
    /// this database, or where the database fails.
    pub async fn start(host: Arc<Host>, options: SchedulerOptions) -> Result<Self, SchedulerError> {
        let lease = Lease::take(host.store().location().path())?;
        let definitions = expert_definitions(&Definitions::default())?;
        let shared = Arc::new(Shared::new(host, options, definitions));
        // Before the first read, so that no change is missed. A listener stays
        // as long as the store: it must not keep the scheduler.
        let news = Arc::downgrade(&shared.news);
        shared.host.store().on_change(move |changed, version| {
            if let Some(news) = news.upgrade() {
                news.changed(changed, version);
            }
        });
        let interrupted = planner::take_over(&shared).await?;
        let planner = tokio::spawn(planner::plan(Arc::clone(&shared), interrupted));
        shared.planner.is_of(planner.abort_handle());
        let watcher = tokio::spawn(planner::watch(Arc::clone(&shared)));
        shared.watcher.is_of(watcher.abort_handle());
        Ok(Self {
            shared,
            tasks: Mutex::new(vec![planner, watcher]),
            lease: Mutex::new(Some(lease)),
        })
    }

    /// All jobs, by expert and use case: two for each enabled instance, with or
    /// without a schedule. From memory.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobStatus> {
        self.shared.board().statuses()
    }

    /// How often [`Scheduler::jobs`] has come to give others, or other times:
    /// a setting that was saved is in them a moment after its commit.
    #[must_use]
    pub fn plans(&self) -> watch::Receiver<u64> {
        self.shared.plans()
    }

    /// Runs a job now, whatever its schedule says, on these symbols; where there
    /// are none the expert picks its own. Returns once the run is noted; it goes
    /// on where the wait is cancelled.
    ///
    /// # Errors
    /// [`SchedulerError::NoJob`], [`SchedulerError::UnderWay`] where a run of the
    /// job waits or is under way, [`SchedulerError::Stopping`], or
    /// [`SchedulerError::NotNoted`].
    pub async fn run_now(
        &self,
        job: JobId,
        symbols: Vec<Symbol>,
    ) -> Result<JobRunId, SchedulerError> {
        let shared = &self.shared;
        if !shared.board().jobs().contains_key(&job) {
            return Err(SchedulerError::NoJob(job));
        }
        let order = Order {
            job,
            trigger: JobTrigger::Hand,
            symbols,
            planned_at: shared.clock().now(),
            dealt_until: None,
        };
        let claim = Claim::take(shared, &order).ok_or(SchedulerError::UnderWay(job))?;
        let (noted, is_noted) = oneshot::channel();
        shared.spawn(make(claim, order, Some(noted)));
        is_noted.await.map_err(|_| match shared.is_stopping() {
            true => SchedulerError::Stopping,
            false => SchedulerError::NotNoted(job),
        })
    }

    /// Stops the run of a job that waits or is under way, and returns once it
    /// has ended. What it has stored by then stays.
    ///
    /// # Errors
    /// [`SchedulerError::NotUnderWay`].
    pub async fn cancel(&self, job: JobId) -> Result<(), SchedulerError> {
        let stop = self.shared.board().stop(job, JobOutcome::Cancelled);
        let mut stop = stop.ok_or(SchedulerError::NotUnderWay(job))?;
        // Its other end goes with the run.
        while stop.changed().await.is_ok() {}
        Ok(())
    }

    /// The last runs of a job, or of all, before this one, the newest first:
    /// those that were not made and those under way included. Over a session of
    /// its own.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn history(
        &self,
        job: Option<JobId>,
        before: Option<JobRunId>,
        limit: u32,
    ) -> Result<Vec<JobRun>, SchedulerError> {
        let mut session = self.shared.host.session("job history");
        let runs = session.job_runs(job, before, limit).await;
        session.end();
        Ok(runs?)
    }

    /// How the scheduler does, seen from outside its tasks. From memory.
    #[must_use]
    pub fn health(&self) -> SchedulerHealth {
        let shared = &self.shared;
        let board = shared.board();
        SchedulerHealth {
            tasks: vec![shared.planner.health(), shared.watcher.health()],
            jobs: board.jobs().len(),
            under_way: board.under_way(),
            is_stopping: shared.is_stopping(),
        }
    }

    /// Begins no more runs, waits for those under way as long as `grace`, then
    /// stops them and marks them as interrupted, so that the next start treats
    /// them as the settings of their instances say. The host must be open until
    /// it returns.
    pub async fn stop(&self, grace: Duration) {
        let mut tasks = self.shared.stop();
        let own = self.abort();
        tokio::select! {
            () = all(&mut tasks) => {}
            () = self.shared.clock().sleep(grace) => {
                self.shared.board().stop_all(JobOutcome::Interrupted);
                all(&mut tasks).await;
            }
        }
        for task in own {
            // Once it has gone, so has the session that it may have had.
            let _ = task.await;
        }
        self.release();
    }

    /// Ends the scheduler's own tasks where they are; gives them.
    fn abort(&self) -> Vec<JoinHandle<()>> {
        let tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.iter().for_each(JoinHandle::abort);
        tasks
    }

    fn release(&self) {
        lock(&self.lease).take();
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.abort();
        self.shared.stop().abort_all();
        self.release();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn all(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a task of the scheduler did not end well");
        }
    }
}
