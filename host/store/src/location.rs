//! Where the database is.
//!
//! Owns: reading `--db`. Must not know: how to connect.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::StoreError;

/// The database of a host: an SQLite file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    path: PathBuf,
}

impl Location {
    /// The database in this file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FromStr for Location {
    type Err = StoreError;

    /// Reads `sqlite://PATH`, `sqlite:PATH` or `PATH`.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let refused = |reason| {
            // What stands behind the scheme of a URL may be a password.
            let location = match text.split_once("://") {
                Some((scheme, _)) => format!("{scheme}://…"),
                None => text.to_owned(),
            };
            Err(StoreError::Location { location, reason })
        };
        let sqlite = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"));
        let path = match sqlite {
            Some(path) => path,
            None if text.contains("://") => {
                return refused("only SQLite is supported: give a file or sqlite://FILE");
            }
            None => text,
        };
        if path.is_empty() || path.contains('?') {
            return refused("give the name of a file, without options");
        }
        if path.contains(":memory:") {
            return refused("a database in memory can't be shared by connections; give a file");
        }
        Ok(Self::file(path))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_with_or_without_scheme() {
        for text in [
            "sqlite:///tmp/a.sqlite",
            "sqlite:/tmp/a.sqlite",
            "/tmp/a.sqlite",
        ] {
            let location: Location = text.parse().unwrap();
            assert_eq!(location.path(), Path::new("/tmp/a.sqlite"));
        }
    }

    #[test]
    fn others_are_refused_without_telling_a_password() {
        let error = "postgres://me:secret@db/lombard"
            .parse::<Location>()
            .unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        for bad in ["", "sqlite:", "sqlite::memory:", "a.sqlite?mode=ro"] {
            assert!(bad.parse::<Location>().is_err(), "{bad:?} was taken");
        }
    }
}
