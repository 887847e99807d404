//! Settings as they are shown.
//!
//! Owns: their shape in JSON and in words, and that a secret is `•••`. Must not
//! know: where they come from.

use lombard_accounts::ShownSetting;
use lombard_model::view::{Cell, Kind};
use lombard_model::{Definitions, SettingDefinition, SettingError, SettingType};
use serde::Serialize;
use serde_json::Value as Json;

use crate::draw::{self, Style};

const SECRET: &str = "•••";

const COLUMNS: &[(&str, Kind)] = &[
    ("Setting", Kind::Text),
    ("Value", Kind::Text),
    ("From", Kind::Text),
    ("Type", Kind::Text),
];

/// A setting as it is shown.
#[derive(Serialize)]
pub(super) struct Setting {
    key: String,
    #[serde(rename = "type")]
    kind: SettingType,
    value: Json,
    source: String,
    secret: bool,
    required: bool,
    description: String,
    error: Option<String>,
}

/// What is known of a setting beside its definition.
pub(super) struct State {
    pub(super) value: Option<Json>,
    pub(super) is_set: bool,
    pub(super) source: String,
    pub(super) error: Option<String>,
}

/// All settings of an account or an expert.
#[derive(Serialize)]
pub(super) struct Settings {
    settings: Vec<Setting>,
    /// Keys that something is kept for, though they are not declared any more.
    undeclared: Vec<String>,
    #[serde(skip)]
    pub(super) definitions: Definitions,
}

impl Setting {
    fn of(key: &str, definition: &SettingDefinition, state: State) -> Self {
        let value = match state.value {
            // Also where somebody tells it who should not.
            Some(value) if !definition.secret => value,
            _ if state.is_set && definition.secret => Json::from(SECRET),
            _ => Json::Null,
        };
        Self {
            key: key.to_owned(),
            kind: definition.kind,
            value,
            source: state.source,
            secret: definition.secret,
            required: definition.required,
            description: definition.description.clone(),
            error: state.error,
        }
    }

    /// Its value, or why there is none.
    pub(super) fn text(&self) -> String {
        match (&self.error, &self.value) {
            (Some(error), _) => error.clone(),
            (_, Json::Null) => "–".to_owned(),
            (_, Json::String(text)) => text.clone(),
            (_, json) => json.to_string(),
        }
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            self.key.as_str().into(),
            self.text().into(),
            self.source.as_str().into(),
            self.kind.as_str().into(),
        ]
    }
}

impl Settings {
    /// Those that are saved in a database of this process.
    pub(super) fn of(definitions: Definitions, saved: &lombard_model::Settings) -> Self {
        let settings = ShownSetting::all(&definitions, saved).map(|one| {
            let state = State {
                value: one.value,
                is_set: one.is_set,
                source: one.source.as_str().to_owned(),
                error: one.error,
            };
            Setting::of(one.key, one.definition, state)
        });
        Self {
            settings: settings.collect(),
            undeclared: saved.undeclared(&definitions).map(str::to_owned).collect(),
            definitions,
        }
    }

    /// Those that somebody else tells.
    pub(super) fn told(
        told: Vec<(String, SettingDefinition, State)>,
        undeclared: Vec<String>,
    ) -> Result<Self, SettingError> {
        let definitions = told.iter();
        let definitions = definitions.map(|(key, definition, _)| (key.clone(), definition.clone()));
        let definitions = Definitions::new(definitions.collect())?;
        let settings = told.into_iter();
        let settings =
            settings.map(|(key, definition, state)| Setting::of(&key, &definition, state));
        Ok(Self {
            settings: settings.collect(),
            undeclared,
            definitions,
        })
    }

    /// The one of this key.
    pub(super) fn get(&self, key: &str) -> anyhow::Result<&Setting> {
        // The error names those that are declared.
        self.definitions.get(key)?;
        let setting = self.settings.iter().find(|one| one.key == key);
        setting.ok_or_else(|| anyhow::anyhow!("setting `{key}` was not told"))
    }
}

/// All of them, with what they are for beneath.
pub(super) fn words(all: &Settings, style: Style) -> String {
    let rows: Vec<_> = all.settings.iter().map(Setting::cells).collect();
    let about = all.settings.iter();
    let about: Vec<_> = about
        .map(|one| (one.key.as_str(), one.description.as_str()))
        .collect();
    let between = if about.is_empty() { "" } else { "\n" };
    let kept = match &all.undeclared[..] {
        [] => String::new(),
        keys => {
            let kept = format!(
                "Kept until `lombard settings purge`, though nobody declares it any more: {}",
                keys.join(", ")
            );
            format!("\n{}", draw::paragraph(&kept, style))
        }
    };
    draw::table(COLUMNS, &rows, style) + between + &draw::explained(&about, style) + &kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(definition: &SettingDefinition, value: Option<Json>, is_set: bool) -> Json {
        let state = State {
            value,
            is_set,
            source: "saved".to_owned(),
            error: None,
        };
        Setting::of("key", definition, state).value
    }

    #[test]
    fn of_a_secret_only_whether_it_is_set_is_shown() {
        let secret = SettingDefinition::new(SettingType::Str, "").secret();
        assert_eq!(shown(&secret, None, true), SECRET);
        assert_eq!(shown(&secret, None, false), Json::Null);
        assert_eq!(shown(&secret, Some("told".into()), true), SECRET);
        let plain = SettingDefinition::new(SettingType::Str, "");
        assert_eq!(shown(&plain, Some("told".into()), true), "told");
    }
}
