//! Jobs: what runs by itself, and when.
//!
//! Owns: how they are shown. Must not know: who runs them.

use axum::extract::State;
use axum::response::Response;
use lombard_model::Timestamp;
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

/// All jobs. The host has no schedules yet, so there are none.
fn jobs(_: &Shared) -> Vec<JobShown> {
    Vec::new()
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
