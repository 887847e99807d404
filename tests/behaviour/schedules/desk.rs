//! A host with experts on a schedule, and a clock that goes when it is told to.
//!
//! Owns: setting up, and waiting for what a scheduler does. Must not know: what
//! a test expects.

use std::sync::Arc;
use std::time::Duration;

use lombard_accounts::SettingsPatch;
use lombard_model::{Grants, JobId, Timestamp};
use lombard_runtime::Host;
use lombard_scheduler::{
    Backoff, Jitter, JobStatus, ScheduleClock, Scheduler, SchedulerError, SchedulerOptions,
};
use lombard_store::{JobRun, SettingsOwner};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::books::{self, Book};
use crate::support::{Setup, expert, files, in_time};

/// The job that most tests are about.
pub(super) const JOB: &str = "expert/1/enter-market";

pub(super) const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn job(name: &str) -> JobId {
    name.parse().expect("a job")
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A host on Friday noon, before anything is scheduled.
pub(super) struct Desk {
    folder: TempDir,
    pub(super) host: Arc<Host>,
    pub(super) clock: ScheduleClock,
}

impl Desk {
    /// A desk of this many experts, all of a plugin that does as it should.
    pub(super) async fn of(setup: Setup, experts: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let host = setup.open_in(folder.path()).await;
        for name in ["settles", "overstates"] {
            let installed = host.install(files::guest(name), Grants::all()).await;
            installed.expect("it is installed");
        }
        let book = Book {
            experts: experts.try_into().expect("a number"),
            ..Book::default()
        };
        let mut document = book.document();
        for at in 0..experts {
            document["experts"][at]["plugin"] = "guest-settles".into();
        }
        host.import(books::read(&document)).await.expect("imported");
        Self {
            folder,
            host: Arc::new(host),
            clock: ScheduleClock::driven(time("2025-10-10T12:00:00Z")),
        }
    }

    /// A desk of one expert.
    pub(super) async fn new() -> Self {
        Self::of(Setup::default(), 1).await
    }

    /// One expert, whose connections are all taken by whoever holds the session.
    pub(super) async fn blocked(patience: Duration) -> (Self, lombard_store::Session) {
        let setup = Setup {
            acquire_timeout: patience,
            ..Setup::one_connection()
        };
        let desk = Self::of(setup, 1).await;
        let held = desk.hold().await;
        (desk, held)
    }

    /// Takes a connection: of a host with one, a run waits for it.
    pub(super) async fn hold(&self) -> lombard_store::Session {
        let mut held = self.host.session("in the way");
        held.open().await.expect("a connection");
        held
    }

    /// Saves settings of an expert.
    pub(super) async fn set<const N: usize>(&self, id: u64, settings: [(&str, Json); N]) {
        let saved = self.try_set(id, settings).await;
        saved.expect("it is saved");
    }

    pub(super) async fn try_set<const N: usize>(
        &self,
        id: u64,
        settings: [(&str, Json); N],
    ) -> Result<(), lombard_accounts::AccountsError> {
        let definitions = self.host.expert_definitions("guest-settles");
        let definitions = definitions.expect("its manifest is sound");
        let patch = settings.map(|(key, value)| (key.to_owned(), Some(value)));
        let patch = SettingsPatch::from(patch);
        let owner = SettingsOwner::Expert(expert(id));
        let accounts = self.host.accounts();
        let saved = accounts.save_settings(owner, &definitions, patch).await;
        saved.map(drop)
    }

    /// Has expert 1 look for what to buy at each full hour.
    pub(super) async fn hourly(&self) {
        let hourly = ("enter_market_schedule", json!("0 * * * *"));
        self.set(1, [hourly]).await;
    }

    pub(super) fn options(&self) -> SchedulerOptions {
        SchedulerOptions {
            clock: self.clock.clone(),
            backoff: Backoff {
                attempts: 3,
                first: MINUTE,
                most: 10 * MINUTE,
                jitter: Jitter::Permille(0),
            },
            ..SchedulerOptions::default()
        }
    }

    pub(super) async fn try_start(
        &self,
        options: SchedulerOptions,
    ) -> Result<Scheduler, SchedulerError> {
        in_time(Scheduler::start(Arc::clone(&self.host), options)).await
    }

    pub(super) async fn start(&self) -> Scheduler {
        let started = self.try_start(self.options()).await;
        started.expect("it starts")
    }

    /// Another host on the same database, as after a crash of this one.
    pub(super) async fn reopened(self) -> Self {
        let host = Setup::default().open_in(self.folder.path()).await;
        Self {
            host: Arc::new(host),
            ..self
        }
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Waits until this is so.
pub(super) async fn until(is_so: impl Fn() -> bool) {
    in_time(async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

pub(super) fn status(scheduler: &Scheduler, name: &str) -> JobStatus {
    let jobs = scheduler.jobs();
    let found = jobs.iter().find(|status| status.job == job(name));
    found
        .unwrap_or_else(|| panic!("no {name} in {jobs:?}"))
        .clone()
}

/// Waits until the planner has done what there is to do at this time.
pub(super) async fn settled(scheduler: &Scheduler, clock: &ScheduleClock) {
    until(|| {
        let health = scheduler.health();
        health.tasks[0].last_heartbeat == clock.now()
    })
    .await;
    idle(scheduler).await;
}

/// Waits until nothing is under way.
pub(super) async fn idle(scheduler: &Scheduler) {
    until(|| scheduler.health().under_way == 0).await;
}

/// Waits until a run of this job runs, and not only waits.
pub(super) async fn running(scheduler: &Scheduler, name: &str) {
    until(|| {
        let under_way = status(scheduler, name).under_way;
        under_way.is_some_and(|run| run.running_since.is_some())
    })
    .await;
}

/// Waits until a job has so many runs that are over, and gives its runs, the
/// oldest first.
pub(super) async fn runs(scheduler: &Scheduler, name: &str, many: usize) -> Vec<JobRun> {
    in_time(async {
        loop {
            let history = scheduler.history(Some(job(name)), None, 100).await;
            let mut runs = history.expect("it reads");
            let over = runs.iter().filter(|run| run.outcome.is_over()).count();
            if over >= many {
                assert_eq!(over, many, "{runs:?}");
                runs.reverse();
                return runs;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// What became of these runs.
pub(super) fn outcomes(runs: &[JobRun]) -> Vec<&'static str> {
    runs.iter().map(|run| run.outcome.as_str()).collect()
}
