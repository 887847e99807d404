//! One setting in a form.
//!
//! Owns: which input a setting has, and what stands in it. Must not know: how
//! it is drawn.

use std::collections::BTreeMap;

use lombard_model::{SettingDefinition, SettingType};
use serde_json::Value as Json;

use super::super::read::SettingsShown;
use super::sent::Sent;

/// How a setting is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Number,
    Select,
    Checkbox,
    Password,
    Line,
    Lines,
}

impl Input {
    fn of(definition: &SettingDefinition) -> Self {
        match definition.kind {
            _ if definition.secret => Self::Password,
            SettingType::Bool => Self::Checkbox,
            SettingType::List | SettingType::Json => Self::Lines,
            _ if !definition.valid.is_empty() => Self::Select,
            SettingType::Int | SettingType::Float | SettingType::Decimal => Self::Number,
            SettingType::Str => Self::Line,
        }
    }
}

/// One setting in a form.
pub(super) struct Field<'a> {
    pub(super) key: &'a str,
    pub(super) definition: &'a SettingDefinition,
    pub(super) input: Input,
    /// What stands in the input; never a secret.
    pub(super) text: String,
    /// Whether a value is saved.
    pub(super) is_saved: bool,
    /// What is wrong with it.
    pub(super) fault: Option<String>,
}

impl<'a> Field<'a> {
    /// A setting as it is.
    pub(super) fn of(key: &'a str, definition: &'a SettingDefinition, of: &SettingsShown) -> Self {
        let input = Input::of(definition);
        let saved = of.settings.saved().get(key);
        let shown = match input {
            Input::Password => None,
            // An unticked box is a value, so the default is ticked or not.
            Input::Checkbox => saved.or(definition.default.as_ref()),
            _ => saved,
        };
        let value = of.settings.get(&of.definitions, key);
        Self {
            key,
            definition,
            input,
            text: shown.map(text).unwrap_or_default(),
            is_saved: saved.is_some(),
            fault: value.err().map(|error| error.to_string()),
        }
    }

    /// The same with what was sent in it.
    pub(super) fn with_sent(mut self, sent: &Sent, faults: &BTreeMap<String, String>) -> Self {
        if self.input != Input::Password {
            self.text = sent.text(self.key, self.input).to_owned();
        }
        self.fault = faults.get(self.key).cloned();
        self
    }

    /// The default, in words; none where there is none.
    pub(super) fn default(&self) -> Option<String> {
        let default = self.definition.default.as_ref()?;
        let text = text(default).replace('\n', ", ");
        Some(if text.is_empty() {
            "empty".to_owned()
        } else {
            text
        })
    }

    /// What it may be, beyond its type.
    pub(super) fn bounds(&self) -> Option<String> {
        let SettingDefinition {
            min, max, valid, ..
        } = self.definition;
        let listed: Vec<_> = valid.iter().map(text).collect();
        match (min, max, listed.is_empty()) {
            (_, _, false) if self.input == Input::Lines => Some(listed.join(", ")),
            (Some(min), Some(max), _) => Some(format!("{} to {}", text(min), text(max))),
            (Some(min), None, _) => Some(format!("{} or more", text(min))),
            (None, Some(max), _) => Some(format!("{} or less", text(max))),
            _ => None,
        }
    }

    /// Whether a browser should insist on a value.
    pub(super) fn must_be_filled(&self) -> bool {
        let is_kept = self.input == Input::Password && self.is_saved;
        self.definition.required && self.definition.default.is_none() && !is_kept
    }
}

/// A value as it stands in an input: a list has a line for each text.
pub(super) fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Array(items) if items.iter().all(Json::is_string) => {
            let texts: Vec<_> = items.iter().filter_map(Json::as_str).collect();
            texts.join("\n")
        }
        json => json.to_string(),
    }
}
