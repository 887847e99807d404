//! What calls have cost, summed up.
//!
//! Owns: the statements over recorded costs. Must not know: thresholds.

use crate::columns::Columns;
use crate::{Session, StoreError};

/// The recorded calls of one function of one plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginBill {
    /// `render` or `analyze`.
    pub function: String,
    /// How many calls.
    pub calls: u64,
    /// How many of them did not end well.
    pub failures: u64,
    /// Sessions, over all calls.
    pub sessions: u64,
    /// Statements, over all calls.
    pub statements: u64,
    /// The most statements of one call.
    pub most_statements: u64,
    /// Rows, over all calls.
    pub rows: u64,
    /// The longest wait for a connection, in microseconds.
    pub longest_wait_us: u64,
    /// The longest time a connection was held, in microseconds.
    pub longest_held_us: u64,
    /// Wall time over all calls, in microseconds.
    pub wall_us: u64,
}

impl Session {
    /// What the recorded calls of a plugin have cost, by function.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn bills_of(&mut self, plugin: &str) -> Result<Vec<PluginBill>, StoreError> {
        let sql = "SELECT function, count(*), sum(outcome <> 'ok'), sum(sessions), \
             sum(statements), max(statements), sum(row_count), max(wait_us), max(held_us), \
             sum(wall_us) FROM call_costs WHERE plugin = $1 GROUP BY function ORDER BY function";
        let rows = self.fetch(sqlx::query(sql).bind(plugin.to_owned())).await?;
        let bills = rows.iter().map(|row| {
            let columns = Columns::new(row, "call_costs");
            Ok(PluginBill {
                function: columns.string(0)?,
                calls: columns.unsigned(1)?,
                failures: columns.unsigned(2)?,
                sessions: columns.unsigned(3)?,
                statements: columns.unsigned(4)?,
                most_statements: columns.unsigned(5)?,
                rows: columns.unsigned(6)?,
                longest_wait_us: columns.unsigned(7)?,
                longest_held_us: columns.unsigned(8)?,
                wall_us: columns.unsigned(9)?,
            })
        });
        bills.collect()
    }
}
