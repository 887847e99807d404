//! Having an expert instance stay with one binary of its plugin.
//!
//! Owns: the statements on `expert_pins`, and that what is stayed with is there.
//! Must not know: how a version is named.

use lombard_model::{Digest, ExpertId, PluginName};

use super::plugins::{NewPlugin, add_binary};
use crate::{Change, Store, StoreError, Writing, Written};

impl Store {
    /// Has an expert instance stay with a binary of its plugin, whatever is
    /// installed after it. One that comes with the host is kept as an earlier
    /// one of its name: give it as `bundled`.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such instance, or its plugin
    /// has no such binary by now; or where the database fails.
    pub async fn pin_expert(
        &self,
        expert: ExpertId,
        digest: Digest,
        bundled: Option<NewPlugin>,
    ) -> Result<Written<()>, StoreError> {
        self.write(move |writing| {
            Box::pin(async move {
                if let Some(bundled) = bundled {
                    keep(writing, bundled).await?;
                }
                pin(writing, expert, digest).await
            })
        })
        .await
    }

    /// Has an expert instance go with what is installed again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn unpin_expert(&self, expert: ExpertId) -> Result<Written<()>, StoreError> {
        self.write(move |writing| {
            Box::pin(async move {
                let sql = "DELETE FROM expert_pins WHERE expert = $1";
                let unpin = sqlx::query(sql).bind(expert.to_i64());
                writing.execute(unpin).await?;
                changed(writing, expert);
                Ok(())
            })
        })
        .await
    }
}

/// Keeps a binary that nobody installed, with what is granted to it.
async fn keep(writing: &mut Writing<'_>, plugin: NewPlugin) -> Result<(), StoreError> {
    let digest = plugin.digest.to_string();
    add_binary(writing, &digest, plugin.bytes).await?;
    // Not of those that were replaced: it is the first to be forgotten.
    let sql = "INSERT INTO earlier_plugins \
         (name, digest, manifest, granted, accounts, installed_at, replaced) \
         VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (name, digest) DO NOTHING";
    let keep = sqlx::query(sql)
        .bind(plugin.name.to_string())
        .bind(digest)
        .bind(plugin.manifest)
        .bind(plugin.granted.grants.to_string())
        .bind(plugin.granted.accounts.to_string())
        .bind(plugin.installed_at.as_micros());
    writing.execute(keep).await?;
    Ok(())
}

async fn pin(
    writing: &mut Writing<'_>,
    expert: ExpertId,
    digest: Digest,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO expert_pins (expert, digest) \
         SELECT id, $2 FROM expert_instances WHERE id = $1 AND EXISTS \
         (SELECT 1 FROM kept_plugins WHERE name = plugin AND digest = $2) \
         ON CONFLICT (expert) DO UPDATE SET digest = excluded.digest";
    let pin = sqlx::query(sql)
        .bind(expert.to_i64())
        .bind(digest.to_string());
    match writing.execute(pin).await? {
        0 => Err(StoreError::missing("expert with this binary", expert)),
        _ => {
            changed(writing, expert);
            Ok(())
        }
    }
}

/// Has nobody stay with a plugin that goes.
pub(super) async fn let_go(
    writing: &mut Writing<'_>,
    plugin: &PluginName,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM expert_pins \
         WHERE digest IN (SELECT digest FROM kept_plugins WHERE name = $1)";
    let let_go = sqlx::query(sql).bind(plugin.to_string());
    writing.execute(let_go).await?;
    Ok(())
}

fn changed(writing: &mut Writing<'_>, expert: ExpertId) {
    writing.changes(Change::Expert(expert));
    writing.changes(Change::Plugins);
}
