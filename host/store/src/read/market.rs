//! Daily bars.
//!
//! Owns: their statements. Must not know: indicators.

use std::collections::HashMap;
use std::sync::Arc;

use lombard_model::{Bar, Symbol, Timestamp};

use super::MAX_SET;
use crate::columns::Columns;
use crate::{Session, StoreError};

/// The most bars that are read ahead at once.
const AHEAD: usize = 200_000;

impl Session {
    /// Says whose bars are going to be asked for, so that those of all are
    /// read with the first.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn expect_bars_of(&mut self, symbols: &[Symbol]) -> Result<(), StoreError> {
        if self.version().is_none() {
            self.open().await?;
        }
        self.known(|known| known.symbols = symbols.into());
        Ok(())
    }

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
    ) -> Result<Arc<[Bar]>, StoreError> {
        let day = until.day().as_micros();
        let key = (symbol.clone(), day, limit);
        if let Some(bars) = self.recall(|known| known.bars.get(&key).cloned()) {
            return Ok(bars);
        }
        self.read_ahead(symbol, day, limit).await?;
        let bars = self.known(|known| known.bars.get(&key).cloned());
        Ok(bars.unwrap_or_default())
    }

    /// Reads the bars of a symbol and of those that are expected after it.
    async fn read_ahead(
        &mut self,
        symbol: &Symbol,
        day: i64,
        limit: u32,
    ) -> Result<(), StoreError> {
        self.open().await?;
        let wanted = self.known(|known| {
            let ahead = AHEAD / usize::try_from(limit).unwrap_or(AHEAD).max(1);
            let unknown = |one: &&Symbol| {
                *one != symbol && !known.bars.contains_key(&((*one).clone(), day, limit))
            };
            let mut wanted = vec![symbol.clone()];
            if known.symbols.contains(symbol) {
                wanted.extend(known.symbols.iter().filter(unknown).take(ahead).cloned());
            }
            wanted
        });
        self.read_bars(&wanted, day, limit).await
    }

    async fn read_bars(
        &mut self,
        wanted: &[Symbol],
        day: i64,
        limit: u32,
    ) -> Result<(), StoreError> {
        // For each symbol a walk along its index, as long as it has to be.
        let sql = "SELECT bars.symbol, day, open, high, low, close, volume \
             FROM json_each($1) AS wanted CROSS JOIN bars ON bars.symbol = wanted.value \
             WHERE day <= $2 AND day >= ifnull( \
                 (SELECT day FROM bars AS b WHERE b.symbol = wanted.value AND b.day <= $2 \
                  ORDER BY b.day DESC LIMIT 1 OFFSET $3 - 1), -9223372036854775808) \
             ORDER BY wanted.key, day LIMIT $4 + 0";
        let before = self.cost().bytes;
        let named = serde_json::Value::from_iter(wanted.iter().map(Symbol::as_str));
        let query = sqlx::query(sql)
            .bind(named.to_string())
            .bind(day)
            .bind(i64::from(limit))
            .bind(self.rows_left());
        let rows = self.fetch(query).await?;
        let mut found: HashMap<Symbol, Vec<Bar>> = HashMap::new();
        for row in &rows {
            let columns = Columns::new(row, "bars");
            found.entry(columns.symbol(0)?).or_default().push(Bar {
                day: columns.time(1)?,
                open: columns.decimal(2)?,
                high: columns.decimal(3)?,
                low: columns.decimal(4)?,
                close: columns.decimal(5)?,
                volume: columns.decimal(6)?,
            });
        }
        self.remember(before, |known| {
            for symbol in wanted {
                let bars = found.remove(symbol).unwrap_or_default();
                let key = (symbol.clone(), day, limit);
                known.bars.insert(key, bars.into());
            }
        });
        Ok(())
    }

    /// The symbols that have bars, in their order.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn symbols_with_bars(&mut self) -> Result<Arc<[Symbol]>, StoreError> {
        if let Some(symbols) = self.recall(|known| known.symbols_with_bars.clone()) {
            return Ok(symbols);
        }
        let before = self.cost().bytes;
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
        let symbols = rows.iter().map(|row| Columns::new(row, "bars").symbol(0));
        let symbols: Arc<[_]> = symbols.collect::<Result<_, _>>()?;
        self.remember(before, |known| {
            known.symbols_with_bars = Some(Arc::clone(&symbols));
        });
        Ok(symbols)
    }
}
