//! Accounts, and what the paper broker knows of them.
//!
//! Owns: their statements. Must not know: other brokers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lombard_model::{
    Account, AccountId, Decimal, Instrument, Position, SavedSettings, Side, Symbol,
};
use sqlx::sqlite::SqliteRow;

use super::MAX_SET;
use crate::columns::Columns;
use crate::{Session, StoreError};

/// An account as the database holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    /// Who it is.
    pub account: Account,
    /// What the paper broker holds in cash for it.
    pub paper_cash: Option<Decimal>,
    /// What was saved of its settings. Secrets are among them.
    pub settings: SavedSettings,
}

macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, provider, currency, paper_balance, \
     (SELECT json_group_object(key, json(value)) FROM account_settings WHERE account_id = id) \
     FROM accounts ",
            $rest
        )
    };
}

fn account(row: &SqliteRow) -> Result<AccountRow, StoreError> {
    let columns = Columns::new(row, "accounts");
    Ok(AccountRow {
        account: Account {
            id: columns.id(0)?,
            name: columns.string(1)?,
            provider: columns.string(2)?,
            currency: columns.string(3)?,
        },
        paper_cash: columns.opt_decimal(4)?,
        settings: columns.settings(5)?,
    })
}

impl Session {
    /// All accounts, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn accounts(&mut self) -> Result<Arc<[AccountRow]>, StoreError> {
        if let Some(accounts) = &self.memo.accounts {
            return Ok(Arc::clone(accounts));
        }
        let sql = select_accounts!("ORDER BY id LIMIT 10001");
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "accounts",
                limit: MAX_SET,
            });
        }
        let accounts: Arc<[_]> = rows.iter().map(account).collect::<Result<_, _>>()?;
        self.memo.accounts = Some(Arc::clone(&accounts));
        Ok(accounts)
    }

    /// One account; none where there is no such id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        if let Some(accounts) = &self.memo.accounts {
            return Ok(accounts.iter().find(|row| row.account.id == id).cloned());
        }
        let sql = select_accounts!("WHERE id = $1");
        let rows = self.fetch(sqlx::query(sql).bind(id.to_i64())).await?;
        rows.first().map(account).transpose()
    }

    /// The paper broker's prices of these instruments, in one statement. What
    /// has no price, or one of 0 or less, is not in the answer.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn paper_prices(
        &mut self,
        instruments: &[Instrument],
    ) -> Result<HashMap<Instrument, Decimal>, StoreError> {
        if instruments.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted = serde_json::Value::from_iter(instruments.iter().map(|one| {
            vec![
                serde_json::Value::from(one.account.get()),
                serde_json::Value::from(one.symbol.as_str()),
            ]
        }));
        let sql = "SELECT account_id, symbol, price FROM json_each($1) AS wanted \
             CROSS JOIN paper_prices ON account_id = wanted.value ->> 0 \
             AND symbol = wanted.value ->> 1 WHERE price IS NOT NULL";
        let rows = self
            .fetch(sqlx::query(sql).bind(wanted.to_string()))
            .await?;
        let mut prices = HashMap::with_capacity(rows.len());
        for row in &rows {
            let columns = Columns::new(row, "paper_prices");
            let price = columns.decimal(2)?;
            if price > Decimal::ZERO {
                let instrument = Instrument {
                    account: columns.id(0)?,
                    symbol: columns.symbol(1)?,
                };
                prices.insert(instrument, price);
            }
        }
        Ok(prices)
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

    /// What the paper broker holds for an account: the sum of its fills, by
    /// symbol, without those that come to nothing.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn paper_positions(
        &mut self,
        account: AccountId,
    ) -> Result<Vec<Position>, StoreError> {
        let sql = "SELECT id, symbol, side, filled_quantity FROM orders \
             WHERE account_id = $1 AND filled_quantity IS NOT NULL";
        let rows = self.fetch(sqlx::query(sql).bind(account.to_i64())).await?;
        let mut held: BTreeMap<Symbol, Decimal> = BTreeMap::new();
        for row in &rows {
            let columns = Columns::new(row, "orders");
            let filled = columns.decimal(3)?;
            let signed = match columns.name(2)? {
                Side::Buy => filled,
                Side::Sell => -filled,
            };
            let sum = held.entry(columns.symbol(1)?).or_default();
            *sum = sum.checked_add(signed).ok_or_else(|| StoreError::Corrupt {
                table: "orders",
                column: "filled_quantity".to_owned(),
                row: format!("account {account}"),
                fault: "the sum of the fills is out of range".to_owned(),
            })?;
        }
        let held = held.into_iter().filter(|(_, quantity)| !quantity.is_zero());
        Ok(held
            .map(|(symbol, quantity)| Position { symbol, quantity })
            .collect())
    }
}
