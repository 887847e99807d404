//! The languages that plugins are written in.
//!
//! Owns: their names, and the file by which a project's language is known.
//! Must not know: how any of them is built.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A language that there is a template and a build for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the SDK.
    Rust,
    /// JavaScript.
    Js,
    /// Python.
    Python,
    /// C.
    C,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rust, Self::Js, Self::Python, Self::C];

    /// As it is written on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Js => "js",
            Self::Python => "python",
            Self::C => "c",
        }
    }

    /// The file that every project of this language has.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Js => "src/plugin.js",
            Self::Python => "src/plugin.py",
            Self::C => "src/plugin.c",
        }
    }

    /// The language of the project in this folder.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let has = |language: &Self| folder.join(language.mark()).is_file();
        Self::ALL.into_iter().find(has)
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|language| language.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is none of rust, js, python and c"))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
