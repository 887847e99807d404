//! A setting as it may be shown.
//!
//! Owns: that a secret's value never leaves the host, whoever shows it, and
//! where a value comes from. Must not know: who shows it, and how.

use lombard_model::{Definitions, SettingDefinition, Settings};
use serde::Serialize;
use serde_json::Value as Json;

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingSource {
    /// Somebody saved it.
    Saved,
    /// Nobody did, and it has a default.
    Default,
    /// There is none.
    Unset,
}

impl SettingSource {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Default => "default",
            Self::Unset => "unset",
        }
    }
}

/// A setting as it may be shown: with its value, unless that is a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownSetting<'a> {
    /// Its key.
    pub key: &'a str,
    /// What it may be.
    pub definition: &'a SettingDefinition,
    /// Its value; none where it has none, is at fault, or is a secret.
    pub value: Option<Json>,
    /// Whether it has a value that fits, which for a secret is all there is to
    /// tell.
    pub is_set: bool,
    /// Where the value comes from.
    pub source: SettingSource,
    /// Why what was saved can't be used, where it can't.
    pub error: Option<String>,
}

impl<'a> ShownSetting<'a> {
    /// Shows the setting of this key.
    #[must_use]
    pub fn of(
        key: &'a str,
        definition: &'a SettingDefinition,
        definitions: &Definitions,
        settings: &Settings,
    ) -> Self {
        let read = settings.get(definitions, key);
        let source = match &read {
            _ if settings.is_saved(key) => SettingSource::Saved,
            Ok(None) => SettingSource::Unset,
            _ => SettingSource::Default,
        };
        let (value, error) = match read {
            Ok(value) => (value, None),
            // Its words hide the value of a secret.
            Err(error) => (None, Some(error.to_string())),
        };
        let is_set = value.is_some();
        let shown = value.filter(|_| !definition.secret);
        Self {
            key,
            definition,
            value: shown.map(|value| value.to_json()),
            is_set,
            source,
            error,
        }
    }

    /// Shows all that are declared, by key.
    pub fn all(
        definitions: &'a Definitions,
        settings: &'a Settings,
    ) -> impl Iterator<Item = ShownSetting<'a>> {
        let all = definitions.iter();
        all.map(move |(key, definition)| Self::of(key, definition, definitions, settings))
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::SettingType;
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_secret_only_whether_it_is_set_is_shown() {
        let of = SettingDefinition::new;
        let definitions = [
            ("days", of(SettingType::Int, "").with_default(20)),
            ("token", of(SettingType::Str, "").secret()),
        ];
        let definitions = definitions.map(|(key, definition)| (key.to_owned(), definition));
        let definitions = Definitions::new(definitions.into()).unwrap();
        let shown = |saved: Json| {
            let settings = Settings::new(serde_json::from_value(saved).unwrap());
            let shown = ShownSetting::all(&definitions, &settings).collect::<Vec<_>>();
            assert!(!format!("{shown:?}").contains("hidden"), "{shown:?}");
            let told = |at: usize| (shown[at].value.clone(), shown[at].is_set, shown[at].source);
            (told(0), told(1), shown[1].error.is_some())
        };
        let default = (Some(json!(20)), true, SettingSource::Default);
        let unset = (None, false, SettingSource::Unset);
        assert_eq!(shown(json!({})), (default.clone(), unset, false));
        let set = (None, true, SettingSource::Saved);
        assert_eq!(
            shown(json!({"token": "hidden"})),
            (default.clone(), set, false)
        );
        let bad = (None, false, SettingSource::Saved);
        assert_eq!(shown(json!({"token": ["hidden"]})), (default, bad, true));
    }
}
