//! Settings at a host that runs.
//!
//! Owns: reading them, and changing one so that nothing is lost of what
//! somebody else changes meanwhile. Must not know: how they are shown.

use lombard_model::{SettingDefinition, SettingFormat, SettingType};
use lombard_store::SettingsOwner;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::shown::{Settings, State};
use crate::client::{Client, Failure};

/// A setting as the host tells it.
#[derive(Deserialize)]
struct Told {
    key: String,
    #[serde(rename = "type")]
    kind: SettingType,
    format: Option<SettingFormat>,
    description: String,
    required: bool,
    secret: bool,
    default: Option<Json>,
    valid: Vec<Json>,
    min: Option<Json>,
    max: Option<Json>,
    value: Option<Json>,
    is_set: bool,
    source: String,
    error: Option<String>,
}

#[derive(Deserialize)]
struct All {
    settings: Vec<Told>,
    undeclared: Vec<String>,
}

#[derive(Deserialize)]
struct Purged {
    purged: Vec<String>,
}

/// All settings of an account or an expert.
pub(super) async fn read(client: &Client, owner: SettingsOwner) -> anyhow::Result<Settings> {
    let all: All = client.get(&path(owner)).await?;
    all.read()
}

/// Changes one to what `value` makes of its definition; gives all as they are
/// then.
pub(super) async fn change(
    client: &Client,
    owner: SettingsOwner,
    key: &str,
    value: impl AsyncFnOnce(&SettingDefinition) -> anyhow::Result<Option<Json>>,
) -> anyhow::Result<Settings> {
    let path = path(owner);
    let (all, mut seen) = client.get_tagged::<All>(&path).await?;
    let settings = all.read()?;
    let value = value(settings.definitions.get(key)?).await?;
    let patch = json!({ key: value });
    match client.patch::<All>(&path, tag(&seen), &patch).await {
        // Somebody else changed another one, or this one: the last one holds,
        // as it does where the database is opened here.
        Err(failure) if failure.is("changed-meanwhile") => {
            seen = client.get_tagged::<All>(&path).await?.1;
        }
        changed => return changed?.read(),
    }
    let changed: Result<All, Failure> = client.patch(&path, tag(&seen), &patch).await;
    changed?.read()
}

/// Removes what is not declared any more; gives the keys.
pub(super) async fn purge(client: &Client, owner: SettingsOwner) -> anyhow::Result<Vec<String>> {
    let path = format!("{}/undeclared", path(owner));
    let done: Purged = client.delete(&path).await?;
    Ok(done.purged)
}

/// One that fits nothing where the host gave none.
fn tag(seen: &Option<String>) -> &str {
    seen.as_deref().unwrap_or("\"\"")
}

fn path(owner: SettingsOwner) -> String {
    match owner {
        SettingsOwner::Account(id) => format!("/accounts/{id}/settings"),
        SettingsOwner::Expert(id) => format!("/experts/{id}/settings"),
    }
}

impl All {
    fn read(self) -> anyhow::Result<Settings> {
        let told = self.settings.into_iter().map(Told::read);
        Ok(Settings::told(told.collect(), self.undeclared)?)
    }
}

impl Told {
    fn read(self) -> (String, SettingDefinition, State) {
        let definition = SettingDefinition {
            kind: self.kind,
            description: self.description,
            required: self.required,
            secret: self.secret,
            default: self.default,
            valid: self.valid,
            min: self.min,
            max: self.max,
            format: self.format,
        };
        let state = State {
            value: self.value,
            is_set: self.is_set,
            source: self.source,
            error: self.error,
        };
        (self.key, definition, state)
    }
}
