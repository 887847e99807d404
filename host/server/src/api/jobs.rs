//! Jobs: what runs by itself.
//!
//! Owns: `/jobs`: what there is, its runs, running one now, stopping one. Must
//! not know: when jobs are due.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lombard_model::{ExpertId, JobId, JobRunId, Symbol};
use lombard_scheduler::{JobStatus, Scheduler, SchedulerHealth, TaskHealth, UnderWay};
use lombard_store::JobRun;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::Limit;
use super::request::{Asked, Sent, shown};
use super::runs::SYMBOLS;
use crate::app::{App, Shared};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(runs))
        .routes(routes!(run_now))
        .routes(routes!(cancel))
}

/// A job: what one expert does for one use case.
#[derive(Debug, Serialize, ToSchema)]
struct Job {
    /// Its name, as `expert/1/enter-market`.
    job: String,
    /// The id of its expert.
    expert: u64,
    /// What the expert is called.
    name: String,
    /// Its cron expression; null where it only runs when it is asked to.
    expression: Option<String>,
    /// The time zone of the expression.
    zone: Option<String>,
    /// What becomes of its missed and interrupted runs: `run-once` or `skip`.
    missed_runs: &'static str,
    /// What is wrong with its settings; then it has no schedule.
    fault: Option<String>,
    /// When it is due next.
    next_run: Option<String>,
    /// The last run that ended or was missed.
    last_run: Option<Run>,
    /// The run that waits or is under way.
    under_way: Option<Active>,
}

/// A run that waits or is under way.
#[derive(Debug, Serialize, ToSchema)]
struct Active {
    /// Its id; null for the moment until it is noted.
    run: Option<u64>,
    /// Why it is made: `schedule`, `hand` or `catch_up`.
    trigger: &'static str,
    /// The time that it was planned for.
    planned_at: String,
    /// Since when it runs; null where it waits.
    running_since: Option<String>,
    /// Attempts that were begun.
    attempt: u32,
}

/// A run, with what became of it so far.
#[derive(Debug, Serialize, ToSchema)]
struct Run {
    /// Its id.
    run: u64,
    /// Whose run.
    job: String,
    /// Why it was made.
    trigger: &'static str,
    /// What it was told to look at; empty where the expert picks its own.
    symbols: Vec<String>,
    /// The time that it was planned for.
    planned_at: String,
    /// When it began; null where it waits, or was not made.
    began_at: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
    /// Attempts that were begun.
    attempt: u32,
    /// What became of it: `waiting`, `running`, `ok`, `error`, `deadline`,
    /// `skipped`, `missed`, `interrupted` or `cancelled`.
    outcome: &'static str,
    /// Why it did not end well, or was not made.
    error: Option<String>,
    /// The id of the analysis that came of it.
    analysis: Option<u64>,
}

/// A task of the scheduler itself.
#[derive(Debug, Serialize, ToSchema)]
struct Task {
    /// Its name.
    task: &'static str,
    /// When it was last heard of.
    last_heartbeat: String,
    /// Whether it has been silent for too long, or has ended.
    is_late: bool,
}

/// How the scheduler does.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Whether every task is heard of as it should be.
    is_well: bool,
    /// Runs that wait or are under way.
    under_way: u64,
    tasks: Vec<Task>,
}

/// All jobs.
#[derive(Debug, Serialize, ToSchema)]
struct Jobs {
    jobs: Vec<Job>,
    /// Null where this host runs nothing by itself.
    scheduler: Option<Health>,
}

/// A page of runs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Runs {
    runs: Vec<Run>,
    /// What `before` is for the next page; absent on the last one.
    next: Option<u64>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// How many at most, 1 to 1000.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// Only runs with a smaller id than this.
    #[param(minimum = 1)]
    before: Option<u64>,
    /// Only runs of this job, as `expert/1/enter-market`.
    job: Option<String>,
}

/// A run to make now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What to look at; where empty, the expert picks its own.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    symbols: Vec<Symbol>,
}

/// A run that was noted, and goes on by itself.
#[derive(Debug, Serialize, ToSchema)]
struct Begun {
    /// Whose run.
    job: String,
    /// Its id.
    run: u64,
}

/// All jobs: two for each enabled expert, with or without a schedule.
#[utoipa::path(
    get,
    path = "/jobs",
    tag = "jobs",
    responses((status = 200, description = "All of them, and how the scheduler does", body = Jobs))
)]
async fn list(State(app): State<Shared>) -> Json<Jobs> {
    let scheduler = app.scheduler();
    let jobs = scheduler.map(Scheduler::jobs);
    Json(Jobs {
        jobs: jobs.into_iter().flatten().map(Job::from).collect(),
        scheduler: scheduler.map(|scheduler| scheduler.health().into()),
    })
}

