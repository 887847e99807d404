//! How much one session may read.
//!
//! Owns: the most rows and bytes, and what a row counts for. Must not know: what
//! is read, and for whom.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};

use crate::StoreError;
use crate::meter::Meter;

/// The most rows that a session may read.
const MAX_ROWS: u64 = 2_000_000;

/// The most bytes that a session may read, as the database gives them.
const MAX_BYTES: u64 = 512 << 20;

/// The rows that a session may still read, and one more, by which a statement
/// shows that there are too many.
pub(crate) fn rows_left(meter: &Meter) -> i64 {
    let left = MAX_ROWS.saturating_sub(meter.cost().rows);
    i64::try_from(left).unwrap_or(i64::MAX).saturating_add(1)
}

/// Whether a session has read no more than it may.
pub(crate) fn within_bounds(meter: &Meter) -> Result<(), StoreError> {
    let cost = meter.cost();
    let too_much = |what, limit| Err(StoreError::TooMuch { what, limit });
    match () {
        () if cost.rows > MAX_ROWS => too_much("rows", MAX_ROWS),
        () if cost.bytes > MAX_BYTES => too_much("bytes", MAX_BYTES),
        () => Ok(()),
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
