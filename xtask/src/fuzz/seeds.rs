//! What fuzzing begins with.
//!
//! Owns: where the seeds of a target are, and making files of those that are
//! written as text. Must not know: what a target does with them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build;
use crate::process::step;
use crate::workspace::Workspace;

/// The target whose seeds are components.
const COMPONENTS: &str = "admission";

/// Makes what is not in the repository: the plugins and guests, which are
/// components that were made by a toolchain, and components of the text format.
///
/// # Errors
/// Where one can't be made; the message names it.
pub(super) fn make(workspace: &Workspace) -> Result<()> {
    build::plugins(workspace)?;
    build::guests(workspace)?;
    step("build seeds", || {
        let folder = made(workspace);
        fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
        let texts = workspace.path(&format!("fuzz/seeds/{COMPONENTS}"));
        let entries = fs::read_dir(&texts);
        for entry in entries.with_context(|| format!("can't read {}", texts.display()))? {
            component(&entry?.path(), &folder)?;
        }
        Ok(())
    })
}

/// The folders of a target's seeds.
pub(super) fn folders(workspace: &Workspace, target: &str) -> Vec<PathBuf> {
    match target {
        COMPONENTS => vec![made(workspace), workspace.plugins(), workspace.guests()],
        target => vec![workspace.path(&format!("fuzz/seeds/{target}"))],
    }
}

fn made(workspace: &Workspace) -> PathBuf {
    workspace.target("fuzz/seeds")
}

fn component(text: &Path, folder: &Path) -> Result<()> {
    let bytes = wat::parse_file(text)?;
    let name = text.file_name().unwrap_or_default();
    let file = folder.join(name).with_extension("wasm");
    fs::write(&file, bytes).with_context(|| format!("can't write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_component_beside_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("a.wat");
        fs::write(&text, "(component (@custom \"b\" \"c\"))").unwrap();
        component(&text, folder.path()).unwrap();
        let made = fs::read(folder.path().join("a.wasm")).unwrap();
        assert!(made.starts_with(b"\0asm"), "{made:?}");
        fs::write(&text, "(component").unwrap();
        let error = component(&text, folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("a.wat"), "{error:#}");
    }
}
