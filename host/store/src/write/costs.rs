//! Keeping what calls have cost.
//!
//! Owns: the statements that write `call_costs`. Must not know: who measured,
//! and how long the operator wants it kept.

use std::sync::Arc;

use lombard_model::{CallRecord, Timestamp};
use serde_json::{Value as Json, json};

use super::{CHUNK, json_rows};
use crate::{Store, StoreError, Written};

/// How much is kept of what calls have cost. Whichever is less stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many calls, of all processes together.
    pub calls: u32,
    /// Those that began at this time or later; none: of any age.
    pub since: Option<Timestamp>,
}

impl Store {
    /// Keeps the records of calls, many in one write, and forgets what is
    /// beyond `keep`.
    ///
    /// # Errors
    /// Where the database fails; then none of them is kept.
    pub async fn record_calls(
        &self,
        calls: &[Arc<CallRecord>],
        keep: Keep,
    ) -> Result<Written<()>, StoreError> {
        let rows: Vec<Json> = calls.iter().map(|call| row_of(call)).collect();
        self.write(move |writing| {
            Box::pin(async move {
                for chunk in rows.chunks(CHUNK) {
                    let query = sqlx::query(
                        "INSERT INTO call_costs (plugin, version, digest, function, began_at, \
                         outcome, sessions, connections, statements, row_count, host_calls, \
                         wall_us, cpu_us, wait_us, held_us, memory_peak_bytes, run, call_id, \
                         bytes, cache_hits, cache_misses, error, look_ups, limit_reached, \
                         log_lines, log_bytes, log_dropped) \
                         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
                         value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, \
                         value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, \
                         value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19, \
                         value ->> 20, value ->> 21, value ->> 22, value ->> 23, value ->> 24, \
                         value ->> 25, value ->> 26 FROM json_each($1)",
                    );
                    writing.execute(query.bind(json_rows(chunk))).await?;
                }
                let beyond = "DELETE FROM call_costs \
                     WHERE id <= (SELECT max(id) FROM call_costs) - $1";
                let beyond = sqlx::query(beyond).bind(i64::from(keep.calls));
                writing.execute(beyond).await?;
                if let Some(since) = keep.since {
                    let older = sqlx::query("DELETE FROM call_costs WHERE began_at < $1");
                    writing.execute(older.bind(since.as_micros())).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

fn row_of(call: &CallRecord) -> Json {
    let cost = &call.cost;
    let look_ups = (call.look_ups.iter().next().is_some())
        .then(|| serde_json::to_string(&call.look_ups).unwrap_or_default());
    json!([
        call.plugin,
        call.version,
        // The column is older than calls without one.
        call.digest
            .map_or_else(String::new, |digest| digest.to_string()),
        call.function,
        call.began_at.as_micros(),
        call.outcome,
        cost.sessions,
        cost.connections,
        cost.statements,
        column(cost.rows),
        column(cost.host_calls),
        column(cost.wall_us),
        column(cost.cpu_us),
        column(cost.wait_us),
        column(cost.held_us),
        column(cost.memory_peak_bytes),
        call.run,
        column(call.id.0),
        column(cost.bytes),
        column(cost.cache_hits),
        column(cost.cache_misses),
        call.error,
        look_ups,
        call.limit,
        column(cost.log_lines),
        column(cost.log_bytes),
        column(cost.log_dropped),
    ])
}

/// A figure as a column can hold it: one row that can't be written would keep
/// all others from being written.
fn column(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}
