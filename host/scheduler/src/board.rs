//! What the scheduler knows at a moment.
//!
//! Owns: the jobs, which of them are under way, and the last run of each. Must
//! not know: tasks, and the database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lombard_model::{ExpertId, JobId, JobOutcome, JobRunId, JobTrigger, MissedPolicy, Timestamp};
use lombard_store::JobRun;
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::due::{Due, due};
use crate::plan::{Job, Jobs};

/// A job, and how it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Its name; it says which expert and which use case.
    pub job: JobId,
    /// What the expert instance is called: its alias, else its plugin.
    pub name: String,
    /// Its cron expression; none where it only runs when it is asked to.
    pub expression: Option<String>,
    /// The time zone of the expression.
    pub zone: Option<String>,
    /// What becomes of its missed and interrupted runs.
    pub missed_policy: MissedPolicy,
    /// What is wrong with its settings; then it has no schedule.
    pub fault: Option<String>,
    /// When it is due next.
    pub next_run: Option<Timestamp>,
    /// The last run that ended or was missed, as far as it is kept.
    pub last_run: Option<JobRun>,
    /// The run that waits or is under way.
    pub under_way: Option<UnderWay>,
}

/// A run that waits or is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Its id; none for the moment until it is noted.
    pub run: Option<JobRunId>,
    /// Why it is made.
    pub trigger: JobTrigger,
    /// The time that it was planned for.
    pub planned_at: Timestamp,
    /// Since when it runs; none where it waits for another run of its instance,
    /// or for room.
    pub running_since: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempt: u32,
}

/// A run under way, and how to stop it.
#[derive(Debug)]
struct Active {
    shown: UnderWay,
    /// What it is to end as; none while it may go on.
    stop: watch::Sender<Option<JobOutcome>>,
}

/// What the scheduler knows at a moment.
#[derive(Debug, Default)]
pub(crate) struct Board {
    jobs: Jobs,
    active: BTreeMap<JobId, Active>,
    last: BTreeMap<JobId, JobRun>,
    instances: BTreeMap<ExpertId, Arc<AsyncMutex<()>>>,
}

/// Tells a run what it is to end as.
pub(crate) type Stop = watch::Receiver<Option<JobOutcome>>;

impl Board {
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    pub(crate) fn put_jobs(&mut self, jobs: Jobs) {
        self.jobs = jobs;
        // Whoever runs or waits holds it as well.
        self.instances.retain(|_, lock| Arc::strong_count(lock) > 1);
    }

    pub(crate) fn under_way(&self) -> usize {
        self.active.len()
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.jobs.values().filter_map(|job| job.next).min()
    }

    /// What is due, each once.
    pub(crate) fn take_due(&mut self, now: Timestamp, late: Duration) -> Vec<(JobId, Due)> {
        let come = |job: &&mut Job| job.next.is_some_and(|next| next <= now);
        let jobs = self.jobs.values_mut().filter(come);
        let taken = jobs.filter_map(|job| {
            let schedule = job.schedule.as_ref()?;
            let due = due(schedule, job.dealt_until, now, late, job.policy)?;
            job.dealt_with(due.until);
            Some((job.id, due))
        });
        taken.collect()
    }

    /// Takes a job for a run; none where it is under way.
    pub(crate) fn claim(&mut self, job: JobId, shown: UnderWay) -> Option<Stop> {
        if self.active.contains_key(&job) {
            return None;
        }
        let (stop, stopped) = watch::channel(None);
        self.active.insert(job, Active { shown, stop });
        Some(stopped)
    }

    /// Says that a job is under way no more.
    pub(crate) fn release(&mut self, job: JobId) {
        self.active.remove(&job);
    }

    /// What keeps two runs of an instance apart.
    pub(crate) fn instance(&mut self, expert: ExpertId) -> Arc<AsyncMutex<()>> {
        Arc::clone(self.instances.entry(expert).or_default())
    }

    /// Says how far a run is.
    pub(crate) fn show(&mut self, job: JobId, how: impl FnOnce(&mut UnderWay)) {
        if let Some(active) = self.active.get_mut(&job) {
            how(&mut active.shown);
        }
    }

    /// Takes note of a run that ended or was missed. One that was skipped says
    /// nothing of the one that was in its way.
    pub(crate) fn put_last(&mut self, run: JobRun) {
        if run.outcome != JobOutcome::Skipped {
            self.last.insert(run.job, run);
        }
    }

    /// Has a run end as this; gives what tells when it has. None where it is
    /// not under way.
    pub(crate) fn stop(&mut self, job: JobId, outcome: JobOutcome) -> Option<Stop> {
        let active = self.active.get(&job)?;
        active.stop.send_replace(Some(outcome));
        Some(active.stop.subscribe())
    }

    /// Has all runs end as this.
    pub(crate) fn stop_all(&mut self, outcome: JobOutcome) {
        for active in self.active.values() {
            active.stop.send_if_modified(|stop| {
                // What somebody cancelled stays cancelled.
                let is_new = stop.is_none();
                stop.get_or_insert(outcome);
                is_new
            });
        }
    }

    pub(crate) fn statuses(&self) -> Vec<JobStatus> {
        let status = |job: &Job| JobStatus {
            job: job.id,
            name: job.name.clone(),
            expression: job.schedule.as_ref().map(|one| one.expression().to_owned()),
            zone: job.schedule.as_ref().map(|one| one.zone().to_owned()),
            missed_policy: job.policy,
            fault: job.fault.clone(),
            next_run: job.next,
            last_run: self.last.get(&job.id).cloned(),
            under_way: self.active.get(&job.id).map(|active| active.shown.clone()),
        };
        self.jobs.values().map(status).collect()
    }
}
