//! What calls have cost, summed up.
//!
//! Owns: the statements over recorded costs. Must not know: thresholds.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;

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

/// What is read of calls, in the order in which [`read`] takes it.
macro_rules! bills {
    ($rest:literal) => {
        concat!(
            "SELECT plugin, function, count(*), sum(outcome <> 'ok'), sum(sessions), \
             sum(statements), max(statements), sum(row_count), max(wait_us), max(held_us), \
             sum(wall_us) FROM call_costs ",
            $rest
        )
    };
}

impl Session {
    /// What the recorded calls of each plugin have cost, by function, in one
    /// statement however many plugins there are.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn bills(&mut self) -> Result<BTreeMap<String, Vec<PluginBill>>, StoreError> {
        let sql = bills!("GROUP BY plugin, function ORDER BY plugin, function");
        let rows = self.fetch(sqlx::query(sql)).await?;
        let mut bills = BTreeMap::<_, Vec<_>>::new();
        for row in &rows {
            let plugin = Columns::new(row, "call_costs").string(0)?;
            bills.entry(plugin).or_default().push(read(row)?);
        }
        Ok(bills)
    }

    /// What the recorded calls of a plugin have cost, by function.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn bills_of(&mut self, plugin: &str) -> Result<Vec<PluginBill>, StoreError> {
        let sql = bills!("WHERE plugin = $1 GROUP BY plugin, function ORDER BY function");
        let rows = self.fetch(sqlx::query(sql).bind(plugin.to_owned())).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<PluginBill, StoreError> {
    let columns = Columns::new(row, "call_costs");
    Ok(PluginBill {
        function: columns.string(1)?,
        calls: columns.unsigned(2)?,
        failures: columns.unsigned(3)?,
        sessions: columns.unsigned(4)?,
        statements: columns.unsigned(5)?,
        most_statements: columns.unsigned(6)?,
        rows: columns.unsigned(7)?,
        longest_wait_us: columns.unsigned(8)?,
        longest_held_us: columns.unsigned(9)?,
        wall_us: columns.unsigned(10)?,
    })
}
