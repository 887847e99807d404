//! What became of the runs of jobs.
//!
//! Owns: the statements that read `job_runs` and `job_schedules`. Must not
//! know: when a job is due, and what a run does.

use lombard_model::{AnalysisId, JobId, JobOutcome, JobRunId, JobTrigger, Symbol, Timestamp};

use crate::columns::Columns;
use crate::{Session, StoreError};

/// A run of a job, with what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// Its id.
    pub id: JobRunId,
    /// Whose run it is.
    pub job: JobId,
    /// Why it was made.
    pub trigger: JobTrigger,
    /// What it was told to look at; empty where the expert picks its own.
    pub symbols: Vec<Symbol>,
    /// The time that it was planned for.
    pub planned_at: Timestamp,
    /// When it began; none where it waits, or was not made.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempt: u32,
    /// What became of it.
    pub outcome: JobOutcome,
    /// Why it did not end well or was not made; for one under way, why the
    /// attempt before failed.
    pub error: Option<String>,
    /// The analysis that came of it.
    pub analysis: Option<AnalysisId>,
}

/// A job as its schedule stood when a host last looked after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSchedule {
    /// Whose schedule.
    pub job: JobId,
    /// Its cron expression.
    pub expression: String,
    /// The name of its time zone.
    pub zone: String,
    /// Times up to this one need nothing more.
    pub dealt_until: Timestamp,
}

/// What is read of runs, in the order in which [`read`] takes it.
macro_rules! runs {
    ($rest:literal) => {
        concat!(
            "SELECT id, job, cause, symbols, planned_at, began_at, ended_at, attempt, outcome, \
             error, analysis_id FROM job_runs ",
            $rest
        )
    };
}

impl Session {
    /// The last `limit` runs before this one, of one job or of all, the newest
    /// first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn job_runs(
        &mut self,
        job: Option<JobId>,
        before: Option<JobRunId>,
        limit: u32,
    ) -> Result<Vec<JobRun>, StoreError> {
        let before = before.map_or(i64::MAX, |run| i64::try_from(run.0).unwrap_or(i64::MAX));
        let query = match job {
            Some(job) => sqlx::query(runs!(
                "WHERE job = $3 AND id < $2 ORDER BY id DESC LIMIT $1 + 0"
            ))
            .bind(i64::from(limit))
            .bind(before)
            .bind(job.to_string()),
            None => sqlx::query(runs!("WHERE id < $2 ORDER BY id DESC LIMIT $1 + 0"))
                .bind(i64::from(limit))
                .bind(before),
        };
        let rows = self.fetch(query).await?;
        rows.iter().map(read).collect()
    }

    /// The last run of each job that is kept, but for those that were skipped.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn last_job_runs(&mut self) -> Result<Vec<JobRun>, StoreError> {
        let sql = runs!(
            "WHERE id IN (SELECT max(id) FROM job_runs \
             WHERE outcome <> 'skipped' GROUP BY job)"
        );
        let rows = self.fetch(sqlx::query(sql)).await?;
        rows.iter().map(read).collect()
    }

    /// How the schedules stood when a host last looked after them.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn job_schedules(&mut self) -> Result<Vec<JobSchedule>, StoreError> {
        let sql = "SELECT job, expression, zone, dealt_until FROM job_schedules";
        let rows = self.fetch(sqlx::query(sql)).await?;
        let schedules = rows.iter().map(|row| {
            let columns = Columns::new(row, "job_schedules");
            Ok(JobSchedule {
                job: columns.name(0)?,
                expression: columns.string(1)?,
                zone: columns.string(2)?,
                dealt_until: columns.time(3)?,
            })
        });
        schedules.collect()
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<JobRun, StoreError> {
    let columns = Columns::new(row, "job_runs");
    let attempt = columns.unsigned(7)?;
    let symbols: Vec<String> =
        serde_json::from_str(columns.text(3)?).map_err(|fault| columns.corrupt(3, &fault))?;
    let symbols = symbols.into_iter().map(Symbol::new);
    Ok(JobRun {
        id: columns.id(0)?,
        job: columns.name(1)?,
        trigger: columns.name(2)?,
        symbols: symbols
            .collect::<Result<_, _>>()
            .map_err(|fault| columns.corrupt(3, &fault))?,
        planned_at: columns.time(4)?,
        began_at: columns.opt_time(5)?,
        ended_at: columns.opt_time(6)?,
        attempt: u32::try_from(attempt).map_err(|fault| columns.corrupt(7, &fault))?,
        outcome: columns.name(8)?,
        error: columns.opt_text(9)?.map(str::to_owned),
        analysis: columns.opt_id(10)?,
    })
}
