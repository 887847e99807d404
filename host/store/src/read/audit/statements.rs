//! The statements of an audit.
//!
//! Owns: how recorded calls are added up, and the bounds of what that gives.
//! Must not know: what the figures are for.

use lombard_model::Timestamp;

use super::{Audit, AuditQuery, AuditSums, Caller, Holder, LookUpLoop, NearLimit, Outcome, Ranks};
use crate::columns::{Columns, json_list};
use crate::{Session, StoreError};

/// A statement over the calls of a period, for all plugins and for one: each
/// has its index, and neither is put together from text at run time.
macro_rules! over_calls {
    ($query:expr, $before:literal, $after:literal $(,)?) => {
        match &$query.plugin {
            None => sqlx::query(concat!($before, "began_at >= $1 AND $2 IS NULL", $after)),
            Some(_) => sqlx::query(concat!($before, "plugin = $2 AND began_at >= $1", $after)),
        }
        .bind($query.since.map_or(i64::MIN, Timestamp::as_micros))
        .bind($query.plugin.as_ref().map(ToString::to_string))
    };
}

impl Session {
    /// What the recorded calls of a period come to. All of it is of one
    /// snapshot; each list has `top` rows at most.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn audit(&mut self, query: &AuditQuery) -> Result<Audit, StoreError> {
        let (loops, loops_in_all) = self.loops(query).await?;
        let (near, near_in_all) = self.near_limits(query).await?;
        Ok(Audit {
            sums: self.sums(query).await?,
            outcomes: self.outcomes(query).await?,
            callers: self.callers(query).await?,
            loops,
            loops_in_all,
            near,
            near_in_all,
            holders: self.holders(query).await?,
        })
    }

    async fn sums(&mut self, query: &AuditQuery) -> Result<AuditSums, StoreError> {
        let sums = over_calls!(
            query,
            "SELECT count(*), ifnull(sum(outcome <> 'ok'), 0), min(began_at), \
             max(began_at + wall_us), ifnull(sum(sessions), 0), ifnull(sum(statements), 0), \
             ifnull(max(statements), 0), ifnull(sum(row_count), 0), ifnull(sum(bytes), 0), \
             ifnull(sum(cache_hits), 0), ifnull(sum(cache_misses), 0), ifnull(sum(held_us), 0), \
             ifnull(max(held_us), 0), ifnull(max(wait_us), 0) FROM call_costs WHERE ",
            "",
        );
        let mut audit = AuditSums::default();
        for row in &self.fetch(sums).await? {
            let columns = Columns::new(row, "call_costs");
            audit.calls = columns.unsigned(0)?;
            if audit.calls == 0 {
                return Ok(audit);
            }
            audit.failures = columns.unsigned(1)?;
            audit.first = Some(columns.time(2)?);
            audit.last = Some(columns.time(3)?);
            audit.sessions = columns.unsigned(4)?;
            audit.statements = columns.unsigned(5)?;
            audit.most_statements = columns.unsigned(6)?;
            audit.rows = columns.unsigned(7)?;
            audit.bytes = columns.unsigned(8)?;
            audit.cache_hits = columns.unsigned(9)?;
            audit.cache_misses = columns.unsigned(10)?;
            audit.held_us = columns.unsigned(11)?;
            audit.longest_held_us = columns.unsigned(12)?;
            audit.longest_wait_us = columns.unsigned(13)?;
        }
        let busiest = over_calls!(
            query,
            "SELECT began_at / 1000000 * 1000000 AS second, sum(sessions) AS opened \
             FROM call_costs WHERE ",
            " GROUP BY second ORDER BY opened DESC, second LIMIT 1",
        );
        for row in &self.fetch(busiest).await? {
            let columns = Columns::new(row, "call_costs");
            audit.busiest = Some(columns.time(0)?);
            audit.busiest_sessions = columns.unsigned(1)?;
        }
        Ok(audit)
    }

    async fn outcomes(&mut self, query: &AuditQuery) -> Result<Vec<Outcome>, StoreError> {
        // Beside a single max, SQLite gives the other columns of its row.
        let sql = over_calls!(
            query,
            "SELECT outcome, count(*) AS calls, max(id), plugin, error FROM call_costs WHERE ",
            " GROUP BY outcome ORDER BY calls DESC, outcome",
        );
        let rows = self.fetch(sql).await?;
        let outcomes = rows.iter().map(|row| {
            let columns = Columns::new(row, "call_costs");
            Ok(Outcome {
                outcome: columns.name(0)?,
                calls: columns.unsigned(1)?,
                last_plugin: columns.string(3)?,
                last_error: columns.opt_text(4)?.map(str::to_owned),
            })
        });
        outcomes.collect()
    }

    async fn callers(&mut self, query: &AuditQuery) -> Result<Vec<Caller>, StoreError> {
        let sql = over_calls!(
            query,
            "WITH callers AS (SELECT plugin, version, function, count(*) AS calls, \
             sum(outcome <> 'ok') AS failures, sum(sessions) AS sessions, \
             sum(statements) AS statements, max(statements) AS most, sum(row_count) AS row_count, \
             sum(held_us) AS held, sum(cpu_us) AS cpu FROM call_costs WHERE ",
            " GROUP BY plugin, version, function), \
             ranked AS (SELECT *, \
             row_number() OVER (ORDER BY sessions DESC, plugin, version, function) AS a, \
             row_number() OVER (ORDER BY statements DESC, plugin, version, function) AS b, \
             row_number() OVER (ORDER BY held DESC, plugin, version, function) AS c FROM callers) \
             SELECT plugin, version, function, calls, failures, sessions, statements, most, \
             row_count, held, cpu, a, b, c FROM ranked \
             WHERE a <= $3 OR b <= $3 OR c <= $3 ORDER BY a",
        );
        let rows = self.fetch(sql.bind(i64::from(query.top))).await?;
        let callers = rows.iter().map(|row| {
            let columns = Columns::new(row, "call_costs");
            Ok(Caller {
                plugin: columns.string(0)?,
                version: columns.string(1)?,
                function: columns.string(2)?,
                calls: columns.unsigned(3)?,
                failures: columns.unsigned(4)?,
                sessions: columns.unsigned(5)?,
                statements: columns.unsigned(6)?,
                most_statements: columns.unsigned(7)?,
                rows: columns.unsigned(8)?,
                held_us: columns.unsigned(9)?,
                cpu_us: columns.unsigned(10)?,
                ranks: Ranks {
                    sessions: columns.unsigned(11)?,
                    statements: columns.unsigned(12)?,
                    held: columns.unsigned(13)?,
                },
            })
        });
        callers.collect()
    }

    async fn loops(&mut self, query: &AuditQuery) -> Result<(Vec<LookUpLoop>, u64), StoreError> {
        let sql = over_calls!(
            query,
            "SELECT plugin, version, function, looked.key, count(*), max(looked.value) AS most, \
             max(began_at), count(*) OVER () FROM call_costs, json_each(look_ups) AS looked \
             WHERE look_ups IS NOT NULL AND looked.value > $3 \
             AND looked.key IN (SELECT value FROM json_each($4)) AND ",
            " GROUP BY plugin, version, function, looked.key \
             ORDER BY most DESC, plugin, version, function, looked.key LIMIT $5 + 0",
        );
        let kinds = query.loops_of.iter().map(|kind| format!("\"{kind}\""));
        let sql = sql.bind(i64::from(query.loop_limit)).bind(json_list(kinds));
        let rows = self.fetch(sql.bind(i64::from(query.top))).await?;
        let loops = rows.iter().map(|row| {
            let columns = Columns::new(row, "call_costs");
            Ok(LookUpLoop {
                plugin: columns.string(0)?,
                version: columns.string(1)?,
                function: columns.string(2)?,
                kind: columns.name(3)?,
                calls: columns.unsigned(4)?,
                most: columns.unsigned(5)?,
                last: columns.time(6)?,
            })
        });
        let in_all = rows.first();
        let in_all = in_all.map(|row| Columns::new(row, "call_costs").unsigned(7));
        Ok((
            loops.collect::<Result<_, StoreError>>()?,
            in_all.transpose()?.unwrap_or(0),
        ))
    }

    async fn near_limits(
        &mut self,
        query: &AuditQuery,
    ) -> Result<(Vec<NearLimit>, u64), StoreError> {
        let sql = over_calls!(
            query,
            "SELECT plugin, version, function, run, call_id, began_at, outcome, held_us, \
             max(wall_us - wait_us, 0), memory_peak_bytes, statements, count(*) OVER () \
             FROM call_costs WHERE (wall_us - wait_us >= $3 OR memory_peak_bytes >= $4 \
             OR statements >= $5 OR outcome = 'deadline') AND ",
            " ORDER BY max((wall_us - wait_us) * 1.0 / $3, memory_peak_bytes * 1.0 / $4, \
             statements * 1.0 / $5) DESC, id LIMIT $6 + 0",
        );
        let bound = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX);
        let sql = sql
            .bind(bound(query.near.used_us))
            .bind(bound(query.near.memory_bytes))
            .bind(bound(query.near.statements))
            .bind(i64::from(query.top));
        let rows = self.fetch(sql).await?;
        let near = rows.iter().map(|row| {
            let columns = Columns::new(row, "call_costs");
            Ok(NearLimit {
                call: holder(&columns)?,
                used_us: columns.unsigned(8)?,
                memory_bytes: columns.unsigned(9)?,
                statements: columns.unsigned(10)?,
            })
        });
        let in_all = rows.first();
        let in_all = in_all.map(|row| Columns::new(row, "call_costs").unsigned(11));
        Ok((
            near.collect::<Result<_, StoreError>>()?,
            in_all.transpose()?.unwrap_or(0),
        ))
    }

    async fn holders(&mut self, query: &AuditQuery) -> Result<Vec<Holder>, StoreError> {
        let sql = over_calls!(
            query,
            "SELECT plugin, version, function, run, call_id, began_at, outcome, held_us \
             FROM call_costs WHERE held_us > 0 AND ",
            " ORDER BY held_us DESC, id LIMIT $3 + 0",
        );
        let rows = self.fetch(sql.bind(i64::from(query.top))).await?;
        let holders = rows.iter();
        holders
            .map(|row| holder(&Columns::new(row, "call_costs")))
            .collect()
    }
}

fn holder(columns: &Columns<'_>) -> Result<Holder, StoreError> {
    Ok(Holder {
        plugin: columns.string(0)?,
        version: columns.string(1)?,
        function: columns.string(2)?,
        run: columns.opt_text(3)?.map(str::to_owned),
        call_id: columns.opt_unsigned(4)?,
        began_at: columns.time(5)?,
        outcome: columns.name(6)?,
        held_us: columns.unsigned(7)?,
    })
}
