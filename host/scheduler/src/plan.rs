//! Which jobs there are.
//!
//! Owns: reading them out of the settings of expert instances, and what of them
//! stays true when the settings change. Must not know: who runs them.

use std::collections::BTreeMap;
use std::time::Duration;

use lombard_accounts::{MISSED_RUNS, SCHEDULE_TIME_ZONE, schedule_key};
use lombard_model::{
    Definitions, JobId, MissedPolicy, Schedule, SettingError, SettingValue, Settings, Timestamp,
    UseCase,
};
use lombard_store::{ExpertRow, JobSchedule};

use crate::clock::later;

/// What was dealt with further ahead than this was so by a clock that was
/// wrong; it would silence the job until then.
const AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// All jobs, by name.
pub(crate) type Jobs = BTreeMap<JobId, Job>;

/// A job, as the settings of its expert have it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// What the expert instance is called.
    pub(crate) name: String,
    /// None where it only runs when it is asked to.
    pub(crate) schedule: Option<Schedule>,
    pub(crate) policy: MissedPolicy,
    /// What is wrong with its settings; then it has no schedule.
    pub(crate) fault: Option<String>,
    /// Planned times up to this one need nothing more.
    pub(crate) dealt_until: Timestamp,
    pub(crate) next: Option<Timestamp>,
}

