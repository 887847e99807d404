//! Jobs: what runs by itself, and when.
//!
//! Owns: how they are shown. Must not know: how they are run.

use axum::extract::State;
use axum::response::Response;
use lombard_model::{ExpertId, Timestamp};
use lombard_scheduler::{JobStatus, Scheduler};
use maud::{Markup, html};

use super::asked::Asked;
use super::draw::{time, words};
use super::grid;
use super::page::{Page, Section};
use super::panel;
use crate::app::Shared;

/// A job, as its line shows it.
#[derive(Clone, Debug)]
pub(super) struct JobShown {
    pub(super) name: String,
    /// When it runs, as it was written.
    pub(super) schedule: String,
    pub(super) next: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// How its last run ended, or that it runs.
    pub(super) state: String,
}

pub(super) async fn list(State(app): State<Shared>, asked: Asked) -> Response {
    let table = table(&jobs(&app));
    let content = panel::own("jobs", "Scheduled", "/jobs", &table);
    Page::new(Section::Jobs, "Jobs").show(&asked, &content)
}

/// All jobs; none where nothing runs them.
fn jobs(app: &Shared) -> Vec<JobShown> {
    let jobs = app.scheduler().map(Scheduler::jobs);
    jobs.into_iter().flatten().map(JobShown::from).collect()
}

/// When an expert is due next, where it is.
pub(super) fn next_run(app: &Shared, expert: ExpertId) -> Option<Timestamp> {
    let jobs = app.scheduler().map(Scheduler::jobs);
    let its = jobs.into_iter().flatten();
    let its = its.filter(|status| status.job.expert == expert);
    its.filter_map(|status| status.next_run).min()
}

impl From<JobStatus> for JobShown {
    fn from(status: JobStatus) -> Self {
        let last = status.last_run.as_ref();
        let state = match (&status.under_way, &status.fault, last) {
            (Some(run), ..) if run.running_since.is_some() => "running".to_owned(),
            (Some(_), ..) => "waiting".to_owned(),
            (None, Some(fault), _) => fault.clone(),
            (None, None, Some(last)) => last.outcome.to_string(),
            (None, None, None) => "has not run yet".to_owned(),
        };
        let zone = status.zone.unwrap_or_default();
        let schedule = status.expression.map(|cron| format!("{cron} {zone}"));
        Self {
            name: format!("{} ({})", status.name, status.job),
            schedule: schedule.unwrap_or_else(|| "by hand only".to_owned()),
            next: status.next_run,
            last: last.and_then(|last| last.began_at.or(last.ended_at)),
            state,
        }
    }
}

fn table(jobs: &[JobShown]) -> Markup {
    let headings = [
        ("Job", false),
        ("Schedule", false),
        ("Next run", false),
        ("Last run", false),
        ("State", false),
    ];
    let at = |at: Option<Timestamp>| html! { @if let Some(at) = at { (time(at)) } @else { "–" } };
    let rows: Vec<_> = jobs
        .iter()
        .map(|job| {
            vec![
                html! { (words(&job.name)) },
                html! { (words(&job.schedule)) },
                at(job.next),
                at(job.last),
                html! { (words(&job.state)) },
            ]
        })
        .collect();
    grid::table("Jobs", &headings, &rows, "Nothing is scheduled.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_have_a_line_each_and_none_is_told() {
        assert!(table(&[]).into_string().contains("Nothing is scheduled"));
        let job = JobShown {
            name: "<b>".into(),
            schedule: "0 9 * * *".into(),
            next: Some(Timestamp::from_micros(0)),
            last: None,
            state: "ok".into(),
        };
        let html = table(&[job]).into_string();
        assert!(
            html.contains("&lt;b&gt;") && html.contains("1970-01-01"),
            "{html}"
        );
    }
}
