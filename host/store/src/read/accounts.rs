//! Accounts.
//!
//! Owns: their statements. Must not know: brokers.

use std::sync::Arc;

use lombard_model::{Account, AccountId, Decimal, SavedSettings};
use sqlx::sqlite::SqliteRow;

use super::{CHUNK, MAX_SET};
use crate::columns::{Columns, json_list};
use crate::reads::Row;
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

impl Row for AccountRow {
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.account.id
    }
}

impl Session {
    /// All accounts, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn accounts(&mut self) -> Result<Arc<[AccountRow]>, StoreError> {
        if let Some(all) = self.accounts_at_hand() {
            return Ok(all);
        }
        let before = self.cost().bytes;
        let sql = select_accounts!("ORDER BY id LIMIT 10001");
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "accounts",
                limit: MAX_SET,
            });
        }
        let all: Arc<[_]> = rows.iter().map(account).collect::<Result<_, _>>()?;
        self.remember(before, |known| known.accounts.put_all(Arc::clone(&all)));
        Ok(all)
    }

    /// One account; none where there is no such id. Those of the orders
    /// and experts that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        if let Some(found) = self.account_at_hand(id) {
            return Ok(found);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = vec![id];
            wanted.extend(known.orders.take_accounts());
            wanted.extend(known.experts.known().map(|row| row.expert.account));
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| !known.accounts.knows(*id));
            wanted
        });
        let sql = select_accounts!("WHERE id IN (SELECT value FROM json_each($1))");
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let rows = self.fetch(sqlx::query(sql).bind(json_list(wanted))).await?;
            let found: Vec<_> = rows.iter().map(account).collect::<Result<_, _>>()?;
            self.remember(before, |known| known.accounts.put(wanted, found));
        }
        let found = self.known(|known| known.accounts.get(id));
        Ok(found.flatten().map(Arc::unwrap_or_clone))
    }

    /// All without reading: none where they have to be read.
    pub fn accounts_at_hand(&mut self) -> Option<Arc<[AccountRow]>> {
        self.recall(|known| known.accounts.all())
    }

    /// One without reading: none where it has to be read.
    pub fn account_at_hand(&mut self, id: AccountId) -> Option<Option<AccountRow>> {
        let found = self.recall(|known| known.accounts.get(id))?;
        Some(found.map(Arc::unwrap_or_clone))
    }
}
