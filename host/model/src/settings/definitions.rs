//! All definitions of one kind of thing.
//!
//! Owns: their keys, and that a plugin's own stand beside the host's without
//! taking their place. Must not know: values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{SettingDefinition, SettingError};

/// The definitions of one kind of thing, by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Definitions(BTreeMap<String, SettingDefinition>);

impl Definitions {
    /// Takes definitions that agree with themselves.
    ///
    /// # Errors
    /// Names the first key whose definition does not.
    pub fn new(definitions: BTreeMap<String, SettingDefinition>) -> Result<Self, SettingError> {
        for (key, definition) in &definitions {
            definition.check(key)?;
        }
        Ok(Self(definitions))
    }

    /// These, with a plugin's own beside them.
    ///
    /// # Errors
    /// Where the plugin declares a key that is already here.
    pub fn merged_with(&self, own: &Self) -> Result<Self, SettingError> {
        if let Some(key) = own.0.keys().find(|key| self.0.contains_key(*key)) {
            return Err(SettingError::BuiltIn { key: key.clone() });
        }
        let both = self.0.iter().chain(&own.0);
        Ok(Self(
            both.map(|(key, def)| (key.clone(), def.clone())).collect(),
        ))
    }

    /// The definition of a key.
    ///
    /// # Errors
    /// [`SettingError::Undeclared`], with the keys there are.
    pub fn get(&self, key: &str) -> Result<&SettingDefinition, SettingError> {
        self.0.get(key).ok_or_else(|| SettingError::Undeclared {
            key: key.chars().take(64).flat_map(char::escape_debug).collect(),
            declared: match self.0.is_empty() {
                true => "none".to_owned(),
                false => self
                    .0
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            },
        })
    }

    /// All definitions, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SettingDefinition)> {
        self.0
            .iter()
            .map(|(key, definition)| (key.as_str(), definition))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
