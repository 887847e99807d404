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

    /// Removes what somebody has saved under keys that are not declared any more:
    /// until then it is there again when a version that declares them is. Gives
    /// the keys.
    ///
    /// # Errors
    /// Where the owner or its plugin is not there, or the database fails.
    pub async fn purge_settings(
        &self,
        owner: SettingsOwner,
        session: &mut Session,
    ) -> Result<Vec<String>, RuntimeError> {
        if let SettingsOwner::Expert(id) = owner {
            let expert = self.accounts.expert(id, session).await?;
            // Without it nobody knows what it declares.
            self.plugin_entry(&expert.state.expert.plugin)?;
        }
        let (definitions, settings) = self.settings_of(owner, session).await?;
        let accounts = &self.accounts;
        Ok(accounts
            .purge_settings(owner, &definitions, &settings)
            .await?)
    }
}
