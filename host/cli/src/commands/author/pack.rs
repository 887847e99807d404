//! `lombard plugin pack`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lombard_author::manifest_text;
use lombard_model::Manifest;
use lombard_pack::{pack, pack_component};
use serde_json::json;

use crate::commands::widget::read_file;
use crate::context::Context;

pub(super) fn run(
    context: &Context,
    component: &Path,
    manifest: &Path,
    out: Option<PathBuf>,
) -> anyhow::Result<()> {
    let text = manifest_text(manifest)?;
    let bytes = read_file(component)?;
    let packed = match is_module(&bytes) {
        true => pack(&bytes, &text),
        false => pack_component(&bytes, &text),
    };
    let packed = packed.with_context(|| component.display().to_string())?;
    let name = Manifest::parse(&text)?.name;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{name}.wasm")));
    let shown = out.display().to_string();
    std::fs::write(&out, &packed).with_context(|| format!("{shown} can't be written"))?;
    context.output.result(
        || json!({ "file": shown, "bytes": packed.len() }),
        |_| format!("{shown}, {} bytes\n", packed.len()),
    )
}

/// A core module has this version behind its magic number, a component another.
fn is_module(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[1, 0, 0, 0])
}
