//! What of a core module goes into the component.
//!
//! Owns: dropping the descriptions of worlds that only repeat imports (the SDK
//! carries the bindings of every world, and each describes its imports in the
//! module; with all of them in, a widget would import the types of an expert),
//! taking the settings out that the code declares, and shortening names.
//! Must not know: what the worlds are, or what is done with the settings.

use wasm_encoder::{Module, RawSection};
use wasmparser::{CustomSectionReader, Parser, Payload};

use crate::{SETTINGS_SECTION, names};

const DESCRIPTION: &str = "component-type";
/// How wit-bindgen marks what it writes beside bindings that are to be
/// exported from another crate.
const IMPORTS_ONLY: &str = "-with-all-of-its-exports-removed:";

/// A core module, ready to become a component.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) module: Vec<u8>,
    /// What the code declares of settings, as in `plugin.toml`.
    pub(crate) settings: String,
}

impl Prepared {
    /// A module that can't be read is left as it is: the encoder tells what is
    /// wrong with it.
    pub(crate) fn of(module: &[u8]) -> Self {
        Self::read(module).unwrap_or_else(|_| Self {
            module: module.to_vec(),
            settings: String::new(),
        })
    }

    fn read(module: &[u8]) -> wasmparser::Result<Self> {
        // Where nothing describes exports, nothing repeats their imports.
        let exports = custom_sections(module)?
            .iter()
            .any(|name| name.starts_with(DESCRIPTION) && !name.contains(IMPORTS_ONLY));
        let mut settings = String::new();
        let mut kept = Module::new();
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Payload::CustomSection(section) = &payload {
                if section.name() == SETTINGS_SECTION {
                    settings.push_str(&String::from_utf8_lossy(section.data()));
                    continue;
                }
                if is_repetition(section) && exports {
                    continue;
                }
                if let Some(names) = names::shortened(section) {
                    kept.section(&names);
                    continue;
                }
            }
            if let Some((id, range)) = payload.as_section() {
                let data = &module[range];
                kept.section(&RawSection { id, data });
            }
        }
        let module = kept.finish();
        Ok(Self { module, settings })
    }
}

fn is_repetition(section: &CustomSectionReader<'_>) -> bool {
    section.name().starts_with(DESCRIPTION) && section.name().contains(IMPORTS_ONLY)
}

fn custom_sections(module: &[u8]) -> wasmparser::Result<Vec<&str>> {
    let mut names = vec![];
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload? {
            names.push(section.name());
        }
    }
    Ok(names)
}
