//! What can go wrong with a project.
//!
//! Owns: the errors and what to do about each. Must not know: who is told.

use std::io;
use std::path::PathBuf;

use lombard_model::ManifestError;
use lombard_pack::PackError;

use crate::BuildError;

/// Why something with a project could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorError {
    /// There is something where a project is to be made.
    #[error("{} is there already", .0.display())]
    Occupied(PathBuf),
    /// A folder without `plugin.toml`.
    #[error("{} is no plugin project: it has no plugin.toml", .0.display())]
    NoProject(PathBuf),
    /// A project of no language that is known.
    #[error(
        "{} is in no language that is known: it has no Cargo.toml, src/plugin.js, \
         src/plugin.py or src/plugin.c",
        .0.display()
    )]
    NoLanguage(PathBuf),
    /// The manifest can't be taken.
    #[error("{}: {source}", path.display())]
    Manifest {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
    /// A file can't be read or written.
    #[error("{} can't be {doing}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried: `read`, `written`, `made`.
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A file that is no smaller than it may be.
    #[error("{} has more than {limit} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// How large it may be.
        limit: u64,
    },
    /// A case can't be read.
    #[error("{}: {fault}", path.display())]
    Case {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it, with the path to it.
        fault: String,
    },
    /// The project can't be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What was built is no plugin.
    #[error(transparent)]
    Pack(#[from] PackError),
}

impl AuthorError {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::Occupied(_) => "take another name, or another folder with --in".to_owned(),
            Self::NoProject(_) => {
                "go to the project's folder or name it; `lombard plugin new` makes one".to_owned()
            }
            Self::NoLanguage(_) => {
                "build it with its own tools, then `lombard plugin pack COMPONENT`".to_owned()
            }
            Self::Manifest { .. } => "correct it there".to_owned(),
            Self::Case { .. } => {
                "correct the case; docs/book/src/cases.md says what one can be".to_owned()
            }
            Self::Build(error) => return error.remedy().map(str::to_owned),
            Self::File { .. } | Self::TooLarge { .. } | Self::Pack(_) => return None,
        };
        Some(text)
    }

    pub(crate) fn file(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            path,
            doing,
            source,
        }
    }
}
