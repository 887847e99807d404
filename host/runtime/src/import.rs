//! Importing a dataset into a host.
//!
//! Owns: that the settings a document gives fit their definitions, as far as
//! the host knows these. Settings of a plugin that is not there are kept as
//! they are; they are checked when it runs.

use lombard_accounts::account_definitions;
use lombard_model::dataset::{Dataset, DatasetError};
use lombard_model::{Definitions, SavedSettings, SettingError};
use lombard_store::ImportReport;

use crate::{Host, RuntimeError};

impl Host {
    /// Imports a dataset, all or nothing. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`RuntimeError::Dataset`] with the path of a setting that does not fit,
    /// or where the database fails.
    pub async fn import(&self, dataset: Dataset) -> Result<ImportReport, RuntimeError> {
        for (at, account) in dataset.accounts.iter().enumerate() {
            let definitions = account_definitions(&account.provider);
            check(
                &format!("accounts[{at}]"),
                &definitions,
                &account.saved_settings(),
            )?;
        }
        for (at, expert) in dataset.experts.iter().enumerate() {
            let definitions = self.definitions_for(expert.id, &expert.plugin)?;
            check(
                &format!("experts[{at}]"),
                &definitions,
                &expert.saved_settings(),
            )?;
        }
        let report = self.store.import(dataset).await?.value;
        // An instance may be one of another plugin now.
        if !self.pins().is_empty() {
            self.read_installed().await?;
        }
        Ok(report)
    }
}

fn check(
    path: &str,
    definitions: &Definitions,
    settings: &SavedSettings,
) -> Result<(), DatasetError> {
    for (key, json) in settings {
        let read = definitions
            .get(key)
            .and_then(|definition| definition.read(key, json));
        match read {
            // What nobody declares is kept, and seen by nobody.
            Ok(_) | Err(SettingError::Undeclared { .. }) => {}
            Err(fault) => {
                return Err(DatasetError::Inconsistent {
                    path: format!("{path}.settings.{key}"),
                    fault: fault.to_string(),
                });
            }
        }
    }
    Ok(())
}
