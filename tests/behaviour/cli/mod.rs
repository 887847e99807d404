//! The command line, as a user or a script drives it: the binary itself, its
//! exit codes, what it prints where.
//!
//! Owns: running the binary on a throw-away database, and what must hold
//! however it ends. Must not know: how a command does its work.

mod addresses;
mod audit;
mod authors;
mod bench;
pub(crate) mod books;
mod checks;
mod client;
mod completions;
mod databases;
mod demo;
mod documents;
mod ends;
mod experts;
pub(crate) mod goldens;
mod limits;
mod plugins;
mod processes;
mod secrets;
mod serve;
pub(crate) mod serving;
mod settings;
mod strangers;
mod traces;
mod trials;
mod tutorials;
mod usage;
mod versions;
mod widgets;

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::files;

/// A user of the binary, with a folder of their own.
pub(crate) struct User {
    folder: TempDir,
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl User {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// A user who has imported this document.
    pub(crate) fn with(document: &Json) -> Self {
        let user = Self::new();
        user.import(document);
        user
    }

    fn import(&self, document: &Json) -> Json {
        let file = self.write("book.json", document.to_string());
        self.json(&["import", &file])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("book.sqlite")
    }

    /// Writes a file; gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    /// A guest as a file.
    pub(crate) fn guest(&self, name: &str) -> String {
        self.write(&format!("guest-{name}.wasm"), files::guest(name))
    }

    /// The binary with these arguments and an environment of its own.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(files::binary());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("LOMBARD_DB", self.database())
            .env("LOMBARD_CACHE", files::shared_compiled());
        command
    }

    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the binary runs"))
    }

    /// What a command prints that has to work.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        self.run(arguments).done(arguments)
    }

    /// The one document that a command prints which has to work.
    pub(crate) fn json(&self, arguments: &[&str]) -> Json {
        let mut all = arguments.to_vec();
        all.push("--json");
        let text = self.text(&all);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{all:?}: {error}: {text}"))
    }

    /// The message of a command that has to fail.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {ran:?}");
        ran.refused(arguments)
    }

    /// The message of a command that nobody may write like that.
    pub(crate) fn misuses(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        ran.refused(arguments)
    }
}

/// All that somebody sees who renders this file.
pub(crate) fn harmed(widget: &[u8]) -> String {
    let user = User::with(&books::of(4));
    let file = user.write("widget.wasm", widget);
    let ran = user.run(&["widget", "render", &file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout + &ran.stderr
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the binary prints UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn done(self, arguments: &[&str]) -> String {
        assert_eq!(self.code, Some(0), "{arguments:?}: {self:?}");
        self.stdout
    }

    /// A failure says why on stderr, and nothing else anywhere.
    fn refused(self, arguments: &[&str]) -> String {
        assert_eq!(self.stdout, "", "{arguments:?} failed and printed a result");
        assert!(
            !self.stderr.trim().is_empty(),
            "{arguments:?} failed without a word"
        );
        for trace in ["stack backtrace", "panicked at host", "RUST_BACKTRACE"] {
            assert!(
                !self.stderr.contains(trace),
                "{arguments:?}: {}",
                self.stderr
            );
        }
        self.stderr
    }
}

/// The rows that a document has under this key.
pub(crate) fn rows<'a>(document: &'a Json, key: &str) -> &'a [Json] {
    let rows = document[key].as_array();
    rows.unwrap_or_else(|| panic!("no list `{key}` in {document}"))
}

/// That an object has these keys, whatever else it has.
pub(crate) fn has_keys(object: &Json, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "no `{key}` in {object}");
    }
}

/// That a message has all of these words.
pub(crate) fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}
