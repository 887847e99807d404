//! Jobs: what runs by itself, and when.
//!
//! Owns: how they and their runs are shown, and the buttons that run and stop
//! one. Must not know: how they are run.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use lombard_model::{ExpertId, JobId, JobTrigger, Timestamp};
use lombard_scheduler::{JobStatus, Scheduler, SchedulerError};
use lombard_store::JobRun;
use maud::{Markup, html};

use super::asked::Asked;
use super::draw::{time, words};
use super::failure::Failure;
use super::page::{Page, Section, failed, fault};
use super::{grid, panel};
use crate::app::Shared;

const SECTION: Section = Section::Jobs;

/// Runs on the page.
const HISTORY: u32 = 50;

/// How often the page looks again, in seconds: that a run waits or begins
/// changes no data.
const EVERY: u32 = 5;

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let jobs = app.scheduler().map(Scheduler::jobs).unwrap_or_default();
    let history = match app.scheduler() {
        Some(scheduler) => scheduler.history(None, None, HISTORY).await,
        None => Ok(Vec::new()),
    };
    let history = match history {
        Ok(runs) => table_of_runs(&runs, &jobs),
        Err(error) => fault(&error.into()),
    };
    let content = html! {
        div data-every=(EVERY) {
            (panel::own("jobs", "All jobs", "/jobs", &table_of_jobs(&jobs, asked.may_change())))
            (panel::own("runs", "Runs", "/jobs", &history))
        }
    };
    Page::new(SECTION, "Jobs").show(&asked, &content)
}

/// When an expert is due next, where it is.
pub(super) fn next_run(app: &Shared, expert: ExpertId) -> Option<Timestamp> {
    let jobs = app.scheduler().map(Scheduler::jobs);
    let its = jobs.into_iter().flatten();
    let its = its.filter(|status| status.job.expert == expert);
    its.filter_map(|status| status.next_run).min()
}

pub(super) async fn run(
    State(app): State<Shared>,
    Path(named): Path<(String, String)>,
    asked: Asked,
) -> Response {
    let done = match job(&app, &named) {
        Ok((scheduler, job)) => scheduler.run_now(job, Vec::new()).await.map(drop),
        Err(failure) => return failed(&asked, SECTION, &failure),
    };
    back(&asked, done)
}

pub(super) async fn cancel(
    State(app): State<Shared>,
    Path(named): Path<(String, String)>,
    asked: Asked,
) -> Response {
    let done = match job(&app, &named) {
        Ok((scheduler, job)) => scheduler.cancel(job).await,
        Err(failure) => return failed(&asked, SECTION, &failure),
    };
    back(&asked, done)
}

/// The job that a path names.
fn job<'a>(
    app: &'a Shared,
    (expert, use_case): &(String, String),
) -> Result<(&'a Scheduler, JobId), Failure> {
    let gone = || Failure::not_found("there is no such job", "choose one under Jobs");
    let scheduler = app.scheduler().ok_or_else(gone)?;
    let job = format!("expert/{expert}/{use_case}").parse();
    job.map(|job| (scheduler, job)).map_err(|_| gone())
}

/// To the list, where it shows.
fn back(asked: &Asked, done: Result<(), SchedulerError>) -> Response {
    match done {
        Ok(()) => Redirect::to("/jobs").into_response(),
        Err(error) => failed(asked, SECTION, &error.into()),
    }
}

fn table_of_jobs(jobs: &[JobStatus], may_change: bool) -> Markup {
    let mut headings = vec![
        ("Job", false),
        ("Schedule", false),
        ("Next run", false),
        ("Last run", false),
        ("State", false),
    ];
    if may_change {
        headings.push(("By hand", false));
    }
    let rows: Vec<_> = jobs.iter().map(|job| line(job, may_change)).collect();
    let empty = "There are no jobs: no expert is enabled, or this host runs nothing by itself.";
    grid::table("Jobs", &headings, &rows, empty)
}

fn line(job: &JobStatus, may_change: bool) -> Vec<Markup> {
    let last = job.last_run.as_ref();
    let zone = job.zone.as_deref().unwrap_or_default();
    let mut cells = vec![
        named(&job.job, Some(&job.name)),
        html! {
            @match &job.expression {
                Some(cron) => { code { (words(cron)) } " " span.hint { (words(zone)) } },
                None => span.hint { "By hand only" },
            }
        },
        at(job.next_run),
        at(last.and_then(|last| last.began_at.or(last.ended_at))),
        state(job),
    ];
    if may_change {
        cells.push(button(job));
    }
    cells
}

