//! Noting the runs of jobs.
//!
//! Owns: the statements that write `job_runs` and `job_schedules`. Must not
//! know: when a job is due, and how long the operator wants its runs kept.

use lombard_model::{AnalysisId, JobId, JobOutcome, JobRunId, JobTrigger, Symbol, Timestamp};
use serde_json::{Value as Json, json};

use super::json_rows;
use crate::columns::{Columns, json_list};
use crate::read::JobSchedule;
use crate::{Store, StoreError, Writing, Written};

/// A run to note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJobRun {
    /// Whose run it is.
    pub job: JobId,
    /// Why it is made.
    pub trigger: JobTrigger,
    /// What it is told to look at; empty where the expert picks its own.
    pub symbols: Vec<Symbol>,
    /// The time that it was planned for.
    pub planned_at: Timestamp,
    /// When it began; none where it waits, or is not made.
    pub began_at: Option<Timestamp>,
    /// When it ended; none for one that has not.
    pub ended_at: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempt: u32,
    /// What became of it so far.
    pub outcome: JobOutcome,
    /// Why it did not end well or is not made.
    pub error: Option<String>,
    /// The analysis that came of it.
    pub analysis: Option<AnalysisId>,
    /// With this run noted, times of the job's schedule up to this one need
    /// nothing more; none where it was no time of its schedule.
    pub dealt_until: Option<Timestamp>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRunEnd {
    /// When.
    pub ended_at: Timestamp,
    /// What became of it.
    pub outcome: JobOutcome,
    /// Why it did not end well.
    pub error: Option<String>,
    /// The analysis that came of it.
    pub analysis: Option<AnalysisId>,
}

/// How much is kept of what became of runs. Whichever is less stays; those
/// under way always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepRuns {
    /// The newest so many runs.
    pub runs: u32,
    /// Those that were planned for this time or later; none: of any age.
    pub since: Option<Timestamp>,
}

