//! What was saved, seen through the definitions.
//!
//! Owns: "saved, else default, else none", in the one place where that is
//! decided. Must not know: where saved values come from.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Definitions, SettingError, SettingValue};

/// Saved values as the database holds them: by key, typed by nobody yet.
pub type SavedSettings = BTreeMap<String, Json>;

/// The settings of one thing at one state: immutable, shared, never edited.
///
/// A saved key that no definition declares stays in the database and is not
/// seen here. A saved value that no longer fits its definition is told by key
/// when it is read and takes nothing from the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    saved: SavedSettings,
}

impl Settings {
    /// Takes what was saved.
    #[must_use]
    pub fn new(saved: SavedSettings) -> Self {
        Self { saved }
    }

    /// The value of a setting: saved, else default, else none.
    ///
    /// # Errors
    /// Where the key is not declared, or what was saved does not fit its
    /// definition (any more).
    pub fn get(
        &self,
        definitions: &Definitions,
        key: &str,
    ) -> Result<Option<SettingValue>, SettingError> {
        let definition = definitions.get(key)?;
        self.saved
            .get(key)
            .or(definition.default.as_ref())
            .map(|json| definition.read(key, json))
            .transpose()
    }

    /// Whether a value was saved for this key, declared or not.
    #[must_use]
    pub fn is_saved(&self, key: &str) -> bool {
        self.saved.contains_key(key)
    }

    /// The keys that something was saved for and that nobody declares: as
    /// settings of a version of a plugin that is gone.
    pub fn undeclared(&self, definitions: &Definitions) -> impl Iterator<Item = &str> {
        let keys = self.saved.keys().map(String::as_str);
        keys.filter(|key| definitions.get(key).is_err())
    }

    /// What was saved, by key.
    #[must_use]
    pub fn saved(&self) -> &SavedSettings {
        &self.saved
    }

