//! The installed plugins.
//!
//! Owns: their statements. Must not know: what a binary holds.

use std::collections::BTreeMap;

use lombard_model::{
    AccountScope, Digest, ExpertId, Grants, Limit, PluginName, SetLimits, Timestamp, checked_limit,
};
use sqlx::Row as _;

use crate::columns::Columns;
use crate::{Session, StoreError};

/// A plugin that was installed: one binary under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPlugin {
    /// Its name.
    pub name: PluginName,
    /// The binary. What was granted, was granted to it.
    pub digest: Digest,
    /// The text of its manifest.
    pub manifest: String,
    /// What the operator granted.
    pub granted: Grants,
    /// The accounts that it sees.
    pub accounts: AccountScope,
    /// When it was installed.
    pub installed_at: Timestamp,
}

impl InstalledPlugin {
    fn of(columns: &Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            name: columns.name(0)?,
            digest: columns.name(1)?,
            manifest: columns.string(2)?,
            granted: columns.name(3)?,
            accounts: columns.name(4)?,
            installed_at: columns.time(5)?,
        })
    }
}

impl Session {
    /// All installed plugins, by name, without their binaries.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn installed_plugins(&mut self) -> Result<Vec<InstalledPlugin>, StoreError> {
        let sql = "SELECT name, digest, manifest, granted, accounts, installed_at \
             FROM installed_plugins ORDER BY name";
        let rows = self.fetch(sqlx::query(sql)).await?;
        let plugins = rows.iter().map(|row| {
            let columns = Columns::new(row, "installed_plugins");
            InstalledPlugin::of(&columns)
        });
        plugins.collect()
    }

    /// The binaries of a plugin: what is installed, then what was before it, the
    /// last of them first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn binaries_of(&mut self, name: &str) -> Result<Vec<InstalledPlugin>, StoreError> {
        let sql = "SELECT name, digest, manifest, granted, accounts, installed_at \
             FROM kept_plugins WHERE name = $1 ORDER BY replaced DESC NULLS FIRST, digest";
        let rows = self.fetch(sqlx::query(sql).bind(name.to_owned())).await?;
        let plugins = rows.iter().map(|row| {
            let columns = Columns::new(row, "kept_plugins");
            InstalledPlugin::of(&columns)
        });
        plugins.collect()
    }

    /// The binaries that expert instances stay with.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn expert_pins(&mut self) -> Result<BTreeMap<ExpertId, InstalledPlugin>, StoreError> {
        // Not of an instance that has become one of another plugin.
        let sql = "SELECT name, kept.digest, manifest, granted, accounts, installed_at, expert \
             FROM expert_pins JOIN expert_instances AS one ON one.id = expert \
             JOIN kept_plugins AS kept ON kept.digest = expert_pins.digest AND name = one.plugin";
        let rows = self.fetch(sqlx::query(sql)).await?;
        let pins = rows.iter().map(|row| {
            let columns = Columns::new(row, "expert_pins");
            Ok((columns.id(6)?, InstalledPlugin::of(&columns)?))
        });
        pins.collect()
    }

    /// What was set for plugins, by their names. What can't be set any more
    /// is left out.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn plugin_limits(&mut self) -> Result<BTreeMap<String, SetLimits>, StoreError> {
        let sql = "SELECT plugin, key, value FROM plugin_limits, json_each(limits) \
             WHERE type = 'integer' ORDER BY plugin";
        let rows = self.fetch(sqlx::query(sql)).await?;
        let mut limits = BTreeMap::<_, SetLimits>::new();
        for row in &rows {
            let columns = Columns::new(row, "plugin_limits");
            let (plugin, value) = (columns.string(0)?, columns.unsigned(2)?);
            let limit = columns.string(1)?.parse::<Limit>();
            if let Ok(limit) = limit
                && checked_limit(limit, value).is_ok()
            {
                limits.entry(plugin).or_default().insert(limit, value);
            }
        }
        Ok(limits)
    }

    /// The binary with this digest; none where it is not installed.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn plugin_binary(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM plugin_binaries WHERE digest = $1";
        let rows = self
            .fetch(sqlx::query(sql).bind(digest.to_string()))
            .await?;
        Ok(rows
            .first()
            .map(|row| row.try_get_unchecked(0))
            .transpose()?)
    }
}
