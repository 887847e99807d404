//! Daily bars.
//!
//! Owns: their statements. Must not know: indicators.

use lombard_model::{Bar, Symbol, Timestamp};

use super::MAX_SET;
use crate::columns::Columns;
use crate::{Session, StoreError};

impl Session {
    /// The last `limit` bars of a symbol up to the day of `until`, oldest
    /// first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn bars(
        &mut self,
        symbol: &Symbol,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Bar>, StoreError> {
        let sql = "SELECT day, open, high, low, close, volume FROM bars \
             WHERE symbol = $1 AND day <= $2 ORDER BY day DESC LIMIT $3 + 0";
        let query = sqlx::query(sql)
            .bind(symbol.as_str().to_owned())
            .bind(until.day().as_micros())
            .bind(i64::from(limit));
        let rows = self.fetch(query).await?;
        let bars = rows.iter().rev().map(|row| {
            let columns = Columns::new(row, "bars");
            Ok(Bar {
                day: columns.time(0)?,
                open: columns.decimal(1)?,
                high: columns.decimal(2)?,
                low: columns.decimal(3)?,
                close: columns.decimal(4)?,
                volume: columns.decimal(5)?,
            })
        });
        bars.collect()
    }

    /// The symbols that have bars, in their order.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn symbols_with_bars(&mut self) -> Result<Vec<Symbol>, StoreError> {
        // A walk along the index, from each symbol to the next: as many steps
        // as symbols, however many bars there are.
        let sql = "WITH RECURSIVE known (symbol) AS ( \
                 SELECT min(symbol) FROM bars \
                 UNION ALL \
                 SELECT (SELECT min(symbol) FROM bars WHERE symbol > known.symbol) FROM known \
                 WHERE known.symbol IS NOT NULL \
             ) SELECT symbol FROM known WHERE symbol IS NOT NULL LIMIT 10001";
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "symbols",
                limit: MAX_SET,
            });
        }
        rows.iter()
            .map(|row| Columns::new(row, "bars").symbol(0))
            .collect()
    }
}
