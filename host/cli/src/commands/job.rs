//! `lombard job`: what a host that runs does by itself.

use std::time::Duration;

use lombard_model::view::{Cell, Kind};
use lombard_model::{JobId, JobOutcome, Symbol, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use ureq::http::Method;

use super::source::{count, running};
use crate::arguments::JobCommand;
use crate::client::{Client, encoded};
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// How often it is looked whether a run has ended.
const LOOK: Duration = Duration::from_millis(200);

/// A job: what one expert does for one use case.
#[derive(Deserialize, Serialize)]
struct Job {
    job: String,
    expert: u64,
    name: String,
    expression: Option<String>,
    zone: Option<String>,
    missed_runs: String,
    fault: Option<String>,
    next_run: Option<Timestamp>,
    last_run: Option<Run>,
    under_way: Option<Active>,
}

/// A run that waits or is under way.
#[derive(Deserialize, Serialize)]
struct Active {
    run: Option<u64>,
    trigger: String,
    planned_at: Timestamp,
    running_since: Option<Timestamp>,
    attempt: u32,
}

/// A run, with what became of it so far.
#[derive(Deserialize, Serialize)]
struct Run {
    run: u64,
    job: String,
    trigger: String,
    symbols: Vec<Symbol>,
    planned_at: Timestamp,
    began_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    attempt: u32,
    outcome: JobOutcome,
    error: Option<String>,
    analysis: Option<u64>,
}

/// A task of the scheduler itself.
#[derive(Deserialize, Serialize)]
struct Task {
    task: String,
    last_heartbeat: Timestamp,
    is_late: bool,
}

/// How the scheduler does.
#[derive(Deserialize, Serialize)]
struct Health {
    is_well: bool,
    under_way: u64,
    tasks: Vec<Task>,
}

#[derive(Deserialize, Serialize)]
struct Jobs {
    jobs: Vec<Job>,
    /// None where the host runs nothing by itself.
    scheduler: Option<Health>,
}

#[derive(Deserialize, Serialize)]
struct Runs {
    runs: Vec<Run>,
}

/// A run that was noted.
#[derive(Deserialize, Serialize)]
struct Begun {
    job: String,
    run: u64,
}

pub(super) async fn run(context: &Context, command: JobCommand) -> anyhow::Result<()> {
    let client = running(context).await?;
    match command {
        JobCommand::List => {
            let jobs: Jobs = client.get("/jobs").await?;
            context.output.document(&jobs, |style| list(&jobs, style))
        }
        JobCommand::Run { job, symbols, wait } => {
            begin(context, &client, job, &symbols, wait).await
        }
        JobCommand::Cancel { job } => {
            client
                .tell(Method::POST, &format!("{}/cancel", path(job)))
                .await?;
            context.output.result(
                || json!({ "cancelled": job }),
                |_| format!("cancelled {job}\n"),
            )
        }
        JobCommand::History { job, limit } => {
            let runs = history(&client, job, limit).await?;
            context
                .output
                .document(&runs, |style| runs_words(&runs.runs, style))
        }
    }
}

async fn begin(
    context: &Context,
    client: &Client,
    job: JobId,
    symbols: &[Symbol],
    wait: bool,
) -> anyhow::Result<()> {
    let wanted = json!({ "symbols": symbols });
    let begun: Begun = client.post(&format!("{}/runs", path(job)), &wanted).await?;
    if !wait {
        return context.output.document(&begun, |_| {
            format!("run {} of {} goes on by itself\n", begun.run, begun.job)
        });
    }
    let ending = end_of(client, job, begun.run);
    let doing = format!("running {job}");
    let run = context.progress.during(&doing, ending).await?;
    if run.outcome == JobOutcome::Ok {
        let run = std::slice::from_ref(&run);
        return context
            .output
            .document(&run[0], |style| runs_words(run, style));
    }
    let why = run.error.as_deref().unwrap_or("no reason was noted");
    let words = format!("run {} of {job} ended as `{}`: {why}", run.run, run.outcome);
    let remedy = format!("see `lombard job history {job}`, and the host's log");
    Err(Advised::new(words, remedy).into())
}

/// The run once it has ended.
async fn end_of(client: &Client, job: JobId, run: u64) -> anyhow::Result<Run> {
    let mut pace = tokio::time::interval(LOOK);
    loop {
        pace.tick().await;
        let before = run.saturating_add(1);
        let job = encoded(&job.to_string());
        let path = format!("/jobs/runs?limit=1&job={job}&before={before}");
        let mut page: Runs = client.get(&path).await?;
        let found = page.runs.pop().filter(|found| found.run == run);
        // It was noted before it was told, and nobody deletes it.
        let found = found.ok_or_else(|| anyhow::anyhow!("run {run} is not in the history"))?;
        if found.outcome.is_over() {
            return Ok(found);
        }
    }
}

async fn history(client: &Client, job: Option<JobId>, limit: u32) -> anyhow::Result<Runs> {
    let of = job.map(|job| format!("&job={}", encoded(&job.to_string())));
    let of = of.unwrap_or_default();
    client.get(&format!("/jobs/runs?limit={limit}{of}")).await
}

fn path(job: JobId) -> String {
    let use_case = job.use_case.as_str().replace('_', "-");
    format!("/jobs/{}/{use_case}", job.expert)
}

fn list(jobs: &Jobs, style: Style) -> String {
    let columns = [
        ("Job", Kind::Text),
        ("Expert", Kind::Text),
        ("Now", Kind::Text),
        ("Next run", Kind::Time),
        ("Last", Kind::Text),
        ("Schedule", Kind::Text),
        ("Zone", Kind::Text),
    ];
    let rows: Vec<_> = jobs.jobs.iter().map(job_cells).collect();
    let faults = jobs.jobs.iter().filter_map(|job| {
        let fault = job.fault.as_ref()?;
        Some(format!("{} has no schedule: {fault}", job.job))
    });
    let mut told: Vec<String> = faults.collect();
    match &jobs.scheduler {
        None => told.push("this host runs nothing by itself".to_owned()),
        Some(health) => {
            let late = health.tasks.iter().filter(|task| task.is_late);
            told.extend(late.map(|task| {
                let (task, heard) = (&task.task, task.last_heartbeat);
                format!("the scheduler's task `{task}` was last heard of at {heard}")
            }));
        }
    }
    let told: String = told.iter().map(|one| draw::warning(one, style)).collect();
    let between = if told.is_empty() { "" } else { "\n" };
    draw::table(&columns, &rows, style) + between + &told
}

fn job_cells(job: &Job) -> Vec<Cell> {
    let now = job.under_way.as_ref().map(|run| match run.running_since {
        Some(_) => "running",
        None => "waiting",
    });
    vec![
        job.job.as_str().into(),
        job.name.as_str().into(),
        now.into(),
        job.next_run.into(),
        job.last_run.as_ref().map(|run| run.outcome.as_str()).into(),
        job.expression.as_deref().into(),
        job.zone.as_deref().into(),
    ]
}

fn runs_words(runs: &[Run], style: Style) -> String {
    let columns = [
        ("Run", Kind::Integer),
        ("Job", Kind::Text),
        ("Outcome", Kind::Text),
        ("Planned", Kind::Time),
        ("Ran ms", Kind::Integer),
        ("Why", Kind::Text),
        ("Attempts", Kind::Integer),
        ("Analysis", Kind::Integer),
    ];
    let rows: Vec<_> = runs.iter().map(run_cells).collect();
    let faults: Vec<_> = runs
        .iter()
        .filter_map(|run| Some((run.run.to_string(), run.error.as_deref()?)))
        .collect();
    let faults: Vec<_> = faults
        .iter()
        .map(|(run, error)| (run.as_str(), *error))
        .collect();
    let between = if faults.is_empty() { "" } else { "\n" };
    draw::table(&columns, &rows, style) + between + &draw::explained(&faults, style)
}

/// How long it ran, in milliseconds; none where it has not ended, or was not
/// made.
fn ran_for(run: &Run) -> Option<i64> {
    let micros = |time: Timestamp| time.as_micros();
    let (began, ended) = (micros(run.began_at?), micros(run.ended_at?));
    Some(ended.saturating_sub(began) / 1_000)
}

/// Nobody plans by the microsecond, and there is room for more beside it.
fn whole_second(time: Timestamp) -> Timestamp {
    let micros = time.as_micros();
    Timestamp::from_micros(micros.saturating_sub(micros.rem_euclid(1_000_000)))
}

fn run_cells(run: &Run) -> Vec<Cell> {
    vec![
        count(run.run),
        run.job.as_str().into(),
        run.outcome.as_str().into(),
        whole_second(run.planned_at).into(),
        ran_for(run).into(),
        run.trigger.as_str().into(),
        i64::from(run.attempt).into(),
        run.analysis.map_or(Cell::Absent, count),
    ]
}
