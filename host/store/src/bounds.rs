//! How much one session may read.
//!
//! Owns: the most rows and bytes, and what a row counts for. Must not know: what
//! is read, and for whom.

use lombard_model::{Exceeded, Limit, Limits};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};

use crate::meter::Meter;
use crate::{Session, StoreError};

/// What one session may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Statements, those of the call's writes included.
    pub statements: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes, as the database gives them.
    pub bytes: u64,
}

impl Default for Bounds {
    /// Of the host's own reading: as many statements as it takes.
    fn default() -> Self {
        Self {
            statements: u64::MAX,
            rows: Limit::Rows.default(),
            bytes: Limit::Bytes.default(),
        }
    }
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        Self {
            statements: limits.get(Limit::Statements),
            rows: limits.get(Limit::Rows),
            bytes: limits.get(Limit::Bytes),
        }
    }
}

impl Bounds {
    /// The rows that a session may still read, and one more, by which a
    /// statement shows that there are too many.
    pub(crate) fn rows_left(&self, meter: &Meter) -> i64 {
        let left = self.rows.saturating_sub(meter.cost().rows);
        i64::try_from(left).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Whether a session has read no more than it may.
    pub(crate) fn hold(&self, meter: &Meter) -> Result<(), StoreError> {
        let cost = meter.cost();
        within(Limit::Rows, self.rows, cost.rows)?;
        within(Limit::Bytes, self.bytes, cost.bytes)
    }

    /// Whether there may be so many statements.
    pub(crate) fn hold_statements(&self, asked: u64) -> Result<(), StoreError> {
        within(Limit::Statements, self.statements, asked)
    }
}

fn within(limit: Limit, value: u64, asked: u64) -> Result<(), StoreError> {
    if asked <= value {
        return Ok(());
    }
    Err(StoreError::Limit(Exceeded {
        limit,
        value,
        asked: Some(asked),
    }))
}

impl Session {
    /// Bounds what the session may read, what it has read included. What goes
    /// beyond it is refused.
    pub fn bounded(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Whether whoever has this session may run so many statements elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Limit`].
    pub fn may_run_elsewhere(&self, statements: u32) -> Result<(), StoreError> {
        let run = self.run_so_far();
        self.bounds.hold_statements(run + u64::from(statements))
    }

    /// Counts statements against the bound that were run elsewhere: those of a
    /// write are not there to read with any more.
    pub fn ran_elsewhere(&mut self, statements: u32) {
        self.elsewhere = self.elsewhere.saturating_add(statements);
    }

    pub(crate) fn run_so_far(&self) -> u64 {
        u64::from(self.meter.cost().statements) + u64::from(self.elsewhere)
    }
}

/// The size of a row's values; a number counts as 8.
pub(crate) fn bytes_of(row: &SqliteRow) -> usize {
    let column = |at| match row.try_get_raw(at) {
        Ok(value) if value.is_null() => 0,
        // Only of these: asking a number for its bytes turns it into text.
        Ok(value) if matches!(value.type_info().name(), "TEXT" | "BLOB") => {
            row.try_get_unchecked::<&[u8], _>(at).map_or(0, <[u8]>::len)
        }
        _ => 8,
    };
    (0..row.len()).map(column).sum()
}
