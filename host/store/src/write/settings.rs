//! Saving settings.
//!
//! Owns: the statements on `account_settings` and `expert_settings`.
//! Must not know: definitions.

use std::collections::BTreeMap;

use lombard_model::{AccountId, ExpertId};
use serde_json::{Value as Json, json};

use super::json_rows;
use crate::columns::json_list;
use crate::{Change, Store, StoreError, Writing, Written};

/// Whose settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingsOwner {
    /// An account's.
    Account(AccountId),
    /// An expert instance's.
    Expert(ExpertId),
}

impl SettingsOwner {
    fn id(self) -> i64 {
        match self {
            Self::Account(id) => id.to_i64(),
            Self::Expert(id) => id.to_i64(),
        }
    }

    fn change(self) -> Change {
        match self {
            Self::Account(id) => Change::Account(id),
            Self::Expert(id) => Change::Expert(id),
        }
    }
}

/// What is to become of saved settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsWrite {
    /// Saved with these values.
    pub set: BTreeMap<String, Json>,
    /// Removed.
    pub unset: Vec<String>,
    /// Whether every other saved setting is removed too, but for those of
    /// `keep`.
    pub replace: bool,
    /// What a replacement leaves as it is.
    pub keep: Vec<String>,
}

impl Store {
    /// Saves settings: all of them or none.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the owner is not there.
    pub async fn save_settings(
        &self,
        owner: SettingsOwner,
        write: SettingsWrite,
    ) -> Result<Written<()>, StoreError> {
        self.write(move |writing| Box::pin(save(writing, owner, write)))
            .await
    }
}

async fn save(
    writing: &mut Writing<'_>,
    owner: SettingsOwner,
    write: SettingsWrite,
) -> Result<(), StoreError> {
    let (exists, put, delete, clear, what) = match owner {
        SettingsOwner::Account(_) => (
            "SELECT 1 FROM accounts WHERE id = $1",
            "INSERT INTO account_settings (account_id, key, value) \
             SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true \
             ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value \
             WHERE value <> excluded.value",
            "DELETE FROM account_settings WHERE account_id = $1 \
             AND key IN (SELECT value FROM json_each($2))",
            "DELETE FROM account_settings WHERE account_id = $1 \
             AND key NOT IN (SELECT value FROM json_each($2))",
            "account",
        ),
        SettingsOwner::Expert(_) => (
            "SELECT 1 FROM expert_instances WHERE id = $1",
            "INSERT INTO expert_settings (expert_id, key, value) \
             SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true \
             ON CONFLICT (expert_id, key) DO UPDATE SET value = excluded.value \
             WHERE value <> excluded.value",
            "DELETE FROM expert_settings WHERE expert_id = $1 \
             AND key IN (SELECT value FROM json_each($2))",
            "DELETE FROM expert_settings WHERE expert_id = $1 \
             AND key NOT IN (SELECT value FROM json_each($2))",
            "expert",
        ),
    };
    let id = owner.id();
    if writing
        .fetch_optional(sqlx::query(exists).bind(id))
        .await?
        .is_none()
    {
        return Err(StoreError::missing(what, id));
    }
    if write.replace {
        let kept = write.keep.iter().chain(write.set.keys());
        let kept = json_list(kept.map(|key| Json::from(key.as_str())));
        writing
            .execute(sqlx::query(clear).bind(id).bind(kept))
            .await?;
    }
    if !write.unset.is_empty() {
        let keys = json_list(write.unset.iter().map(|key| Json::from(key.as_str())));
        writing
            .execute(sqlx::query(delete).bind(id).bind(keys))
            .await?;
    }
    if !write.set.is_empty() {
        // The value is JSON text within JSON, so that it stays JSON.
        let rows = write
            .set
            .iter()
            .map(|(key, value)| json!([key, value.to_string()]));
        let rows: Vec<_> = rows.collect();
        writing
            .execute(sqlx::query(put).bind(id).bind(json_rows(&rows)))
            .await?;
    }
    writing.changes(owner.change());
    Ok(())
}
