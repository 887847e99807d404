//! Installing and removing plugins.
//!
//! Owns: the statements on `installed_plugins`, `plugin_binaries` and
//! `plugin_limits`.
//! Must not know: what a binary holds.

use lombard_model::{Digest, Granted, PluginName, SetLimits, Timestamp};
use serde_json::Value as Json;

use crate::{Change, Store, StoreError, Writing, Written};

/// A plugin to install under its name, in place of what had the name before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPlugin {
    /// Its name.
    pub name: PluginName,
    /// The SHA-256 of `bytes`.
    pub digest: Digest,
    /// The text of its manifest.
    pub manifest: String,
    /// What the operator grants to exactly this binary.
    pub granted: Granted,
    /// The component.
    pub bytes: Vec<u8>,
    /// Now.
    pub installed_at: Timestamp,
}

impl Store {
    /// Installs a plugin.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn install_plugin(&self, plugin: NewPlugin) -> Result<Written<()>, StoreError> {
        self.write(move |writing| Box::pin(install(writing, plugin)))
            .await
    }

    /// Sets what a plugin of this name may use; whatever was set for it before
    /// is gone. With no limit it may use what all may.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn set_plugin_limits(
        &self,
        plugin: PluginName,
        limits: SetLimits,
    ) -> Result<Written<()>, StoreError> {
        self.write(move |writing| {
            Box::pin(async move { set_limits(writing, &plugin, limits).await })
        })
        .await
    }

    /// Removes a plugin and, where no other name has it, its binary. What it
    /// was allowed to use goes with it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not installed.
    pub async fn remove_plugin(&self, name: PluginName) -> Result<Written<()>, StoreError> {
        self.write(move |writing| Box::pin(remove(writing, name)))
            .await
    }
}

async fn set_limits(
    writing: &mut Writing<'_>,
    plugin: &PluginName,
    limits: SetLimits,
) -> Result<(), StoreError> {
    let set = match limits.is_empty() {
        true => sqlx::query("DELETE FROM plugin_limits WHERE plugin = $1").bind(plugin.to_string()),
        false => {
            let limits = limits.iter().map(|(limit, value)| (limit.as_str(), *value));
            let sql = "INSERT INTO plugin_limits (plugin, limits) VALUES ($1, $2) \
                 ON CONFLICT (plugin) DO UPDATE SET limits = excluded.limits";
            sqlx::query(sql)
                .bind(plugin.to_string())
                .bind(Json::from_iter(limits).to_string())
        }
    };
    writing.execute(set).await?;
    writing.changes(Change::Plugins);
    Ok(())
}

async fn install(writing: &mut Writing<'_>, plugin: NewPlugin) -> Result<(), StoreError> {
    let digest = plugin.digest.to_string();
    let binary = "INSERT INTO plugin_binaries (digest, bytes) VALUES ($1, $2) \
         ON CONFLICT (digest) DO NOTHING";
    writing
        .execute(sqlx::query(binary).bind(digest.clone()).bind(plugin.bytes))
        .await?;
    let install = sqlx::query(
        "INSERT INTO installed_plugins (name, digest, manifest, granted, accounts, installed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET \
         digest = excluded.digest, manifest = excluded.manifest, granted = excluded.granted, \
         accounts = excluded.accounts, installed_at = excluded.installed_at",
    )
    .bind(plugin.name.to_string())
    .bind(digest)
    .bind(plugin.manifest)
    .bind(plugin.granted.grants.to_string())
    .bind(plugin.granted.accounts.to_string())
    .bind(plugin.installed_at.as_micros());
    writing.execute(install).await?;
    drop_unused_binaries(writing).await
}

async fn remove(writing: &mut Writing<'_>, name: PluginName) -> Result<(), StoreError> {
    let sql = "DELETE FROM installed_plugins WHERE name = $1";
    let removed = writing
        .execute(sqlx::query(sql).bind(name.to_string()))
        .await?;
    if removed == 0 {
        return Err(StoreError::missing("installed plugin", name));
    }
    set_limits(writing, &name, SetLimits::new()).await?;
    drop_unused_binaries(writing).await
}

async fn drop_unused_binaries(writing: &mut Writing<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM plugin_binaries \
         WHERE digest NOT IN (SELECT digest FROM installed_plugins)";
    writing.execute(sqlx::query(sql)).await?;
    writing.changes(Change::Plugins);
    Ok(())
}
