//! The settings of accounts and experts.
//!
//! Owns: which definitions are whose. Must not know: who shows or saves them.

use lombard_accounts::account_definitions;
use lombard_model::{Definitions, Settings};
use lombard_store::{Session, SettingsOwner};

use crate::{Host, RuntimeError};

impl Host {
    /// What somebody can be set to, and is.
    ///
    /// # Errors
    /// Where the owner is not there, its plugin's manifest can't be read, or
    /// the database fails.
    pub async fn settings_of(
        &self,
        owner: SettingsOwner,
        session: &mut Session,
    ) -> Result<(Definitions, Settings), RuntimeError> {
        match owner {
            SettingsOwner::Account(id) => {
                let loaded = self.accounts.account(id, session).await?;
                let definitions = account_definitions(&loaded.state.account.provider);
                Ok((definitions, loaded.state.settings.clone()))
            }
            SettingsOwner::Expert(id) => {
                let loaded = self.accounts.expert(id, session).await?;
                let definitions = self.definitions_of(&loaded.state.expert)?;
                Ok((definitions, loaded.state.settings.clone()))
            }
        }
    }
}
