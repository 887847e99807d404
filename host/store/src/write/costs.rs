//! Keeping what calls have cost.
//!
//! Owns: the statements on `call_costs`. Must not know: who measured.

use lombard_model::CallRecord;
use serde_json::{Value as Json, json};

use super::{CHUNK, json_rows};
use crate::{Store, StoreError, Written};

/// Calls kept, the newest.
const KEPT: i64 = 100_000;

impl Store {
    /// Keeps the records of calls, many in one write, and forgets the oldest
    /// beyond 100,000.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn record_calls(&self, calls: &[CallRecord]) -> Result<Written<()>, StoreError> {
        let rows: Vec<Json> = calls.iter().map(row_of).collect();
        self.write(move |writing| {
            Box::pin(async move {
                for chunk in rows.chunks(CHUNK) {
                    let query = sqlx::query(
                        "INSERT INTO call_costs (plugin, version, digest, function, began_at, \
                         outcome, sessions, connections, statements, row_count, host_calls, \
                         wall_us, cpu_us, wait_us, held_us, memory_peak_bytes) \
                         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
                         value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, \
                         value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, \
                         value ->> 15 FROM json_each($1)",
                    );
                    writing.execute(query.bind(json_rows(chunk))).await?;
                }
                let forget = "DELETE FROM call_costs \
                     WHERE id <= (SELECT max(id) FROM call_costs) - $1";
                writing.execute(sqlx::query(forget).bind(KEPT)).await?;
                Ok(())
            })
        })
        .await
    }
}

fn row_of(call: &CallRecord) -> Json {
    let cost = &call.cost;
    json!([
        call.plugin,
        call.version,
        call.digest,
        call.function,
        call.began_at.as_micros(),
        call.outcome,
        cost.sessions,
        cost.connections,
        cost.statements,
        cost.rows,
        cost.host_calls,
        cost.wall_us,
        cost.cpu_us,
        cost.wait_us,
        cost.held_us,
        cost.memory_peak_bytes,
    ])
}
