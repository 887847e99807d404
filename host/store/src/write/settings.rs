//! Saving settings.
//!
//! Owns: the statements on `account_settings` and `expert_settings`, and that
//! nobody overwrites what they have not seen, where they say what they saw.
//! Must not know: definitions.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use lombard_model::{AccountId, ExpertId, SavedSettings};
use serde_json::{Value as Json, json};
use sqlx::Row as _;

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

/// Names one state of somebody's saved settings, for as long as the store is
/// open. It tells nothing of the values: it is made with a key that nobody has,
/// so that a secret can't be guessed and tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SettingsTag(u64);

impl SettingsTag {
    pub(crate) fn of(key: &RandomState, owner: SettingsOwner, saved: &SavedSettings) -> Self {
        let text = serde_json::Value::from_iter(saved.clone()).to_string();
        Self(key.hash_one((owner, text)))
    }
}

impl std::fmt::Display for SettingsTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for SettingsTag {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// What is to become of saved settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsWrite {
    /// Saved with these values.
    pub set: BTreeMap<String, Json>,
    /// Removed.
    pub unset: Vec<String>,
    /// Only where they are in one of these states as the write begins; none:
    /// whatever they are.
    pub only_if: Option<Vec<SettingsTag>>,
}

impl Store {
    /// Saves settings: all of them or none.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the owner is not there,
    /// [`StoreError::Overtaken`] where the settings are not as the write wants
    /// them to be.
    pub async fn save_settings(
        &self,
        owner: SettingsOwner,
        write: SettingsWrite,
    ) -> Result<Written<()>, StoreError> {
        let key = self.tags().clone();
        self.write(move |writing| {
            Box::pin(async move {
                if let Some(wanted) = &write.only_if {
                    expect(writing, owner, wanted, &key).await?;
                }
                save(writing, owner, write).await
            })
        })
        .await
    }

    /// The name of this state of somebody's saved settings.
    #[must_use]
    pub fn settings_tag(&self, owner: SettingsOwner, saved: &SavedSettings) -> SettingsTag {
        SettingsTag::of(self.tags(), owner, saved)
    }
}

/// Within the write, so that nothing can come between the look and the save.
async fn expect(
    writing: &mut Writing<'_>,
    owner: SettingsOwner,
    wanted: &[SettingsTag],
    key: &RandomState,
) -> Result<(), StoreError> {
    let (saved, what) = match owner {
        SettingsOwner::Account(_) => (
            "SELECT (SELECT json_group_object(key, json(value)) FROM account_settings \
             WHERE account_id = id) FROM accounts WHERE id = $1",
            "account",
        ),
        SettingsOwner::Expert(_) => (
            "SELECT (SELECT json_group_object(key, json(value)) FROM expert_settings \
             WHERE expert_id = id) FROM expert_instances WHERE id = $1",
            "expert",
        ),
    };
    let id = owner.id();
    let row = writing.fetch_optional(sqlx::query(saved).bind(id)).await?;
    let row = row.ok_or_else(|| StoreError::missing(what, id))?;
    let text: &str = row.try_get_unchecked(0)?;
    let saved = serde_json::from_str(text).map_err(|fault| StoreError::Corrupt {
        table: what,
        column: "settings".to_owned(),
        row: id.to_string(),
        fault: fault.to_string(),
    })?;
    match wanted.contains(&SettingsTag::of(key, owner, &saved)) {
        true => Ok(()),
        false => Err(StoreError::Overtaken {
            what,
            id: id.to_string(),
        }),
    }
}

async fn save(
    writing: &mut Writing<'_>,
    owner: SettingsOwner,
    write: SettingsWrite,
) -> Result<(), StoreError> {
    let (exists, put, delete, what) = match owner {
        SettingsOwner::Account(_) => (
            "SELECT 1 FROM accounts WHERE id = $1",
            "INSERT INTO account_settings (account_id, key, value) \
             SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true \
             ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value \
             WHERE value <> excluded.value",
            "DELETE FROM account_settings WHERE account_id = $1 \
             AND key IN (SELECT value FROM json_each($2))",
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
