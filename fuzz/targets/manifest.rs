//! What a plugin says of itself, of any text.
//!
//! Owns: that it is refused or within its bounds, and that what was read of it
//! is read again from how it is written. Must not know: any plugin.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use lombard_model::{
    Definitions, Digest, Grants, Manifest, PluginName, Schedule, SettingDefinition, Timestamp,
};

fuzz_target!(|text: &str| {
    words(text);
    let manifest = match Manifest::parse(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(manifest.name.as_str().len() <= 64);
    assert!(manifest.version.len() <= 29 && manifest.api.len() <= 29);
    assert!(manifest.description.chars().count() <= Manifest::MAX_DESCRIPTION);
    assert_eq!(manifest.name.to_string().parse(), Ok(manifest.name.clone()));
    assert_eq!(
        manifest.grants.to_string().parse(),
        Ok(manifest.grants.clone())
    );
    let json = serde_json::to_string(&manifest).expect("a manifest is JSON");
    let json: serde_json::Value = serde_json::from_str(&json).expect("and is read again");
    let settings = serde_json::from_value::<BTreeMap<String, SettingDefinition>>(
        json.get("settings").expect("its settings").clone(),
    );
    let settings = Definitions::new(settings.expect("definitions are read again"));
    assert_eq!(settings.as_ref(), Ok(&manifest.settings));
    for (key, definition) in manifest.settings.iter() {
        defaults(key, definition);
        drop(definition.read_text(key, text));
    }
});

/// A default is a value, and is one again when it was saved.
fn defaults(key: &str, definition: &SettingDefinition) {
    let Some(default) = &definition.default else {
        return;
    };
    let value = definition.read(key, default).expect("a default fits");
    let saved = value.to_json().to_string();
    let saved = serde_json::from_str(&saved).expect("a value is JSON");
    assert_eq!(definition.read(key, &saved), Ok(value));
}

/// What stands within a manifest, and beside one.
fn words(text: &str) {
    if text.len() > 200 {
        return;
    }
    if let Ok(name) = text.parse::<PluginName>() {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(grants) = text.parse::<Grants>() {
        assert_eq!(grants.to_string().parse(), Ok(grants));
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }
    if let Ok(day) = Timestamp::from_day(text) {
        assert_eq!(day.to_day(), text);
    }
    for zone in ["UTC", "America/New_York"] {
        let Ok(schedule) = Schedule::parse(text, zone) else {
            continue;
        };
        let now = Timestamp::from_micros(1_762_056_000_000_000);
        let next = schedule.after(now).expect("it comes true");
        assert!(next > now);
        assert!(schedule.until(next) == Some(next), "{schedule:?}");
        let again = Schedule::parse(schedule.expression(), schedule.zone());
        assert_eq!(again, Ok(schedule));
    }
}
