//! Accounts.
//!
//! Owns: their statements. Must not know: brokers.

use std::sync::Arc;

use lombard_model::{Account, AccountId, Decimal, SavedSettings};

use super::fields::Fields;
use super::small_sets::Member;
use crate::habits::Asked;
use crate::reads::{ById, Known, Row};
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

/// What is read of accounts, in the order in which [`Member::read`] takes it.
/// The settings are put behind an empty text, so that they are a text as well.
macro_rules! list {
    ($from:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, name, provider, currency, paper_balance, \
             '' || (SELECT json_group_object(key, json(value)) FROM account_settings \
             WHERE account_id = id))) FROM ",
            $from
        )
    };
}

impl Row for AccountRow {
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.account.id
    }
}

impl Member for AccountRow {
    const SET: &'static str = "accounts";
    const TABLE: &'static str = "accounts";
    const ALL: &'static str = list!("(SELECT * FROM accounts ORDER BY id LIMIT 10001)");
    const BY_ID: &'static str = list!("accounts WHERE id IN (SELECT value FROM json_each($1))");

    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: Account {
                id: row.key("id")?,
                name: row.text("name")?.into_owned(),
                provider: row.text("provider")?.into_owned(),
                currency: row.text("currency")?.into_owned(),
            },
            paper_cash: row.opt("paper_balance", Fields::decimal)?,
            settings: row.settings("settings")?,
        })
    }

    fn known(known: &mut Known) -> &mut ById<AccountId, Self> {
        &mut known.accounts
    }

    fn asked(asked: &mut Asked) {
        asked.accounts();
    }

    fn siblings(known: &mut Known) -> Vec<AccountId> {
        let of_orders = known.orders.take_accounts();
        let of_experts = known.experts.known().map(|row| row.expert.account);
        of_orders.into_iter().chain(of_experts).collect()
    }
}

impl Session {
    /// All accounts, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn accounts(&mut self) -> Result<Arc<[AccountRow]>, StoreError> {
        self.whole_set().await
    }

    /// One account; none where there is no such id. Those of the orders
    /// and experts that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        self.member(id).await
    }

    /// All without reading: none where they have to be read.
    pub fn accounts_at_hand(&mut self) -> Option<Arc<[AccountRow]>> {
        self.whole_set_at_hand()
    }

    /// One without reading: none where it has to be read.
    pub fn account_at_hand(&mut self, id: AccountId) -> Option<Option<AccountRow>> {
        self.member_at_hand(id)
    }
}
