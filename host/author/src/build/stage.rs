//! The sources of a project, as its tools see them.
//!
//! Owns: laying them out the same way whatever folder a project is in, so that
//! the same source gives the same component. Must not know: any language.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

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

/// What names the contents of all files in these folders, by their names there,
/// and these words.
pub(super) fn fingerprint(folders: &[&Path], words: &[&str]) -> Result<String, BuildError> {
    let mut hash = Sha256::new();
    for word in words {
        take(&mut hash, word.as_bytes());
    }
    for folder in folders {
        take_folder(&mut hash, folder, folder)?;
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn take_folder(hash: &mut Sha256, root: &Path, folder: &Path) -> Result<(), BuildError> {
    for path in entries(folder)? {
        if path.is_dir() {
            take_folder(hash, root, &path)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path);
        take(hash, name.as_os_str().as_encoded_bytes());
        take(
            hash,
            &fs::read(&path).map_err(BuildError::io(&path.display()))?,
        );
    }
    Ok(())
}

/// With its length before it, so that no two lists of parts are the same.
fn take(hash: &mut Sha256, part: &[u8]) {
    hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.update(part);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_names_and_contents_and_of_no_place() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for folder in [&one, &other] {
            fs::create_dir(folder.path().join("in")).unwrap();
            fs::write(folder.path().join("in/a"), "ab").unwrap();
        }
        let of = |folder: &tempfile::TempDir| fingerprint(&[folder.path()], &["1"]).unwrap();
        assert_eq!(of(&one), of(&other));
        assert_ne!(of(&one), fingerprint(&[one.path()], &["2"]).unwrap());
        fs::rename(other.path().join("in/a"), other.path().join("in/b")).unwrap();
        assert_ne!(of(&one), of(&other));
    }
}