impl Store {
    /// Notes a run, and forgets what is beyond `keep`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn add_job_run(
        &self,
        run: NewJobRun,
        keep: KeepRuns,
    ) -> Result<Written<JobRunId>, StoreError> {
        self.write(move |writing| Box::pin(add(writing, run, keep)))
            .await
    }

    /// Notes that an attempt at a run begins, with why the one before failed.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn begin_job_attempt(
        &self,
        run: JobRunId,
        attempt: u32,
        now: Timestamp,
        failed: Option<String>,
    ) -> Result<Written<()>, StoreError> {
        let id = column(run);
        self.write(move |writing| {
            Box::pin(async move {
                let query = sqlx::query(
                    "UPDATE job_runs SET outcome = 'running', attempt = $2, error = $3, \
                     began_at = ifnull(began_at, $4) \
                     WHERE id = $1 AND outcome IN ('waiting', 'running')",
                );
                let query = query.bind(id).bind(i64::from(attempt)).bind(failed);
                writing.execute(query.bind(now.as_micros())).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes how a run ended. One that has ended already stays as it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn end_job_run(
        &self,
        run: JobRunId,
        end: JobRunEnd,
    ) -> Result<Written<()>, StoreError> {
        let id = column(run);
        self.write(move |writing| {
            Box::pin(async move {
                let query = sqlx::query(
                    "UPDATE job_runs SET outcome = $2, ended_at = $3, error = $4, \
                     analysis_id = $5 WHERE id = $1 AND outcome IN ('waiting', 'running')",
                )
                .bind(id)
                .bind(end.outcome.as_str())
                .bind(end.ended_at.as_micros())
                .bind(end.error)
                .bind(end.analysis.map(AnalysisId::to_i64));
                writing.execute(query).await?;
                Ok(())
            })
        })
        .await
    }

    /// Marks every run that waits or is under way as interrupted. Only for
    /// whoever knows that nobody is at them any more.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn interrupt_job_runs(
        &self,
        now: Timestamp,
        why: &str,
    ) -> Result<Written<()>, StoreError> {
        let why = why.to_owned();
        self.write(move |writing| {
            Box::pin(async move {
                let query = sqlx::query(
                    "UPDATE job_runs SET outcome = 'interrupted', ended_at = $1, error = $2 \
                     WHERE outcome IN ('waiting', 'running')",
                );
                writing
                    .execute(query.bind(now.as_micros()).bind(why))
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Keeps these schedules, and no others.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn keep_job_schedules(
        &self,
        schedules: &[JobSchedule],
    ) -> Result<Written<()>, StoreError> {
        let rows: Vec<Json> = schedules
            .iter()
            .map(|one| {
                json!([
                    one.job,
                    one.expression,
                    one.zone,
                    one.dealt_until.as_micros()
                ])
            })
            .collect();
        let jobs = json_list(rows.iter().map(|row| &row[0]));
        self.write(move |writing| {
            Box::pin(async move {
                let others = "DELETE FROM job_schedules \
                     WHERE job NOT IN (SELECT value FROM json_each($1))";
                writing.execute(sqlx::query(others).bind(jobs)).await?;
                let put = "INSERT INTO job_schedules (job, expression, zone, dealt_until) \
                     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 \
                     FROM json_each($1) WHERE true ON CONFLICT (job) DO UPDATE SET \
                     (expression, zone, dealt_until) = \
                     (excluded.expression, excluded.zone, excluded.dealt_until) \
                     WHERE (expression, zone, dealt_until) IS NOT \
                     (excluded.expression, excluded.zone, excluded.dealt_until)";
                writing
                    .execute(sqlx::query(put).bind(json_rows(&rows)))
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

async fn add(
    writing: &mut Writing<'_>,
    run: NewJobRun,
    keep: KeepRuns,
) -> Result<JobRunId, StoreError> {
    let job = run.job.to_string();
    let symbols: Json = run.symbols.iter().map(Symbol::as_str).collect();
    let query = sqlx::query(
        "INSERT INTO job_runs (job, expert_id, use_case, cause, symbols, planned_at, began_at, \
         ended_at, attempt, outcome, error, analysis_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
    )
    .bind(job.clone())
    .bind(run.job.expert.to_i64())
    .bind(run.job.use_case.as_str())
    .bind(run.trigger.as_str())
    .bind(symbols.to_string())
    .bind(run.planned_at.as_micros())
    .bind(run.began_at.map(Timestamp::as_micros))
    .bind(run.ended_at.map(Timestamp::as_micros))
    .bind(i64::from(run.attempt))
    .bind(run.outcome.as_str())
    .bind(run.error)
    .bind(run.analysis.map(AnalysisId::to_i64));
    let row = writing.fetch_optional(query).await?;
    let row = row.ok_or_else(|| StoreError::missing("id of the new", "run"))?;
    let id = Columns::new(&row, "job_runs").id(0)?;
    if let Some(until) = run.dealt_until {
        let sql = "UPDATE job_schedules SET dealt_until = max(dealt_until, $2) WHERE job = $1";
        let dealt = sqlx::query(sql).bind(job).bind(until.as_micros());
        writing.execute(dealt).await?;
    }
    forget(writing, keep).await?;
    Ok(id)
}

async fn forget(writing: &mut Writing<'_>, keep: KeepRuns) -> Result<(), StoreError> {
    let beyond = "DELETE FROM job_runs WHERE id <= (SELECT max(id) FROM job_runs) - $1 \
         AND outcome NOT IN ('waiting', 'running')";
    // The one that was just noted stays in any case.
    let beyond = sqlx::query(beyond).bind(i64::from(keep.runs.max(1)));
    writing.execute(beyond).await?;
    if let Some(since) = keep.since {
        let older = "DELETE FROM job_runs WHERE planned_at < $1 \
             AND outcome NOT IN ('waiting', 'running')";
        let older = sqlx::query(older).bind(since.as_micros());
        writing.execute(older).await?;
    }
    Ok(())
}

fn column(id: JobRunId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}
