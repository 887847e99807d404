//! What the paper broker knows of its accounts.
//!
//! Owns: its statements. Must not know: other brokers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lombard_model::{AccountId, Decimal, Instrument, Position, Side, Symbol};

use super::CHUNK;
use super::fields::Fields;
use crate::columns::{Columns, json_list};
use crate::reads::Known;
use crate::{Session, StoreError};

/// Instruments that are asked for at once by those who look them up one by one.
const FEW: usize = 8;

/// The statement that gives the prices of the instruments that are the list
/// `$at`.
macro_rules! prices {
    ($at:literal) => {
        concat!(
            "SELECT json_group_array(json_array(account_id, symbol, price)) FROM json_each(",
            $at,
            ") AS wanted CROSS JOIN paper_prices ON account_id = wanted.value ->> 0 \
             AND symbol = wanted.value ->> 1 WHERE price IS NOT NULL"
        )
    };
}

/// The prices of the list `$7`.
pub(super) const PRICES_AHEAD: &str = prices!("$7");

/// An instrument with its price.
pub(super) type Priced = (Instrument, Option<Decimal>);

/// Instruments as a parameter.
pub(super) fn listed(instruments: &[Instrument]) -> String {
    let listed = serde_json::Value::from_iter(instruments.iter().map(|one| {
        vec![
            serde_json::Value::from(one.account.get()),
            serde_json::Value::from(one.symbol.as_str()),
        ]
    }));
    listed.to_string()
}

/// Prices of a document.
pub(super) fn priced(document: &str) -> Result<Vec<Priced>, StoreError> {
    Fields::rows("paper_prices", document, 0, |row| {
        let instrument = Instrument {
            account: row.key("account_id")?,
            symbol: row.symbol("symbol")?,
        };
        let price = Some(row.decimal("price")?);
        Ok((instrument, price.filter(|price| *price > Decimal::ZERO)))
    })
}

/// Keeps what was found of these; the others are absent.
pub(super) fn keep(known: &mut Known, wanted: &[Instrument], found: Vec<Priced>) {
    let absent = wanted.iter().map(|one| (one.clone(), None));
    known.prices.extend(absent);
    known.prices.extend(found);
}

/// What was summed up so far, by account.
type Held = HashMap<AccountId, BTreeMap<Symbol, Decimal>>;

impl Session {
    /// The paper broker's prices of these instruments, one answer for each, in
    /// their order; absent where it is none, or 0 or less. With a few, those of
    /// the orders that were read are read as well.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn paper_prices(
        &mut self,
        instruments: &[Instrument],
    ) -> Result<Vec<Option<Decimal>>, StoreError> {
        if instruments.is_empty() {
            return Ok(Vec::new());
        }
        let at_hand = |known: &mut Known| -> Option<Vec<_>> {
            let prices = instruments.iter().map(|one| known.prices.get(one).copied());
            prices.collect()
        };
        self.asked().prices();
        if let Some(prices) = self.at_hand(at_hand).await? {
            return Ok(prices);
        }
        let wanted = self.known(|known| {
            let mut wanted = match instruments.len() <= FEW {
                true => known.orders.take_instruments(),
                false => Vec::new(),
            };
            wanted.extend_from_slice(instruments);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|one| !known.prices.contains_key(one));
            wanted
        });
        for wanted in wanted.chunks(CHUNK) {
            self.read_prices(wanted).await?;
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    async fn read_prices(&mut self, wanted: &[Instrument]) -> Result<(), StoreError> {
        self.asked().prices_read(wanted);
        let before = self.cost().bytes;
        let query = sqlx::query(prices!("$1")).bind(listed(wanted));
        let found = self.fetch_document(query, priced).await?;
        self.remember(before, |known| keep(known, wanted, found));
        Ok(())
    }

    /// The paper broker's cash of these accounts. It stands in the rows of the
    /// accounts, which a session reads once.
    ///
    /// # Errors
    /// As [`Session::accounts`].
    pub async fn paper_cash(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, Decimal>, StoreError> {
        let rows = self.accounts().await?;
        let cash = rows
            .iter()
            .filter_map(|row| Some((row.account.id, row.paper_cash?)));
        Ok(cash.filter(|(id, _)| accounts.contains(id)).collect())
    }

    /// What the paper broker holds for these accounts: the sum of their fills,
    /// by symbol, without those that come to nothing. Whoever asks for a second
    /// account alone gets it with all others.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn paper_positions(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, Arc<[Position]>>, StoreError> {
        let at_hand = |known: &mut Known| -> Option<HashMap<_, _>> {
            let held = accounts
                .iter()
                .map(|id| Some((*id, Arc::clone(known.positions.get(id)?))));
            held.collect()
        };
        if let Some(held) = self.at_hand(at_hand).await? {
            return Ok(held);
        }
        let is_loop = accounts.len() == 1 && self.known(|known| !known.positions.is_empty());
        let others = match is_loop {
            true => self.accounts().await,
            false => Ok(Arc::default()),
        };
        // Where there are too many to read at once, it stays with those named.
        let others = match others {
            Err(StoreError::TooManyRows { .. }) => Arc::default(),
            others => others?,
        };
        let mut wanted: Vec<_> = others.iter().map(|row| row.account.id).collect();
        wanted.extend_from_slice(accounts);
        wanted.sort_unstable();
        wanted.dedup();
        self.known(|known| wanted.retain(|one| !known.positions.contains_key(one)));
        for wanted in wanted.chunks(CHUNK) {
            self.read_positions(wanted).await?;
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    async fn read_positions(&mut self, wanted: &[AccountId]) -> Result<(), StoreError> {
        let sql = "SELECT account_id, symbol, side, filled_quantity FROM orders \
             WHERE account_id IN (SELECT value FROM json_each($1)) \
             AND filled_quantity IS NOT NULL LIMIT $2 + 0";
        let before = self.cost().bytes;
        let query = sqlx::query(sql)
            .bind(json_list(wanted))
            .bind(self.rows_left());
        let rows = self.fetch(query).await?;
        let mut held = Held::new();
        for row in &rows {
            add(&mut held, &Columns::new(row, "orders"))?;
        }
        self.remember(before, |known| {
            for account in wanted {
                let held = held.remove(account).unwrap_or_default();
                known.positions.insert(*account, positions(held));
            }
        });
        Ok(())
    }
}

fn add(held: &mut Held, columns: &Columns<'_>) -> Result<(), StoreError> {
    let account: AccountId = columns.id(0)?;
    let filled = columns.decimal(3)?;
    let signed = match columns.name(2)? {
        Side::Buy => filled,
        Side::Sell => -filled,
    };
    let symbols = held.entry(account).or_default();
    let sum = symbols.entry(columns.symbol(1)?).or_default();
    *sum = sum.checked_add(signed).ok_or_else(|| StoreError::Corrupt {
        table: "orders",
        column: "filled_quantity".to_owned(),
        row: format!("account {account}"),
        fault: "the sum of the fills is out of range".to_owned(),
    })?;
    Ok(())
}

fn positions(held: BTreeMap<Symbol, Decimal>) -> Arc<[Position]> {
    let held = held.into_iter().filter(|(_, quantity)| !quantity.is_zero());
    held.map(|(symbol, quantity)| Position { symbol, quantity })
        .collect()
}
