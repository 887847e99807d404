//! Test cases of a plugin, as data.
//!
//! Owns: their form, finding them in a folder, and what is expected of each.
//! Must not know: how a plugin is called.
//!
//! A case is a file `cases/NAME.toml`; what it should give stands beside it in
//! `cases/NAME.expected.json`:
//!
//! ```toml
//! description = "Two open trades"
//! dataset = "book.json"           # beside it; without one, the demo's data
//! as_of = "2013-03-01T21:00:00Z"
//!
//! [request]                       # all of it may be left out
//! max_rows = 10                   # a widget's
//! expert = 7                      # an expert's: instance, symbols, purpose
//! symbols = ["AAPL"]
//! use_case = "enter_market"
//!
//! [settings]                      # of the render, or of the expert instance
//! top = 5
//!
//! [at_most]                       # what it may cost
//! statements = 5
//! ```
//!
//! A recording of a call is a case too: `cases/NAME.recording.json`, which holds
//! what the plugin is answered and what it has to give.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lombard_model::{ExpertId, Grants, Symbol, Timestamp, UseCase};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::AuthorError;
use crate::project::read_text;

/// The largest case, in bytes.
const MAX_CASE: u64 = 256 << 10;

/// The largest file of what is expected, in bytes.
const MAX_EXPECTED: u64 = 64 << 20;

/// The most files in the folder of a project's cases.
const MAX_ENTRIES: usize = 10_000;

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of its file, without `.toml`.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// What it says.
    pub spec: CaseSpec,
}

/// What a case says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSpec {
    /// What it is about, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The `lombard-dataset/1` document, beside the case; none: the demo's.
    #[serde(default)]
    pub dataset: Option<PathBuf>,
    /// The time of the call.
    #[serde(default = "last_close")]
    pub as_of: Timestamp,
    /// What is asked.
    #[serde(default)]
    pub request: RequestSpec,
    /// Settings by key, as JSON or TOML has them.
    #[serde(default)]
    pub settings: BTreeMap<String, Json>,
    /// What it is granted; none: all that it asks for.
    #[serde(default)]
    pub grants: Option<Grants>,
    /// What the call may cost.
    #[serde(default)]
    pub at_most: Ceilings,
}

/// What is asked of the plugin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// The most rows of a widget's tables.
    #[serde(default)]
    pub max_rows: Option<u32>,
    /// The expert instance; none: the first of the plugin, or one that is made
    /// up.
    #[serde(default)]
    pub expert: Option<ExpertId>,
    /// What an expert looks at; none: as `lombard expert run` has it.
    #[serde(default)]
    pub symbols: Vec<Symbol>,
    /// What an expert looks for; none: to enter the market.
    #[serde(default)]
    pub use_case: Option<UseCase>,
}

/// What a call may cost at most. What is not said has no ceiling.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceilings {
    /// SQL statements.
    #[serde(default)]
    pub statements: Option<u64>,
    /// Rows that are read.
    #[serde(default)]
    pub rows: Option<u64>,
    /// Calls of the plugin into the host.
    #[serde(default)]
    pub host_calls: Option<u64>,
    /// Bytes of memory.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// Look-ups of one thing of a kind: 1 allows no loop.
    #[serde(default)]
    pub look_ups: Option<u64>,
}

fn last_close() -> Timestamp {
    CaseSpec::LAST_CLOSE
}

impl CaseSpec {
    /// The time of a case that says none: the close of the last day that the
    /// demo's data has bars for.
    pub const LAST_CLOSE: Timestamp = Timestamp::from_micros(1_362_171_600_000_000);
}

impl Case {
    /// Where what is expected of it stands.
    #[must_use]
    pub fn expected_file(&self) -> PathBuf {
        self.file
            .with_file_name(format!("{}.expected.json", self.name))
    }

    /// The dataset's file; none: the demo's data.
    #[must_use]
    pub fn dataset_file(&self) -> Option<PathBuf> {
        let dataset = self.spec.dataset.as_ref()?;
        Some(self.file.parent().unwrap_or(Path::new("")).join(dataset))
    }

    /// What is expected of it; none where nothing was accepted yet.
    ///
    /// # Errors
    /// Where the file can't be read, is too large or no JSON.
    pub fn expected(&self) -> Result<Option<Json>, AuthorError> {
        let path = self.expected_file();
        if !path.exists() {
            return Ok(None);
        }
        let text = read_text(&path, MAX_EXPECTED)?;
        let read = serde_json::from_str(&text);
        read.map(Some).map_err(|error| AuthorError::Case {
            path,
            fault: error.to_string(),
        })
    }

