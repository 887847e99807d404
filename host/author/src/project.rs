//! A plugin's project, as it lies in a folder.
//!
//! Owns: where its parts are. Must not know: how it is built or tested.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lombard_model::Manifest;

use crate::{AuthorError, Language};

/// A plugin's project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where it is, without links and dots.
    pub folder: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// Its `plugin.toml`, as it is written.
    pub manifest_text: String,
    /// Its `plugin.toml`.
    pub manifest: Manifest,
}

impl Project {
    /// The project in this folder.
    ///
    /// # Errors
    /// Where there is none, its language is none that is known, or its manifest
    /// can't be taken.
    pub fn open(folder: &Path) -> Result<Self, AuthorError> {
        let folder = folder
            .canonicalize()
            .map_err(AuthorError::file(folder, "read"))?;
        let path = folder.join("plugin.toml");
        if !path.is_file() {
            return Err(AuthorError::NoProject(folder));
        }
        let manifest_text = manifest_text(&path)?;
        let manifest = Manifest::parse(&manifest_text)
            .map_err(|source| AuthorError::Manifest { path, source })?;
        let language =
            Language::of(&folder).ok_or_else(|| AuthorError::NoLanguage(folder.clone()))?;
        Ok(Self {
            folder,
            language,
            manifest_text,
            manifest,
        })
    }

    /// The contract it is built against.
    #[must_use]
    pub fn wit(&self) -> PathBuf {
        self.folder.join("wit")
    }

    /// Where builds put what they make.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// The plugin's file, once it is built.
    #[must_use]
    pub fn plugin_file(&self) -> PathBuf {
        self.target().join(format!("{}.wasm", self.manifest.name))
    }

    /// Where its test cases are.
    #[must_use]
    pub fn cases(&self) -> PathBuf {
        self.folder.join("cases")
    }
}

/// The text of a `plugin.toml`.
///
/// # Errors
/// Where it can't be read or is longer than a manifest may be.
pub fn manifest_text(path: &Path) -> Result<String, AuthorError> {
    let most = u64::try_from(Manifest::MAX_LEN).unwrap_or(u64::MAX);
    read_text(path, most)
}

/// A text of no more than so many bytes.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, AuthorError> {
    let unreadable = || AuthorError::file(path, "read");
    let file = File::open(path).map_err(unreadable())?;
    let mut text = String::new();
    let mut bounded = file.take(limit.saturating_add(1));
    let read = bounded.read_to_string(&mut text).map_err(unreadable())?;
    if u64::try_from(read).is_ok_and(|read| read > limit) {
        return Err(AuthorError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_project_says_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Project::open(folder.path());
        assert!(matches!(open(), Err(AuthorError::NoProject(_))));
        let manifest = "name = \"a\"\nversion = \"0.1.0\"\nkind = \"widget\"\napi = \"0.1.0\"\n";
        std::fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
        assert!(matches!(open(), Err(AuthorError::NoLanguage(_))));
        std::fs::create_dir(folder.path().join("src")).unwrap();
        std::fs::write(folder.path().join("src/plugin.c"), "").unwrap();
        let project = open().unwrap();
        assert_eq!(project.language, Language::C);
        assert!(project.plugin_file().ends_with("target/a.wasm"));
        let large = format!("# {}", "x".repeat(Manifest::MAX_LEN));
        std::fs::write(folder.path().join("plugin.toml"), large).unwrap();
        assert!(matches!(open(), Err(AuthorError::TooLarge { .. })));
    }
}
