//! Making the plugin's file of a project.
//!
//! Owns: which recipe is its language's, that what comes of it is packed and
//! put in place whole, and why a build can fail. Must not know: tests, hosts.

mod c;
mod fixed;
mod js;
mod python;
mod rust;
mod rustc;
mod stage;
mod tool;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{AuthorError, Language, Project, sdk};

pub use rustc::in_place_of_rustc;

/// What was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The plugin's file.
    pub file: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Builds the project with its language's own tools, and writes the plugin's
/// file: the component with its manifest and metadata. The same source gives
/// the same bytes. `data` is the user's folder, where the SDK for Rust is.
///
/// # Errors
/// Where a tool is missing or fails, what was built is no plugin, or a file
/// can't be written. The file of an earlier build is then as it was.
pub fn build(project: &Project, data: &Path) -> Result<Built, AuthorError> {
    let target = project.target();
    fs::create_dir_all(&target).map_err(AuthorError::file(&target, "made"))?;
    let manifest = &project.manifest_text;
    let bytes = match project.language {
        Language::Rust => {
            // It may be gone, or of another version of this program.
            sdk::unpack(data)?;
            lombard_pack::pack(&rust::build(project, data)?, manifest)?
        }
        Language::Js => lombard_pack::pack_component(&js::build(project)?, manifest)?,
        Language::Python => lombard_pack::pack_component(&python::build(project)?, manifest)?,
        Language::C => lombard_pack::pack_component(&c::build(project)?, manifest)?,
    };
    let file = project.plugin_file();
    put(&file, &bytes)?;
    Ok(Built { file, bytes })
}

/// Puts the whole file in place at once, so that nobody reads half of it; one
/// that would be the same is left alone, so that nobody takes it for new.
fn put(file: &Path, bytes: &[u8]) -> Result<(), AuthorError> {
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let part = file.with_extension(format!("wasm.{}.part", std::process::id()));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, file))
        .map_err(AuthorError::file(file, "written"))
}

impl Project {
    /// The name of the world that a plugin of this kind has.
    fn world(&self) -> String {
        self.manifest.kind.to_string()
    }

    /// The scratch folder of one step, made where it is missing.
    fn scratch(&self, step: &str) -> Result<PathBuf, BuildError> {
        let folder = self.target().join(step);
        fs::create_dir_all(&folder).map_err(BuildError::io(&folder.display()))?;
        // Tools are run in folders of their own.
        folder
            .canonicalize()
            .map_err(BuildError::io(&folder.display()))
    }
}

/// Why a project was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A tool is not there.
    #[error("`{tool}` is needed for that, and can't be found")]
    MissingTool {
        /// Its name.
        tool: &'static str,
        /// How to get it.
        remedy: &'static str,
    },
    /// A tool said no.
    #[error("`{tool}` failed: {output}")]
    Failed {
        /// Its name.
        tool: &'static str,
        /// What it had to say, the end of it where that was much.
        output: String,
    },
    /// A file or folder can't be read or written.
    #[error("{what}")]
    Io {
        /// Which one, or what was to be done.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No bindings can be made of the contract.
    #[error("no bindings can be made of the contract: {0}")]
    Bindings(String),
    /// What the compiler made can't become a component.
    #[error("what was compiled can't be made a component: {0}")]
    Encode(String),
}

impl BuildError {
    fn io<T: ToString>(what: &T) -> impl FnOnce(io::Error) -> Self + use<T> {
        let what = what.to_string();
        |source| Self::Io { what, source }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::MissingTool { remedy, .. } => Some(remedy),
            Self::Failed { .. } => Some("correct what it told, and build again"),
            Self::Bindings(_) => Some("the folder `wit` has to be the one of a new project"),
            Self::Io { .. } | Self::Encode(_) => None,
        }
    }
}
