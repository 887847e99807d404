//! The settings that the code of a plugin declares, in its manifest.
//!
//! Owns: adding them, and refusing a manifest that declares others. The code is
//! enough; a manifest that declares the same is as good.
//! Must not know: how they come into a module.

use std::borrow::Cow;
use std::collections::BTreeSet;

use lombard_model::{Definitions, Manifest, SettingDefinition};

use crate::PackError;

/// What a manifest has besides settings, for those that stand alone.
const BESIDES: &str = "name = \"code\"\nversion = \"0.0.0\"\nkind = \"widget\"\napi = \"0.0.0\"\n";

/// The text of the manifest with the settings that the code declares.
pub(crate) fn added<'t>(
    manifest_toml: &'t str,
    manifest: &Manifest,
    declared: &str,
) -> Result<Cow<'t, str>, PackError> {
    if declared.is_empty() {
        return Ok(Cow::Borrowed(manifest_toml));
    }
    let code = Manifest::parse(&format!("{BESIDES}{declared}"))
        .map_err(PackError::Settings)?
        .settings;
    if manifest.settings.is_empty() {
        return Ok(Cow::Owned(format!("{manifest_toml}\n{declared}")));
    }
    if manifest.settings == code {
        return Ok(Cow::Borrowed(manifest_toml));
    }
    let differences = differences(&manifest.settings, &code);
    Err(PackError::SettingsDiffer(differences))
}

/// Each key that differs, as both have it.
fn differences(manifest: &Definitions, code: &Definitions) -> String {
    let keys = manifest.iter().chain(code.iter()).map(|(key, _)| key);
    let mut told = String::new();
    for key in keys.collect::<BTreeSet<_>>() {
        let (in_manifest, in_code) = (manifest.get(key).ok(), code.get(key).ok());
        if in_manifest != in_code {
            let (in_manifest, in_code) = (shown(in_manifest), shown(in_code));
            told.push_str(&format!(
                "\n  {key}\n    in plugin.toml: {in_manifest}\n    in the code:    {in_code}"
            ));
        }
    }
    told
}

fn shown(definition: Option<&SettingDefinition>) -> String {
    let json = definition.map(serde_json::to_string);
    // A definition was read from text, and can be written as text.
    json.map_or("not declared".to_owned(), Result::unwrap_or_default)
}
