-- The jobs that a host does again and again, and what became of their runs.
--
-- Neither is counted in `data_version`: they are about runs, and what a run
-- changes in the book counts by itself. Neither refers to an expert: what has
-- happened stays true where the instance is gone.

CREATE TABLE job_schedules (
    job         TEXT    PRIMARY KEY NOT NULL,
    expression  TEXT    NOT NULL,
    zone        TEXT    NOT NULL,
    -- Times up to this one need nothing more: what was planned for them has
    -- been made or noted, or the schedule did not stand yet.
    dealt_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    job         TEXT    NOT NULL,
    expert_id   INTEGER NOT NULL,
    use_case    TEXT    NOT NULL,
    cause       TEXT    NOT NULL,
    -- What it was told to look at; empty where the expert picks its own.
    symbols     TEXT    NOT NULL CHECK (json_valid(symbols)),
    planned_at  INTEGER NOT NULL,
    -- NULL for as long as it waits, and where it was not made.
    began_at    INTEGER,
    ended_at    INTEGER,
    attempt     INTEGER NOT NULL,
    outcome     TEXT    NOT NULL,
    error       TEXT,
    analysis_id INTEGER
) STRICT;

CREATE INDEX job_runs_by_job ON job_runs (job, id);
CREATE INDEX job_runs_by_plan ON job_runs (planned_at);
-- Few at any time.
CREATE INDEX job_runs_under_way ON job_runs (outcome) WHERE outcome IN ('waiting', 'running');