    /// Checks that every required setting has a value and every value fits.
    ///
    /// # Errors
    /// The first fault, by key.
    pub fn check(&self, definitions: &Definitions) -> Result<(), SettingError> {
        for (key, definition) in definitions.iter() {
            if self.get(definitions, key)?.is_none() && definition.required {
                return Err(SettingError::Missing {
                    key: key.to_owned(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{SettingDefinition, SettingType};
    use super::*;
    use crate::Decimal;

    fn definitions() -> Definitions {
        let of = SettingDefinition::new;
        let all = [
            (
                "days",
                of(SettingType::Int, "").with_default(20).within(1, 250),
            ),
            ("share", of(SettingType::Decimal, "").with_default("10")),
            ("on", of(SettingType::Bool, "").with_default(true)),
            ("mode", of(SettingType::Str, "").one_of(&["fast", "slow"])),
            ("symbols", of(SettingType::List, "")),
            ("extra", of(SettingType::Json, "")),
            ("weight", of(SettingType::Float, "")),
            ("token", of(SettingType::Str, "").secret().required()),
        ];
        Definitions::new(all.map(|(key, def)| (key.to_owned(), def)).into()).unwrap()
    }

    fn settings(json: Json) -> Settings {
        Settings::new(serde_json::from_value(json).unwrap())
    }

    #[test]
    fn saved_wins_over_default_and_zero_is_not_unset() {
        let saved = settings(json!({"share": "0", "on": false, "days": 5}));
        let get = |key| saved.get(&definitions(), key).unwrap();
        assert_eq!(get("share"), Some(SettingValue::Decimal(Decimal::ZERO)));
        assert_eq!(get("on"), Some(SettingValue::Bool(false)));
        assert_eq!(get("days"), Some(SettingValue::Int(5)));
        assert_eq!(get("mode"), None);
        let unset = settings(json!({}));
        assert_eq!(
            unset.get(&definitions(), "share").unwrap(),
            Some(SettingValue::Decimal(Decimal::TEN))
        );
    }

    #[test]
    fn an_undeclared_key_is_an_error_that_names_the_declared_ones() {
        let error = settings(json!({"dyas": 1}))
            .get(&definitions(), "dyas")
            .unwrap_err();
        assert!(error.to_string().contains("declared are: days"), "{error}");
    }

    #[test]
    fn values_of_another_type_or_out_of_range_are_refused() {
        for (key, bad) in [
            ("days", json!("5")),
            ("days", json!(0)),
            ("days", json!(251)),
            ("days", json!(1.5)),
            ("share", json!("ten")),
            ("on", json!("true")),
            ("mode", json!("sideways")),
            ("symbols", json!(["A", 1])),
            ("weight", json!("1")),
        ] {
            let saved = settings(json!({ key: bad }));
            assert!(saved.get(&definitions(), key).is_err(), "{key} = {bad}");
        }
    }

    #[test]
    fn a_secret_is_not_told_by_an_error() {
        let error = settings(json!({"token": 12345}))
            .get(&definitions(), "token")
            .unwrap_err();
        assert!(!error.to_string().contains("12345"), "{error}");
    }

    #[test]
    fn texts_of_a_command_line_are_read_by_type() {
        let definitions = definitions();
        let read = |key: &str, text| definitions.get(key).unwrap().read_text(key, text);
        assert_eq!(read("days", "7").unwrap(), SettingValue::Int(7));
        assert_eq!(read("on", "false").unwrap(), SettingValue::Bool(false));
        assert!(read("on", "no").is_err());
        assert_eq!(
            read("mode", "fast").unwrap(),
            SettingValue::Str("fast".into())
        );
        let list = SettingValue::List(vec!["A".into(), "B".into()]);
        assert_eq!(read("symbols", "A, B").unwrap(), list);
        assert_eq!(read("symbols", r#"["A","B"]"#).unwrap(), list);
        assert_eq!(
            read("extra", r#"{"a": 1}"#).unwrap(),
            SettingValue::Json(r#"{"a":1}"#.into())
        );
    }

    #[test]
    fn a_number_is_read_as_it_was_saved_to_its_last_digit() {
        let number = -3.336455140033981e-215;
        let weight = definitions().get("weight").unwrap().clone();
        let mut listed = weight.clone();
        listed.valid = vec![json!(number)];
        for definition in [weight, listed] {
            let read = definition.read("weight", &json!(number)).unwrap();
            assert_eq!(read, SettingValue::Float(number));
            let saved = serde_json::from_str(&read.to_json().to_string()).unwrap();
            assert_eq!(definition.read("weight", &saved), Ok(read));
        }
    }

    #[test]
    fn a_document_has_an_end_of_its_levels() {
        let of_levels = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let definitions = definitions();
        let extra = definitions.get("extra").unwrap();
        let deepest = extra.read_text("extra", &of_levels(64)).unwrap();
        assert_eq!(deepest, SettingValue::Json(of_levels(64)));
        let error = extra.read_text("extra", &of_levels(65)).unwrap_err();
        assert!(error.to_string().contains("64 levels"), "{error}");
        // Beyond what JSON is read to, it is a text.
        let text = extra.read_text("extra", &of_levels(128)).unwrap();
        assert_eq!(text, SettingValue::Json(format!("\"{}\"", of_levels(128))));
    }

    #[test]
    fn a_required_setting_without_value_is_told() {
        let error = settings(json!({})).check(&definitions()).unwrap_err();
        assert_eq!(
            error,
            SettingError::Missing {
                key: "token".into()
            }
        );
        assert!(
            settings(json!({"token": "x"}))
                .check(&definitions())
                .is_ok()
        );
    }

    #[test]
    fn a_definition_that_contradicts_itself_is_refused() {
        let of = SettingDefinition::new;
        for bad in [
            of(SettingType::Int, "").with_default("x"),
            of(SettingType::Int, "").with_default(5).within(6, 7),
            of(SettingType::Str, "").within(1, 2),
            of(SettingType::Str, "").with_default("x").secret(),
        ] {
            assert!(Definitions::new([("key".to_owned(), bad)].into()).is_err());
        }
        let good = of(SettingType::Int, "");
        assert!(Definitions::new([("Bad Key".to_owned(), good)].into()).is_err());
    }
}
