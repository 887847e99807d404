//! `settings`: the caller's own, and those of its account.
//!
//! Owns: that a secret never crosses, that an undeclared key is an error, and
//! that one call sees one state of its settings, its own saves included.

use std::sync::Arc;

use lombard_accounts::{AccountsError, ExpertKind, Loaded, SettingsPatch, account_definitions};
use lombard_model::{Decimal, Definitions, Grant, LookUp, SettingValue, Settings, WireDecimal};
use lombard_store::SettingsOwner;
use serde_json::Value as Json;

use super::SettingsFault;
use crate::bindings::settings::{Entry, Host, Value};
use crate::bindings::types::{self as wit, SettingsError};
use crate::call::CallState;

/// Whose settings a call has.
#[derive(Debug)]
pub(crate) enum Subject {
    /// A widget has the parameters of its render.
    Widget(Settings),
    /// An expert has those of its instance, in the state that the call sees.
    Expert(Loaded<ExpertKind>),
}

/// A caller's own settings, in its call.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// The settings after the call's own saves.
    saved: Option<Settings>,
    /// What was read of them, so that a loop that reads one again costs a copy
    /// of its value.
    read: Vec<(String, Option<Value>)>,
}

type Answer<T> = Result<T, SettingsFault>;

impl Subject {
    /// Its settings when the call begins.
    pub(crate) fn settings(&self) -> &Settings {
        match self {
            Self::Widget(params) => params,
            Self::Expert(expert) => &expert.state.settings,
        }
    }
}

impl CallState {
    fn own_settings(&self) -> &Settings {
        let own = self.own.saved.as_ref();
        own.unwrap_or_else(|| self.setup.subject.settings())
    }

    fn bounded_entries(&self, entries: &[Entry]) -> Answer<()> {
        for Entry { key, value } in entries {
            self.bounded_text(key)?;
            match value {
                Value::Str(text) | Value::Json(text) => self.bounded_text(text)?,
                Value::List(texts) => {
                    for text in texts {
                        self.bounded_text(text)?;
                    }
                }
                Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Decimal(_) => {}
            }
        }
        Ok(())
    }

    async fn store_settings(&mut self, entries: Vec<Entry>, replace: bool) -> Answer<()> {
        self.bounded_entries(&entries)?;
        let Subject::Expert(expert) = &self.setup.subject else {
            return Err(SettingsFault::denied(Grant::WriteSettings));
        };
        let id = expert.state.expert.id;
        if !self.setup.grants.allows(Grant::WriteSettings) {
            return Err(SettingsFault::denied(Grant::WriteSettings));
        }
        let owner = SettingsOwner::Expert(id);
        let plugin = Arc::clone(&self.setup.plugin);
        let definitions = &plugin.definitions;
        let patch = read_entries(definitions, entries)?;
        // A call that could begin anew must not have saved before.
        self.session.open().await.map_err(AccountsError::from)?;
        self.session
            .may_run_elsewhere(1)
            .map_err(AccountsError::from)?;
        let accounts = &self.setup.accounts;
        let written = match replace {
            true => {
                accounts
                    .replace_settings(owner, definitions, patch.clone())
                    .await?
            }
            false => {
                accounts
                    .save_settings(owner, definitions, patch.clone())
                    .await?
            }
        };
        self.setup.spent.wrote(&written);
        // What was written is not there to be read with.
        self.session.ran_elsewhere(written.statements);
        self.stored(patch, replace);
        Ok(())
    }

    /// Has these entries be saved for what the call reads from here on, where
    /// somebody else stored them.
    pub(crate) fn has_stored(&mut self, entries: Vec<Entry>, replace: bool) -> Answer<()> {
        let patch = read_entries(&self.setup.plugin.definitions, entries)?;
        self.stored(patch, replace);
        Ok(())
    }

