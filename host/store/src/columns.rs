//! Reading the columns of a row.
//!
//! Owns: how ids, decimals, times, names and JSON stand in SQLite, and the
//! words for a value that can't be read. Columns are read by position, in the
//! order of the statement: these rows are the hot path of every render.
//! Must not know: which statement gave the row.

use std::fmt::Display;
use std::str::FromStr;

use lombard_model::{Decimal, Symbol, Timestamp, parse_decimal};
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _};

use crate::StoreError;

/// Ids as JSON, for `json_each($1)`: every list goes in as one parameter.
pub(crate) fn json_list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    use std::fmt::Write as _;

    let mut list = String::from("[");
    for (at, item) in items.into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a string can't fail.
        let _ = write!(list, "{comma}{item}");
    }
    list.push(']');
    list
}

/// A decimal as the database holds it.
pub(crate) fn canonical(number: Decimal) -> String {
    number.normalize().to_string()
}

/// A row of a table, read by position.
pub(crate) struct Columns<'r> {
    row: &'r SqliteRow,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(crate) fn new(row: &'r SqliteRow, table: &'static str) -> Self {
        Self { row, table }
    }

    pub(crate) fn text(&self, at: usize) -> Result<&'r str, StoreError> {
        Ok(self.row.try_get_unchecked(at)?)
    }

    pub(crate) fn opt_text(&self, at: usize) -> Result<Option<&'r str>, StoreError> {
        Ok(self.row.try_get_unchecked(at)?)
    }

    pub(crate) fn string(&self, at: usize) -> Result<String, StoreError> {
        self.text(at).map(str::to_owned)
    }

    pub(crate) fn integer(&self, at: usize) -> Result<i64, StoreError> {
        Ok(self.row.try_get_unchecked(at)?)
    }

    pub(crate) fn unsigned(&self, at: usize) -> Result<u64, StoreError> {
        let number = self.integer(at)?;
        number
            .try_into()
            .map_err(|_| self.corrupt(at, &format!("{number} is below 0")))
    }

    pub(crate) fn opt_unsigned(&self, at: usize) -> Result<Option<u64>, StoreError> {
        let number: Option<i64> = self.row.try_get_unchecked(at)?;
        number.map(|_| self.unsigned(at)).transpose()
    }

    pub(crate) fn id<I: TryFrom<i64, Error: Display>>(&self, at: usize) -> Result<I, StoreError> {
        I::try_from(self.integer(at)?).map_err(|fault| self.corrupt(at, &fault))
    }

    pub(crate) fn opt_id<I: TryFrom<i64, Error: Display>>(
        &self,
        at: usize,
    ) -> Result<Option<I>, StoreError> {
        let number: Option<i64> = self.row.try_get_unchecked(at)?;
        number.map(|_| self.id(at)).transpose()
    }

    pub(crate) fn name<T: FromStr<Err: Display>>(&self, at: usize) -> Result<T, StoreError> {
        self.text(at)?
            .parse()
            .map_err(|fault| self.corrupt(at, &fault))
    }

    pub(crate) fn symbol(&self, at: usize) -> Result<Symbol, StoreError> {
        self.name(at)
    }

    pub(crate) fn decimal(&self, at: usize) -> Result<Decimal, StoreError> {
        parse_decimal(self.text(at)?).map_err(|fault| self.corrupt(at, &fault))
    }

    pub(crate) fn time(&self, at: usize) -> Result<Timestamp, StoreError> {
        self.integer(at).map(Timestamp::from_micros)
    }

    pub(crate) fn opt_time(&self, at: usize) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = self.row.try_get_unchecked(at)?;
        Ok(micros.map(Timestamp::from_micros))
    }

    pub(crate) fn corrupt(&self, at: usize, fault: &dyn Display) -> StoreError {
        let first: Result<i64, _> = self.row.try_get(0);
        StoreError::Corrupt {
            table: self.table,
            column: self.row.column(at).name().to_owned(),
            row: first.map_or_else(|_| "?".to_owned(), |id| id.to_string()),
            fault: fault.to_string(),
        }
    }
}
