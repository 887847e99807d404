//! Which descriptions of worlds a core module keeps.
//!
//! Owns: dropping those that only repeat imports. The SDK carries the bindings
//! of every world, and each describes its imports in the module; with all of
//! them in, a widget would import the types of an expert.
//! Must not know: what the worlds are.

use std::borrow::Cow;

use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

const DESCRIPTION: &str = "component-type";
/// How wit-bindgen marks what it writes beside bindings that are to be
/// exported from another crate.
const IMPORTS_ONLY: &str = "-with-all-of-its-exports-removed:";

/// The module without the descriptions that another one includes.
///
/// A module without a description of exports is left as it is, and so is one
/// that can't be read: the encoder tells what is wrong with it.
pub(crate) fn without_repetitions(module: &[u8]) -> Cow<'_, [u8]> {
    match stripped(module) {
        Ok(Some(module)) => Cow::Owned(module),
        Ok(None) | Err(_) => Cow::Borrowed(module),
    }
}

fn stripped(module: &[u8]) -> wasmparser::Result<Option<Vec<u8>>> {
    let mut kept = Module::new();
    let mut has_exports = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name().starts_with(DESCRIPTION)
        {
            if section.name().contains(IMPORTS_ONLY) {
                continue;
            }
            has_exports = true;
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &module[range];
            kept.section(&RawSection { id, data });
        }
    }
    Ok(has_exports.then(|| kept.finish()))
}