    /// Takes what it gave for what is expected of it.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn accept(&self, found: &Json) -> Result<(), AuthorError> {
        let path = self.expected_file();
        let text = format!("{found:#}\n");
        fs::write(&path, text).map_err(AuthorError::file(path, "written"))
    }
}

/// The recordings in a folder, with their names; none where there is no such
/// folder.
///
/// # Errors
/// Where the folder can't be read.
pub fn recordings(folder: &Path) -> Result<Vec<(String, PathBuf)>, AuthorError> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = name.strip_suffix(".recording.json") {
            found.push((name.to_owned(), path.clone()));
        }
    }
    Ok(found)
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, AuthorError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = || AuthorError::file(folder, "read");
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable())? {
        paths.push(entry.map_err(unreadable())?.path());
        if paths.len() > MAX_ENTRIES {
            return Err(AuthorError::Case {
                path: folder.to_owned(),
                fault: format!("it holds more than {MAX_ENTRIES} files"),
            });
        }
    }
    paths.sort();
    Ok(paths)
}

/// The cases in a folder, by name; none where there is no such folder.
///
/// # Errors
/// Where one can't be read; its path and what is wrong are told.
pub fn find(folder: &Path) -> Result<Vec<Case>, AuthorError> {
    let is_case = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "toml");
    entries(folder)?
        .into_iter()
        .filter(is_case)
        .map(read)
        .collect()
}

fn read(file: PathBuf) -> Result<Case, AuthorError> {
    let text = read_text(&file, MAX_CASE)?;
    let fault = |fault: String| AuthorError::Case {
        path: file.clone(),
        fault,
    };
    let document = toml::Deserializer::parse(&text).map_err(|error| fault(error.to_string()))?;
    let read = serde_path_to_error::deserialize(document);
    let spec = read.map_err(|error| {
        let path = error.path().to_string();
        let words = error.into_inner().message().to_owned();
        fault(match path.as_str() {
            "." => words,
            path => format!("{path}: {words}"),
        })
    })?;
    let name = file.file_stem().unwrap_or_default();
    Ok(Case {
        name: name.to_string_lossy().into_owned(),
        spec,
        file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, Result<Vec<Case>, AuthorError>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one.toml"), text).unwrap();
        fs::write(folder.path().join("one.expected.json"), "{}").unwrap();
        let found = find(folder.path());
        (folder, found)
    }

    #[test]
    fn a_case_of_nothing_is_the_demo_s_data_at_its_last_close() {
        let (_folder, found) = written("");
        let [case] = &found.unwrap()[..] else {
            panic!("not one case");
        };
        assert_eq!(case.name, "one");
        assert_eq!(case.dataset_file(), None);
        assert_eq!(case.spec.as_of, "2013-03-01T21:00:00Z".parse().unwrap());
        assert_eq!(case.expected().unwrap(), Some(serde_json::json!({})));
    }

    #[test]
    fn all_that_a_case_can_say_is_read() {
        let (folder, found) = written(
            r#"
            description = "d"
            dataset = "book.json"
            as_of = "2026-01-02T21:00:00Z"
            grants = ["read:orders"]
            [request]
            max_rows = 3
            expert = 7
            symbols = ["AAPL"]
            use_case = "open_positions"
            [settings]
            top = 5
            names = ["a"]
            [at_most]
            statements = 5
            "#,
        );
        let case = found.unwrap().remove(0);
        assert_eq!(case.dataset_file(), Some(folder.path().join("book.json")));
        let CaseSpec {
            request, settings, ..
        } = &case.spec;
        assert_eq!(request.use_case, Some(UseCase::OpenPositions));
        assert_eq!((request.max_rows, request.symbols.len()), (Some(3), 1));
        assert_eq!(settings["top"], serde_json::json!(5));
        assert_eq!(case.spec.at_most.statements, Some(5));
        case.accept(&serde_json::json!({ "view": 1 })).unwrap();
        assert_eq!(case.expected().unwrap().unwrap()["view"], 1);
    }

    #[test]
    fn a_fault_is_told_with_the_path_to_it() {
        for (text, told) in [
            ("[request]\nmax_rows = -1", "request.max_rows"),
            ("[at_most]\nstatement = 5", "at_most"),
            ("as_of = \"yesterday\"", "as_of"),
            ("= 3", ""),
        ] {
            let (_folder, found) = written(text);
            let Err(AuthorError::Case { fault, .. }) = found else {
                panic!("{text}: {found:?}");
            };
            assert!(fault.contains(told), "{text}: {fault}");
        }
    }
}