/// What became of runs, those under way and those that were not made included.
#[utoipa::path(
    get,
    path = "/jobs/runs",
    tag = "jobs",
    params(Page),
    responses(
        (status = 200, description = "A page of them", body = Runs),
        (status = 400, description = "This is no page", body = Problem),
        (status = 409, description = "This host runs nothing by itself", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn runs(State(app): State<Shared>, Asked(page): Asked<Page>) -> Result<Json<Runs>, Problem> {
    let job = page.job.as_deref().map(str::parse::<JobId>).transpose();
    let job = job.map_err(|fault| Problem::bad_request(fault.to_string()))?;
    // One more shows whether there is a next page.
    let limit = page.limit.get() + 1;
    let before = page.before.map(JobRunId);
    let history = scheduler(&app)?.history(job, before, limit);
    let mut runs = history.await?;
    let next = page.limit.cut(&mut runs).map(|last| last.id.0);
    Ok(Json(Runs {
        runs: runs.into_iter().map(Run::from).collect(),
        next,
    }))
}

/// Runs a job now, whatever its schedule says. The run goes on by itself.
#[utoipa::path(
    post,
    path = "/jobs/{expert}/{use_case}/runs",
    tag = "jobs",
    params(
        ("expert" = u64, Path, description = "The expert's id", minimum = 1),
        ("use_case" = String, Path, description = "`enter-market` or `open-positions`")
    ),
    request_body = Wanted,
    responses(
        (status = 202, description = "It is noted, and goes on by itself", body = Begun),
        (status = 400, description = "The request is at fault", body = Problem),
        (status = 404, description = "There is no such job", body = Problem),
        (status = 409, description = "A run of it waits or is under way, or this host runs nothing by \
            itself", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no JSON", body = Problem),
        (status = 503, description = "The scheduler stops, or the run can't be noted", body = Problem)
    )
)]
async fn run_now(
    State(app): State<Shared>,
    Path((expert, use_case)): Path<(String, String)>,
    Sent(wanted): Sent<Wanted>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    if wanted.symbols.len() > SYMBOLS {
        let detail = format!("a run looks at {SYMBOLS} symbols at most");
        return Err(Problem::bad_request(detail));
    }
    let job = named(&expert, &use_case)?;
    let run = scheduler(&app)?.run_now(job, wanted.symbols).await?;
    let begun = Begun {
        job: job.to_string(),
        run: run.0,
    };
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Stops the run of a job that waits or is under way. What it has stored by
/// then stays.
#[utoipa::path(
    post,
    path = "/jobs/{expert}/{use_case}/cancel",
    tag = "jobs",
    params(
        ("expert" = u64, Path, description = "The expert's id", minimum = 1),
        ("use_case" = String, Path, description = "`enter-market` or `open-positions`")
    ),
    responses(
        (status = 204, description = "It has ended"),
        (status = 404, description = "This names no job", body = Problem),
        (status = 409, description = "It is not under way", body = Problem)
    )
)]
async fn cancel(
    State(app): State<Shared>,
    Path((expert, use_case)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let job = named(&expert, &use_case)?;
    scheduler(&app)?.cancel(job).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn scheduler(app: &App) -> Result<&Scheduler, Problem> {
    let none = || Problem::conflict("this host runs nothing by itself");
    app.scheduler().ok_or_else(none)
}

/// The job that a path names.
fn named(expert: &str, use_case: &str) -> Result<JobId, Problem> {
    let told = |name: &str| Problem::not_found(format!("`{}` names no job", shown(name)));
    let name = format!("expert/{expert}/{use_case}");
    name.parse().map_err(|_| told(&name))
}

impl From<JobStatus> for Job {
    fn from(status: JobStatus) -> Self {
        let expert: ExpertId = status.job.expert;
        Self {
            job: status.job.to_string(),
            expert: expert.get(),
            name: status.name,
            expression: status.expression,
            zone: status.zone,
            missed_runs: status.missed_policy.as_str(),
            fault: status.fault,
            next_run: status.next_run.map(|at| at.to_string()),
            last_run: status.last_run.map(Run::from),
            under_way: status.under_way.map(Active::from),
        }
    }
}

impl From<UnderWay> for Active {
    fn from(one: UnderWay) -> Self {
        Self {
            run: one.run.map(|run| run.0),
            trigger: one.trigger.as_str(),
            planned_at: one.planned_at.to_string(),
            running_since: one.running_since.map(|at| at.to_string()),
            attempt: one.attempt,
        }
    }
}

impl From<JobRun> for Run {
    fn from(run: JobRun) -> Self {
        Self {
            run: run.id.0,
            job: run.job.to_string(),
            trigger: run.trigger.as_str(),
            symbols: run.symbols.iter().map(ToString::to_string).collect(),
            planned_at: run.planned_at.to_string(),
            began_at: run.began_at.map(|at| at.to_string()),
            ended_at: run.ended_at.map(|at| at.to_string()),
            attempt: run.attempt,
            outcome: run.outcome.as_str(),
            error: run.error,
            analysis: run.analysis.map(lombard_model::AnalysisId::get),
        }
    }
}

impl From<SchedulerHealth> for Health {
    fn from(health: SchedulerHealth) -> Self {
        Self {
            is_well: health.is_well(),
            under_way: u64::try_from(health.under_way).unwrap_or(u64::MAX),
            tasks: health.tasks.into_iter().map(Task::from).collect(),
        }
    }
}

impl From<TaskHealth> for Task {
    fn from(health: TaskHealth) -> Self {
        Self {
            task: health.task,
            last_heartbeat: health.last_heartbeat.to_string(),
            is_late: health.is_late,
        }
    }
}
