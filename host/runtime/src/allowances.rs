//! What an operator allows a plugin.
//!
//! Owns: which limits a plugin has, by its name, and setting them. A file that
//! is not installed has the host's, whatever name it goes by.
//! Must not know: who may set them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use lombard_model::{Limits, PluginName, SetLimits, checked_limit};

use crate::{Host, RuntimeError};

/// What was set, by the plugin's name.
#[derive(Debug, Default)]
pub(crate) struct Allowances(RwLock<Arc<BTreeMap<String, SetLimits>>>);

impl Allowances {
    pub(crate) fn replace(&self, all: BTreeMap<String, SetLimits>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
    }

    fn all(&self) -> Arc<BTreeMap<String, SetLimits>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Host {
    /// What was set for the plugin of this name, beside what all may use.
    #[must_use]
    pub fn set_limits_of(&self, name: &str) -> SetLimits {
        let all = self.registry.allowances.all();
        all.get(name).cloned().unwrap_or_default()
    }

    /// What each call of the plugin of this name may use.
    #[must_use]
    pub fn limits_of(&self, name: &str) -> Limits {
        match self.registry.allowances.all().get(name) {
            Some(set) => self.limits.with_all(set),
            None => self.limits,
        }
    }

    /// Sets what the calls of the plugin of this name may use, from the next
    /// one on. What was set before and is not named is as for all again.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`]; [`RuntimeError::Limit`]; where the database
    /// fails.
    pub async fn set_limits(&self, name: &PluginName, set: SetLimits) -> Result<(), RuntimeError> {
        for (limit, value) in &set {
            checked_limit(*limit, *value)?;
        }
        self.plugin_entry(name.as_str())?;
        self.store.set_plugin_limits(name.clone(), set).await?;
        self.read_installed().await
    }
}
