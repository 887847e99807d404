//! A form that was sent.
//!
//! Owns: what of it is to be saved: what differs from what is, and nothing else.
//! An empty input means the default, an empty secret the one that is saved.
//! Must not know: HTML.

use std::collections::BTreeMap;

use lombard_accounts::SettingsPatch;
use lombard_model::{SettingDefinition, SettingType};
use serde_json::Value as Json;

use super::super::read::SettingsShown;
use super::field::{Field, Input};

/// Before the key of a setting, so that none is taken for another field.
pub(super) const PREFIX: &str = "set-";

/// Before the key of a secret that is to be removed.
pub(super) const REMOVE: &str = "remove-";

/// A form that was sent: the first of each name.
pub(super) struct Sent(BTreeMap<String, String>);

impl Sent {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        let mut sent = BTreeMap::new();
        for (name, text) in pairs {
            // A form ends its lines as in mail.
            let text = text.replace("\r\n", "\n");
            sent.entry(name).or_insert(text);
        }
        Self(sent)
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The state the form was made from.
    pub(super) fn state(&self) -> &str {
        self.get("state")
    }

    /// What stood in the input of a setting.
    pub(super) fn text(&self, key: &str, input: Input) -> &str {
        let text = self.get(&format!("{PREFIX}{key}"));
        match input {
            Input::Checkbox if text.is_empty() => "false",
            Input::Checkbox => "true",
            _ => text,
        }
    }

    /// Whether a saved secret is to be removed.
    pub(super) fn removes(&self, key: &str) -> bool {
        self.0.contains_key(&format!("{REMOVE}{key}"))
    }

    /// What is to be saved.
    ///
    /// # Errors
    /// What is wrong, by key.
    pub(super) fn patch(
        &self,
        shown: &SettingsShown,
    ) -> Result<SettingsPatch, BTreeMap<String, String>> {
        let (mut patch, mut faults) = (SettingsPatch::new(), BTreeMap::new());
        for (key, definition) in shown.definitions.iter() {
            let field = Field::of(key, definition, shown);
            match self.change(&field) {
                Ok(Some(value)) => drop(patch.insert(key.to_owned(), value)),
                Ok(None) => {}
                Err(fault) => drop(faults.insert(key.to_owned(), fault)),
            }
        }
        if faults.is_empty() {
            Ok(patch)
        } else {
            Err(faults)
        }
    }

    /// What becomes of one setting: nothing, a value, or its removal.
    fn change(&self, field: &Field<'_>) -> Result<Option<Option<Json>>, String> {
        let (key, definition) = (field.key, field.definition);
        let text = self.text(key, field.input);
        let is_default = match field.input {
            Input::Password if self.removes(key) => true,
            Input::Password if text.is_empty() => {
                let is_there = field.is_saved || !definition.required;
                return is_there.then_some(None).ok_or_else(missing);
            }
            // A box that is as its default says stays unsaved.
            Input::Checkbox => !field.is_saved && text == field.text_or_false(),
            _ => text.trim().is_empty(),
        };
        if is_default {
            if definition.required && definition.default.is_none() {
                return Err(missing());
            }
            return Ok(field.is_saved.then_some(None));
        }
        if field.is_saved && field.fault.is_none() && text == field.text {
            return Ok(None);
        }
        let value = read(key, definition, text).map_err(|error| error.to_string())?;
        Ok(Some(Some(value)))
    }
}

impl Field<'_> {
    fn text_or_false(&self) -> &str {
        match self.text.as_str() {
            "" => "false",
            text => text,
        }
    }
}

fn missing() -> String {
    "this is required".to_owned()
}

fn read(
    key: &str,
    definition: &SettingDefinition,
    text: &str,
) -> Result<Json, lombard_model::SettingError> {
    let value = match definition.kind {
        SettingType::List => {
            let lines = text.lines().map(str::trim);
            let texts: Json = lines.filter(|line| !line.is_empty()).collect();
            definition.read(key, &texts)
        }
        SettingType::Str => definition.read(key, &text.into()),
        _ => definition.read_text(key, text.trim()),
    };
    value.map(|value| value.to_json())
}

#[cfg(test)]
mod tests {
    use lombard_model::{Definitions, Settings};
    use lombard_store::SettingsOwner;
    use serde_json::json;

    use super::*;

    fn shown(saved: Json) -> SettingsShown {
        let of = SettingDefinition::new;
        let definitions = [
            (
                "days",
                of(SettingType::Int, "").with_default(20).within(1, 250),
            ),
            ("share", of(SettingType::Decimal, "").with_default("10")),
            ("on", of(SettingType::Bool, "").with_default(true)),
            ("symbols", of(SettingType::List, "")),
            ("name", of(SettingType::Str, "").required()),
            ("token", of(SettingType::Str, "").secret().required()),
        ];
        SettingsShown {
            owner: SettingsOwner::Account("1".parse().unwrap()),
            definitions: Definitions::new(
                definitions.map(|(key, one)| (key.to_owned(), one)).into(),
            )
            .unwrap(),
            settings: Settings::new(serde_json::from_value(saved).unwrap()),
        }
    }

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let pairs = pairs
            .iter()
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()));
        Sent::new(pairs.collect())
    }

    const WHOLE: [(&str, &str); 2] = [("set-on", "true"), ("set-name", "A")];

    #[test]
    fn what_is_as_it_was_is_not_saved_again() {
        let shown = shown(json!({"name": "A", "token": "t"}));
        assert_eq!(sent(&WHOLE).patch(&shown), Ok(SettingsPatch::new()));
    }

    #[test]
    fn values_are_saved_by_type_and_empty_ones_give_way_to_the_default() {
        let shown = shown(json!({"name": "A", "token": "t", "share": "5", "on": true}));
        let patch = sent(&[
            ("set-days", "7"),
            ("set-share", " "),
            ("set-symbols", "AAPL\r\n\r\n MSFT "),
            ("set-name", "B"),
            ("set-token", "new"),
        ]);
        let wanted: SettingsPatch = [
            ("days", Some(json!(7))),
            ("share", None),
            ("on", Some(json!(false))),
            ("symbols", Some(json!(["AAPL", "MSFT"]))),
            ("name", Some(json!("B"))),
            ("token", Some(json!("new"))),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        assert_eq!(patch.patch(&shown), Ok(wanted));
    }

    #[test]
    fn every_fault_is_told_by_its_key() {
        let faults = sent(&[("set-days", "0"), ("set-share", "ten")]);
        let faults = faults.patch(&shown(json!({}))).unwrap_err();
        let keys: Vec<_> = faults.keys().map(String::as_str).collect();
        assert_eq!(keys, ["days", "name", "share", "token"]);
        assert!(faults["days"].contains("1 to 250"), "{faults:?}");
    }

    #[test]
    fn a_secret_is_kept_where_nothing_is_put_in_and_goes_where_it_is_asked() {
        let mut shown = shown(json!({"name": "A", "token": "t"}));
        assert_eq!(sent(&WHOLE).patch(&shown), Ok(SettingsPatch::new()));
        let mut removing = WHOLE.to_vec();
        removing.push(("remove-token", "1"));
        assert!(
            sent(&removing)
                .patch(&shown)
                .unwrap_err()
                .contains_key("token")
        );
        let definitions = shown.definitions.iter().map(|(key, one)| {
            let mut one = one.clone();
            one.required = false;
            (key.to_owned(), one)
        });
        shown.definitions = Definitions::new(definitions.collect()).unwrap();
        assert_eq!(sent(&removing).patch(&shown).unwrap()["token"], None);
    }
}
