//! What is cached of an account and of an expert instance.
//!
//! Owns: the immutable state of each, and how it is loaded.
//! Must not know: when.

use lombard_model::{Account, AccountId, Expert, ExpertId, Settings};
use lombard_store::{AccountRow, ExpertRow, Session, StoreError};

use crate::cache::Kind;

/// Accounts, as a kind of instance.
#[derive(Debug)]
pub struct AccountKind;

/// An account at one state of the database. Never edited: a save swaps it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountState {
    /// Who it is.
    pub account: Account,
    /// Its saved settings, secrets among them: they stay in the host.
    pub settings: Settings,
}

impl From<&AccountRow> for AccountState {
    fn from(row: &AccountRow) -> Self {
        Self {
            account: row.account.clone(),
            settings: Settings::new(row.settings.clone()),
        }
    }
}

impl Kind for AccountKind {
    type Id = AccountId;
    type State = AccountState;
    type Reader = Session;

    async fn load_one(
        session: &mut Session,
        id: AccountId,
    ) -> Result<Option<AccountState>, StoreError> {
        Ok(session.account(id).await?.as_ref().map(AccountState::from))
    }

    fn at_hand(session: &mut Session, id: AccountId) -> Option<Option<AccountState>> {
        let row = session.account_at_hand(id)?;
        Some(row.as_ref().map(AccountState::from))
    }

    fn all_at_hand(session: &mut Session) -> Option<Vec<(AccountId, AccountState)>> {
        let rows = session.accounts_at_hand()?;
        Some(
            rows.iter()
                .map(|row| (row.account.id, row.into()))
                .collect(),
        )
    }

    async fn load_all(session: &mut Session) -> Result<Vec<(AccountId, AccountState)>, StoreError> {
        let rows = session.accounts().await?;
        Ok(rows
            .iter()
            .map(|row| (row.account.id, row.into()))
            .collect())
    }

    fn settings(state: &AccountState) -> usize {
        state.settings.saved().len()
    }
}

/// Expert instances, as a kind of instance.
#[derive(Debug)]
pub struct ExpertKind;

/// An expert instance at one state of the database. Never edited.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpertState {
    /// Who it is.
    pub expert: Expert,
    /// Its saved settings.
    pub settings: Settings,
}

impl From<&ExpertRow> for ExpertState {
    fn from(row: &ExpertRow) -> Self {
        Self {
            expert: row.expert.clone(),
            settings: Settings::new(row.settings.clone()),
        }
    }
}

impl Kind for ExpertKind {
    type Id = ExpertId;
    type State = ExpertState;
    type Reader = Session;

    async fn load_one(
        session: &mut Session,
        id: ExpertId,
    ) -> Result<Option<ExpertState>, StoreError> {
        Ok(session.expert(id).await?.as_ref().map(ExpertState::from))
    }

    fn at_hand(session: &mut Session, id: ExpertId) -> Option<Option<ExpertState>> {
        let row = session.expert_at_hand(id)?;
        Some(row.as_ref().map(ExpertState::from))
    }

    fn all_at_hand(session: &mut Session) -> Option<Vec<(ExpertId, ExpertState)>> {
        let rows = session.experts_at_hand()?;
        Some(rows.iter().map(|row| (row.expert.id, row.into())).collect())
    }

    async fn load_all(session: &mut Session) -> Result<Vec<(ExpertId, ExpertState)>, StoreError> {
        let rows = session.experts().await?;
        Ok(rows.iter().map(|row| (row.expert.id, row.into())).collect())
    }

    fn settings(state: &ExpertState) -> usize {
        state.settings.saved().len()
    }
}