impl Job {
    fn of(row: &ExpertRow, use_case: UseCase, definitions: &Definitions, now: Timestamp) -> Self {
        let expert = &row.expert;
        let settings = Settings::new(row.settings.clone());
        let (planned, fault) = match planned(&settings, use_case, definitions) {
            Ok(planned) => (planned, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let (schedule, policy) = planned.unzip();
        Self {
            id: JobId {
                expert: expert.id,
                use_case,
            },
            name: expert.alias.as_ref().unwrap_or(&expert.plugin).clone(),
            schedule: schedule.flatten(),
            policy: policy.unwrap_or(MissedPolicy::Skip),
            fault,
            dealt_until: now,
            next: None,
        }
    }

    /// Says that planned times up to this one need nothing more.
    pub(crate) fn dealt_with(&mut self, until: Timestamp) {
        self.dealt_until = until;
        let next = |schedule: &Schedule| schedule.after(until);
        self.next = self.schedule.as_ref().and_then(next);
    }

    /// What is seen of it.
    fn shown(&self) -> impl PartialEq {
        let schedule = self.schedule.as_ref();
        let schedule = schedule.map(|one| (one.expression().to_owned(), one.zone().to_owned()));
        let settings = (schedule, self.policy, self.fault.clone());
        (self.id, self.name.clone(), settings, self.next)
    }

    /// How it stands, to be kept; none without a schedule.
    fn stands(&self) -> Option<JobSchedule> {
        self.schedule.as_ref().map(|schedule| JobSchedule {
            job: self.id,
            expression: schedule.expression().to_owned(),
            zone: schedule.zone().to_owned(),
            dealt_until: self.dealt_until,
        })
    }
}

/// The jobs of these experts: those of disabled ones are none. Each goes on
/// where its schedule stood `before`; a schedule that is new or another one
/// begins now.
pub(crate) fn jobs(
    experts: &[ExpertRow],
    definitions: &Definitions,
    before: &[JobSchedule],
    now: Timestamp,
) -> Jobs {
    let before: BTreeMap<_, _> = before.iter().map(|stood| (stood.job, stood)).collect();
    let enabled = experts.iter().filter(|row| row.expert.enabled);
    let each = enabled.flat_map(|row| {
        let cases = UseCase::ALL.iter();
        cases.map(move |use_case| Job::of(row, *use_case, definitions, now))
    });
    let on = each.map(|mut job| {
        let stood = before.get(&job.id).filter(|stood| {
            let still = |schedule: &Schedule| {
                (schedule.expression(), schedule.zone()) == (&*stood.expression, &*stood.zone)
            };
            job.schedule.as_ref().is_some_and(still) && stood.dealt_until <= later(now, AHEAD)
        });
        job.dealt_with(stood.map_or(now, |stood| stood.dealt_until));
        (job.id, job)
    });
    on.collect()
}

/// Whether these are the same jobs, due at the same times.
pub(crate) fn are_alike(these: &Jobs, those: &Jobs) -> bool {
    these
        .values()
        .map(Job::shown)
        .eq(those.values().map(Job::shown))
}

/// How the schedules of these jobs stand.
pub(crate) fn schedules(jobs: &Jobs) -> Vec<JobSchedule> {
    jobs.values().filter_map(Job::stands).collect()
}

type Planned = (Option<Schedule>, MissedPolicy);

fn planned(
    settings: &Settings,
    use_case: UseCase,
    definitions: &Definitions,
) -> Result<Option<Planned>, SettingError> {
    let text = |key: &str| match settings.get(definitions, key)? {
        Some(SettingValue::Str(text)) => Ok(Some(text)),
        _ => Ok(None),
    };
    // Without a schedule, what becomes of an interrupted run is still said.
    let policy = text(MISSED_RUNS)?.and_then(|name| name.parse().ok());
    let policy = policy.unwrap_or(MissedPolicy::Skip);
    let key = schedule_key(use_case);
    let Some(expression) = text(key)? else {
        return Ok(Some((None, policy)));
    };
    let zone = text(SCHEDULE_TIME_ZONE)?.unwrap_or_else(|| "UTC".to_owned());
    // Each was read by itself before: this fails where both don't go together.
    let schedule = Schedule::parse(&expression, &zone);
    let schedule = schedule.map_err(|fault| SettingError::Malformed {
        key: key.to_owned(),
        found: expression,
        fault: fault.to_string(),
    })?;
    Ok(Some((Some(schedule), policy)))
}

#[cfg(test)]
mod tests {
    use lombard_accounts::expert_definitions;
    use lombard_model::{AccountId, Decimal, Expert, ExpertId};

    use super::*;

    fn row(settings: &[(&str, &str)]) -> ExpertRow {
        let settings = settings.iter();
        ExpertRow {
            expert: Expert {
                id: ExpertId::try_from(1_u64).unwrap(),
                account: AccountId::try_from(1_u64).unwrap(),
                plugin: "one".to_owned(),
                alias: None,
                enabled: true,
                virtual_equity_percent: Decimal::TEN,
            },
            settings: settings
                .map(|(key, value)| ((*key).to_owned(), (*value).into()))
                .collect(),
        }
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn read(settings: &[(&str, &str)], before: &[JobSchedule]) -> Vec<Job> {
        let definitions = expert_definitions(&Definitions::default()).unwrap();
        let now = time("2025-10-10T12:00:00Z");
        let jobs = jobs(&[row(settings)], &definitions, before, now);
        jobs.into_values().collect()
    }

    #[test]
    fn a_use_case_without_a_schedule_only_runs_by_hand() {
        let jobs = read(&[("enter_market_schedule", "0 9 * * *")], &[]);
        assert_eq!(jobs[0].id.to_string(), "expert/1/enter-market");
        assert_eq!(jobs[0].next, Some(time("2025-10-11T09:00:00Z")));
        assert_eq!((jobs[1].schedule.clone(), jobs[1].next), (None, None));
    }

    #[test]
    fn a_fault_in_the_settings_is_told_and_takes_the_schedule() {
        let jobs = read(
            &[
                ("enter_market_schedule", "0 25 * * *"),
                ("missed_runs", "run-once"),
            ],
            &[],
        );
        let fault = jobs[0].fault.as_deref().unwrap();
        assert!(fault.contains("enter_market_schedule"), "{fault}");
        assert_eq!((jobs[0].next, jobs[1].fault.clone()), (None, None));
        assert_eq!(jobs[1].policy, MissedPolicy::RunOnce);
    }

    #[test]
    fn the_same_schedule_goes_on_and_another_begins_now() {
        let settings = [("enter_market_schedule", "0 9 * * *")];
        let stood = |expression: &str, dealt_until: &str| JobSchedule {
            job: "expert/1/enter-market".parse().unwrap(),
            expression: expression.to_owned(),
            zone: "UTC".to_owned(),
            dealt_until: time(dealt_until),
        };
        let next = |before: JobSchedule| read(&settings, &[before])[0].next;
        let missed = time("2025-10-08T09:00:00Z");
        let tomorrow = time("2025-10-11T09:00:00Z");
        assert_eq!(
            next(stood("0 9 * * *", "2025-10-07T09:00:00Z")),
            Some(missed)
        );
        assert_eq!(
            next(stood("0 8 * * *", "2025-10-07T09:00:00Z")),
            Some(tomorrow)
        );
        assert_eq!(
            next(stood("0 9 * * *", "2035-10-07T09:00:00Z")),
            Some(tomorrow)
        );
    }
}
