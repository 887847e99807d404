//! Installing and removing plugins.
//!
//! Owns: the statements on `installed_plugins`, `earlier_plugins`,
//! `plugin_binaries` and `plugin_limits`, and how many earlier plugins of a name
//! are kept: those that an expert stays with, and a few to go back to.
//! Must not know: what a binary holds.

use lombard_model::{Digest, Granted, PluginName, SetLimits, Timestamp};
use serde_json::Value as Json;

use super::pins;
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

/// Earlier plugins of a name that are kept to go back to.
const EARLIER: i64 = 5;

impl Store {
    /// Installs a plugin. What had its name before is kept, to go back to.
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

    /// Goes back to the plugin that this one replaced, with what was granted to
    /// that one. The one that goes is kept in its turn.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not installed, or replaced none that
    /// is kept.
    pub async fn roll_plugin_back(&self, name: PluginName) -> Result<Written<()>, StoreError> {
        self.write(move |writing| Box::pin(async move { roll_back(writing, &name).await }))
            .await
    }

    /// Removes a plugin with its earlier ones, those that experts stay with
    /// among them, and the binaries that no other name has. What it was allowed
    /// to use goes with it.
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
    add_binary(writing, &digest, plugin.bytes).await?;
    keep_what_is_installed(writing, &plugin.name, &digest).await?;
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

pub(super) async fn add_binary(
    writing: &mut Writing<'_>,
    digest: &str,
    bytes: Vec<u8>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO plugin_binaries (digest, bytes) VALUES ($1, $2) \
         ON CONFLICT (digest) DO NOTHING";
    let add = sqlx::query(sql).bind(digest.to_owned()).bind(bytes);
    writing.execute(add).await?;
    Ok(())
}

/// Keeps what is installed under this name, unless it is this very binary.
async fn keep_what_is_installed(
    writing: &mut Writing<'_>,
    name: &PluginName,
    but: &str,
) -> Result<(), StoreError> {
    // What comes back is installed and no earlier one any more.
    let back = "DELETE FROM earlier_plugins WHERE name = $1 AND digest = $2";
    writing
        .execute(
            sqlx::query(back)
                .bind(name.to_string())
                .bind(but.to_owned()),
        )
        .await?;
    let keep = "INSERT INTO earlier_plugins \
         (name, digest, manifest, granted, accounts, installed_at, replaced) \
         SELECT name, digest, manifest, granted, accounts, installed_at, \
         (SELECT coalesce(max(replaced), 0) + 1 FROM earlier_plugins) \
         FROM installed_plugins WHERE name = $1 AND digest <> $2";
    writing
        .execute(
            sqlx::query(keep)
                .bind(name.to_string())
                .bind(but.to_owned()),
        )
        .await?;
    let forget = "DELETE FROM earlier_plugins WHERE name = $1 AND digest NOT IN \
         (SELECT digest FROM earlier_plugins WHERE name = $1 ORDER BY replaced DESC LIMIT $2) \
         AND digest NOT IN (SELECT digest FROM expert_pins)";
    writing
        .execute(sqlx::query(forget).bind(name.to_string()).bind(EARLIER))
        .await?;
    Ok(())
}

async fn roll_back(writing: &mut Writing<'_>, name: &PluginName) -> Result<(), StoreError> {
    let (keep, all) = (name.to_string(), String::new());
    keep_what_is_installed(writing, name, &all).await?;
    let back = "UPDATE installed_plugins SET \
         (digest, manifest, granted, accounts, installed_at) = \
         (SELECT digest, manifest, granted, accounts, installed_at FROM earlier_plugins \
         WHERE name = $1 AND digest <> installed_plugins.digest \
         ORDER BY replaced DESC LIMIT 1) \
         WHERE name = $1 AND EXISTS (SELECT 1 FROM earlier_plugins \
         WHERE name = $1 AND digest <> installed_plugins.digest)";
    let changed = writing
        .execute(sqlx::query(back).bind(keep.clone()))
        .await?;
    if changed == 0 {
        return Err(StoreError::missing("earlier version of", name));
    }
    let taken = "DELETE FROM earlier_plugins WHERE name = $1 AND digest = \
         (SELECT digest FROM installed_plugins WHERE name = $1)";
    writing.execute(sqlx::query(taken).bind(keep)).await?;
    drop_unused_binaries(writing).await
}

async fn remove(writing: &mut Writing<'_>, name: PluginName) -> Result<(), StoreError> {
    pins::let_go(writing, &name).await?;
    let sql = "DELETE FROM installed_plugins WHERE name = $1";
    let removed = writing
        .execute(sqlx::query(sql).bind(name.to_string()))
        .await?;
    if removed == 0 {
        return Err(StoreError::missing("installed plugin", name));
    }
    let earlier = "DELETE FROM earlier_plugins WHERE name = $1";
    writing
        .execute(sqlx::query(earlier).bind(name.to_string()))
        .await?;
    set_limits(writing, &name, SetLimits::new()).await?;
    drop_unused_binaries(writing).await
}

async fn drop_unused_binaries(writing: &mut Writing<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM plugin_binaries \
         WHERE digest NOT IN (SELECT digest FROM installed_plugins) \
         AND digest NOT IN (SELECT digest FROM earlier_plugins)";
    writing.execute(sqlx::query(sql)).await?;
    writing.changes(Change::Plugins);
    Ok(())
}