/// A job as its expert is called everywhere, and what it runs for. The expert
/// of an old run may be gone, and then it has no name.
fn named(job: &JobId, name: Option<&String>) -> Markup {
    let expert = job.expert;
    html! {
        @match name {
            Some(name) => a href={ "/experts/" (expert) } { (words(name)) "-" (expert) },
            None => { "expert " (expert) },
        }
        br; span.hint { (job.use_case.as_str().replace('_', " ")) }
    }
}

fn at(at: Option<Timestamp>) -> Markup {
    html! { @if let Some(at) = at { (time(at)) } @else { "–" } }
}

/// What it does, else what is wrong with it, else how it ended last.
fn state(job: &JobStatus) -> Markup {
    html! {
        @match (&job.under_way, &job.fault, &job.last_run) {
            (Some(run), ..) if run.running_since.is_some() => span.badge.good { "Running" },
            (Some(_), ..) => span.badge.empty { "Waiting" },
            (None, Some(fault), _) => { span.badge.error { "No schedule" } " " (words(fault)) },
            (None, None, Some(last)) => (outcome(last)),
            (None, None, None) => span.hint { "Has not run yet" },
        }
    }
}

fn outcome(run: &JobRun) -> Markup {
    use lombard_model::JobOutcome::{Cancelled, Missed, Ok, Running, Skipped, Waiting};
    let class = match run.outcome {
        Ok | Running => "good",
        Waiting | Skipped | Missed | Cancelled => "empty",
        _ => "error",
    };
    html! { span.badge.(class) { (run.outcome.as_str()) } }
}

/// Each button says which job it is about to whoever does not see the line.
fn button(job: &JobStatus) -> Markup {
    let (what, word) = match job.under_way {
        Some(_) => ("cancel", "Stop"),
        None => ("run", "Run now"),
    };
    let use_case = job.job.use_case.as_str().replace('_', " ");
    let address = format!("/jobs/{}", job.job).replacen("/expert/", "/", 1);
    html! {
        form method="post" action={ (address) "/" (what) } {
            button type="submit" aria-label={ (word) " " (words(&job.name)) "-" (job.job.expert) ", " (use_case) } { (word) }
        }
    }
}

/// Why a run was made, in words.
const fn why(trigger: JobTrigger) -> &'static str {
    match trigger {
        JobTrigger::Schedule => "on schedule",
        JobTrigger::Hand => "by hand",
        JobTrigger::CatchUp => "missed before",
    }
}

fn table_of_runs(runs: &[JobRun], jobs: &[JobStatus]) -> Markup {
    let names: HashMap<_, _> = jobs.iter().map(|job| (&job.job, &job.name)).collect();
    let headings = [
        ("Run", false),
        ("Job", false),
        ("Why", false),
        ("Planned for", false),
        ("Began", false),
        ("Ended", false),
        ("Attempts", true),
        ("Outcome", false),
        ("Analysis", true),
    ];
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            vec![
                html! { (run.id) },
                named(&run.job, names.get(&run.job).copied()),
                html! { (why(run.trigger)) },
                time(run.planned_at),
                at(run.began_at),
                at(run.ended_at),
                html! { (run.attempt) },
                html! {
                    (outcome(run))
                    @if let Some(error) = &run.error { div.why { (words(error)) } }
                },
                html! { @if let Some(one) = run.analysis { (one) } @else { "–" } },
            ]
        })
        .collect();
    grid::table(
        "Runs, the newest first",
        &headings,
        &rows,
        "Nothing has run yet.",
    )
}

#[cfg(test)]
mod tests {
    use lombard_model::MissedPolicy;

    use super::*;

    #[test]
    fn jobs_have_a_line_each_and_none_is_told() {
        assert!(table_of_jobs(&[], true).into_string().contains("no jobs"));
        let job = JobStatus {
            job: "expert/1/enter-market".parse().unwrap(),
            name: "<b>".into(),
            expression: Some("0 9 * * *".into()),
            zone: Some("UTC".into()),
            missed_policy: MissedPolicy::Skip,
            fault: None,
            next_run: Some(Timestamp::from_micros(0)),
            last_run: None,
            under_way: None,
        };
        let html = table_of_jobs(std::slice::from_ref(&job), true).into_string();
        assert!(
            html.contains("&lt;b&gt;") && html.contains("1970-01-01"),
            "{html}"
        );
        assert!(
            html.contains(r#"action="/jobs/1/enter-market/run""#),
            "{html}"
        );
        let html = table_of_jobs(&[job], false).into_string();
        assert!(!html.contains("<form"), "a viewer has no button: {html}");
    }
}