    fn stored(&mut self, patch: SettingsPatch, replace: bool) {
        let definitions = &self.setup.plugin.definitions;
        let kept = |key: &str| !replace || definitions.get(key).map_or(true, |d| d.secret);
        let mut after = self.own_settings().saved().clone();
        after.retain(|key, _| kept(key));
        after.extend(
            patch
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        self.own.saved = Some(Settings::new(after));
        self.own.read.clear();
    }
}

impl Host for CallState {
    fn get(&mut self, key: String) -> Answer<Option<Value>> {
        let _call = self.host_call("settings.get")?;
        self.bounded_text(&key)?;
        self.looked_up(LookUp::Setting);
        // They are a handful: a scan beats a map.
        if let Some((_, value)) = self.own.read.iter().find(|(read, _)| *read == key) {
            return Ok(value.clone());
        }
        let definitions = &self.setup.plugin.definitions;
        not_secret(definitions, &key)?;
        let value = self.own_settings().get(definitions, &key)?;
        let value = value.map(Value::from);
        // Declared, so there are no more of them than the manifest has.
        self.own.read.push((key, value.clone()));
        Ok(value)
    }

    fn all(&mut self) -> Answer<Vec<Entry>> {
        let _call = self.host_call("settings.all")?;
        let definitions = &self.setup.plugin.definitions;
        let settings = self.own_settings();
        let mut entries = Vec::new();
        for (key, definition) in definitions.iter() {
            if definition.secret {
                continue;
            }
            if let Some(value) = settings.get(definitions, key)? {
                entries.push(Entry {
                    key: key.to_owned(),
                    value: value.into(),
                });
            }
        }
        Ok(entries)
    }

    async fn get_account(&mut self, key: String) -> Answer<Option<Value>> {
        let _call = self.host_call("settings.get-account")?;
        self.bounded_text(&key)?;
        self.looked_up(LookUp::AccountSetting);
        if !self.setup.grants.allows(Grant::ReadAccountSettings) {
            return Err(SettingsFault::denied(Grant::ReadAccountSettings));
        }
        let Subject::Expert(expert) = &self.setup.subject else {
            return Err(SettingsFault::Told(SettingsError::NoAccount));
        };
        let account = expert.state.expert.account;
        let account = self
            .setup
            .accounts
            .account(account, &mut self.session)
            .await?;
        let definitions = account_definitions(&account.state.account.provider);
        not_secret(&definitions, &key)?;
        Ok(account
            .state
            .settings
            .get(&definitions, &key)?
            .map(Value::from))
    }

    async fn save(&mut self, patch: Vec<Entry>) -> Answer<()> {
        let _call = self.host_call("settings.save")?;
        self.store_settings(patch, false).await
    }

    async fn replace(&mut self, entries: Vec<Entry>) -> Answer<()> {
        let _call = self.host_call("settings.replace")?;
        self.store_settings(entries, true).await
    }
}

/// A secret stays in the host whatever was granted.
fn not_secret(definitions: &Definitions, key: &str) -> Answer<()> {
    if definitions.get(key)?.secret {
        let told = format!("`{key}` is a secret: it never leaves the host");
        return Err(SettingsFault::Told(SettingsError::Denied(told)));
    }
    Ok(())
}

pub(super) fn read_entries(
    definitions: &Definitions,
    entries: Vec<Entry>,
) -> Answer<SettingsPatch> {
    let mut patch = SettingsPatch::new();
    for Entry { key, value } in entries {
        not_secret(definitions, &key)?;
        let json = read_value(&key, value)?;
        if patch.insert(key.clone(), Some(json)).is_some() {
            let told = format!("`{key}` is named twice");
            return Err(SettingsFault::Told(SettingsError::Invalid(told)));
        }
    }
    Ok(patch)
}

fn read_value(key: &str, value: Value) -> Answer<Json> {
    let invalid = |fault: String| {
        SettingsFault::Told(SettingsError::Invalid(format!("setting `{key}`: {fault}")))
    };
    Ok(match value {
        Value::Str(text) => Json::from(text),
        Value::Int(number) => Json::from(number),
        Value::Float(number) if number.is_finite() => Json::from(number),
        Value::Float(_) => return Err(invalid("the number is not finite".to_owned())),
        Value::Bool(yes) => Json::from(yes),
        Value::Json(text) => serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?,
        Value::List(texts) => Json::from(texts),
        Value::Decimal(wit::Decimal { mantissa, scale }) => {
            let number = Decimal::try_from(WireDecimal { mantissa, scale });
            let number = number.map_err(|fault| invalid(fault.to_string()))?;
            SettingValue::Decimal(number).to_json()
        }
    })
}
