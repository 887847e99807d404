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

    /// What people call it: `Fast days` for `fast_days`.
    pub(super) fn label(&self) -> String {
        let words: Vec<_> = self.key.split('_').map(in_full).collect();
        let words = words.join(" ");
        let mut letters = words.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect()
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

/// A word of a key as people write it.
fn in_full(word: &str) -> String {
    match word {
        "api" | "id" | "rsi" | "url" => word.to_uppercase(),
        "max" => "maximum".to_owned(),
        "min" => "minimum".to_owned(),
        word => word.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_called_what_people_call_it() {
        let definition = SettingDefinition::new(SettingType::Str, "");
        for (key, label) in [
            ("fast_days", "Fast days"),
            ("api_key", "API key"),
            ("min_confidence", "Minimum confidence"),
            ("_", " "),
        ] {
            let field = Field {
                key,
                definition: &definition,
                input: Input::Line,
                text: String::new(),
                is_saved: false,
                fault: None,
            };
            assert_eq!(field.label(), label);
        }
    }
}
