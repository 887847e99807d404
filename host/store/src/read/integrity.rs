//! Whether the file is sound.
//!
//! Owns: asking the database to check itself. Must not know: what to do about
//! a fault.

use crate::columns::Columns;
use crate::{Session, StoreError};

/// Faults that are told at most.
const MOST: usize = 100;

impl Session {
    /// What is wrong with the database's file, as the database puts it: pages,
    /// indexes and constraints, then rows that refer to none. Empty where all
    /// is sound. Reads the whole file.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        self.has_time().await?;
        let rows = self
            .fetch(sqlx::query("PRAGMA integrity_check(100)"))
            .await?;
        let told = rows
            .iter()
            .map(|row| Columns::new(row, "integrity_check").string(0));
        let mut faults = told.collect::<Result<Vec<_>, _>>()?;
        faults.retain(|fault| fault != "ok");
        let dangling = "SELECT \"table\" || ' refers to no ' || parent \
             FROM pragma_foreign_key_check LIMIT 100";
        for row in self.fetch(sqlx::query(dangling)).await? {
            faults.push(Columns::new(&row, "foreign_key_check").string(0)?);
        }
        faults.truncate(MOST);
        Ok(faults)
    }
}
