//! Building a project with its language's own tools.
//!
//! Owns: what a project is, which recipe is its language's, and why a build can
//! fail. Must not know: how a manifest gets into a component, and how Rust is
//! built.

use std::io;
use std::path::PathBuf;

use lombard_model::Manifest;

mod c;
mod fixed;
mod js;
mod python;
mod stage;
mod tool;

/// A plugin's project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder, with `plugin.toml`, `src` and the language's helper in
    /// `lombard`.
    pub folder: PathBuf,
    /// What `plugin.toml` says.
    pub manifest: Manifest,
    /// The folder of the contract that it is built for.
    pub wit: PathBuf,
    /// A folder for whatever comes up on the way. It may be deleted at any time
    /// between two builds.
    pub target: PathBuf,
}

impl Project {
    /// The name of the world that a plugin of this kind has.
    fn world(&self) -> String {
        self.manifest.kind.to_string()
    }

    /// The scratch folder of one step, made where it is missing.
    fn scratch(&self, step: &str) -> Result<PathBuf, BuildError> {
        let folder = self.target.join(step);
        std::fs::create_dir_all(&folder).map_err(BuildError::io(&folder.display()))?;
        // Tools are run in folders of their own.
        folder
            .canonicalize()
            .map_err(BuildError::io(&folder.display()))
    }
}

/// A language that plugins are written in, beside Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// JavaScript: `src/plugin.js`.
    Js,
    /// Python: `src/plugin.py`.
    Python,
    /// C: all of `src/*.c`.
    C,
}

impl Language {
    /// The language of a project, as its sources tell; none where they tell
    /// none of these.
    #[must_use]
    pub fn of(project: &Project) -> Option<Self> {
        let has = |name: &str| project.folder.join("src").join(name).is_file();
        [
            ("plugin.js", Self::Js),
            ("plugin.py", Self::Python),
            ("plugin.c", Self::C),
        ]
        .into_iter()
        .find_map(|(name, language)| has(name).then_some(language))
    }
}

/// Builds a project. What comes of it is a component without a manifest, the
/// same for the same source where the language's tools let it be.
///
/// # Errors
/// Where a tool is missing or fails, or what it makes is no component.
pub fn build(language: Language, project: &Project) -> Result<Vec<u8>, BuildError> {
    match language {
        Language::Js => js::build(project),
        Language::Python => python::build(project),
        Language::C => c::build(project),
    }
}

/// Why a project was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A tool is not there.
    #[error("`{tool}` is needed for that, and can't be found; {remedy}")]
    MissingTool {
        /// Its name.
        tool: &'static str,
        /// How to get it.
        remedy: &'static str,
    },
    /// A tool said no.
    #[error("`{tool}` failed:\n{output}")]
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
}
