//! The sources of a project, as its tools see them.
//!
//! Owns: laying them out the same way whatever folder a project is in, so that
//! the same source gives the same component. Must not know: any language.

use std::fs;
use std::path::{Path, PathBuf};

use super::BuildError;
use crate::Project;

/// Folders of a project whose files take part in a build.
const PARTS: [&str; 2] = ["src", "lombard"];

/// Copies the sources to a scratch folder and gives that. Links are followed:
/// tools that shut a source into its folder can't.
pub(super) fn sources(project: &Project, step: &str) -> Result<PathBuf, BuildError> {
    let stage = project.scratch(step)?.join("stage");
    // Else a file that is gone from the project would stay in the component.
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(BuildError::io(&stage.display()))?;
    }
    for part in PARTS {
        let from = project.folder.join(part);
        if from.is_dir() {
            copy(&from, &stage.join(part))?;
        }
    }
    Ok(stage)
}

/// The files in a folder whose names end so, in the order of their names.
pub(super) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(to).map_err(BuildError::io(&to.display()))?;
    for path in entries(from)? {
        let Some(name) = path.file_name() else {
            continue;
        };
        let to = to.join(name);
        // What a run of tests left behind is none of the source.
        if name == "__pycache__" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to)?;
        } else {
            let written = fs::read(&path).and_then(|bytes| fs::write(&to, bytes));
            written.map_err(BuildError::io(&path.display()))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut paths = listed.map_err(BuildError::io(&folder.display()))?;
    paths.sort();
    Ok(paths)
}
