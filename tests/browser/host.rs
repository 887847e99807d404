//! The host as a process, and the command line beside it.
//!
//! Owns: a throw-away database, the process that serves it, and other
//! processes that work on it meanwhile. Must not know: what pages show.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// A folder with a database, for every process that works on it.
pub(crate) struct Folder(TempDir);

/// A host that serves. It ends when this is dropped.
pub(crate) struct Host {
    child: Child,
    pub(crate) folder: Folder,
    url: String,
    operator: String,
}

impl Host {
    /// Serves a database with this in it.
    pub(crate) fn with(dataset: &Json) -> Self {
        Self::prepared(dataset, |_| {})
    }

    /// The same, after something was done to it.
    pub(crate) fn prepared(dataset: &Json, prepare: impl FnOnce(&Folder)) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder for a database"));
        folder.import(dataset);
        prepare(&folder);
        let mut command = folder.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut text = String::new();
        // The document ends with its brace, and the process goes on.
        while !text.ends_with("}\n") {
            let read = stdout.read_line(&mut text).expect("it can be read");
            assert!(read > 0, "it does not serve: {text}");
        }
        let said: Json = serde_json::from_str(&text).expect("a document");
        let of = |key: &str| said[key].as_str().map(str::to_owned);
        Self {
            child,
            folder,
            url: of("listening").expect("an address"),
            operator: of("token").expect("the first token"),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The token of somebody who may change everything.
    pub(crate) fn operator(&self) -> &str {
        &self.operator
    }

    /// A new token of somebody who may look.
    pub(crate) fn viewer(&self) -> String {
        let made = self.folder.run(&["token", "new", "screen"]);
        let mut words = made.split_whitespace();
        let token = words.find(|word| word.starts_with("lmb_"));
        token.expect("a token").to_owned()
    }
}

impl Folder {
    /// A process of its own that imports this.
    pub(crate) fn import(&self, dataset: &Json) {
        let file = self.0.path().join("book.json");
        fs::write(&file, dataset.to_string()).expect("a file");
        self.run(&["import", &file.display().to_string()]);
    }

    /// The binary with these arguments; gives what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output();
        let output = output.expect("the binary runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("the binary prints UTF-8")
    }

    /// Installs a component that tests run, with other texts in it. They are as
    /// long, so that nothing else in it moves.
    pub(crate) fn install_forged(&self, guest: &str, texts: &[(&str, &str)]) {
        let name = format!("guest-{guest}.wasm");
        let file = built("LOMBARD_GUESTS", "guests").join(&name);
        let mut bytes = fs::read(&file).expect("a guest: `cargo xtask guests` makes it");
        for (from, to) in texts {
            assert_eq!(from.len(), to.len(), "{to}");
            let starts = 0..=bytes.len() - from.len();
            let found = starts.filter(|at| bytes[*at..].starts_with(from.as_bytes()));
            let found: Vec<_> = found.collect();
            assert!(!found.is_empty(), "`{from}` is not in {name}");
            for at in found {
                bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
            }
        }
        let file = self.0.path().join(&name);
        fs::write(&file, bytes).expect("a file");
        self.run(&[
            "plugin",
            "install",
            &file.display().to_string(),
            "--grant-all",
        ]);
    }

    /// The binary with an environment of its own.
    fn command(&self) -> Command {
        let named = std::env::var_os("LOMBARD_BIN").map(PathBuf::from);
        let binary = named.unwrap_or_else(|| here().join("../../target/release/lombard"));
        assert!(
            binary.exists(),
            "no {}: `cargo xtask test` builds it",
            binary.display()
        );
        // Compiled components are kept for all tests and all runs of them.
        let compiled = built("LOMBARD_GUESTS", "guests").with_file_name("compiled-for-tests");
        let folder = self.0.path();
        let mut command = Command::new(binary);
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", folder.join("home"))
            .env("TMPDIR", folder)
            .env("LC_ALL", "C.UTF-8")
            .env("LOMBARD_DB", folder.join("book.sqlite"))
            .env("LOMBARD_CACHE", compiled);
        command
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A scenario of the golden ones.
pub(crate) fn golden(name: &str) -> Json {
    let file = here().join(format!("../golden/{name}.json"));
    let text = fs::read_to_string(&file).expect("a scenario");
    serde_json::from_str(&text).expect("a scenario is JSON")
}

/// What `lombard demo` imports.
pub(crate) fn demo() -> Json {
    let data = here().join("../../host/cli/data");
    let text = fs::read_to_string(data.join("demo.json")).expect("the demo's data");
    let mut dataset: Json = serde_json::from_str(&text).expect("it is JSON");
    let bars = fs::read_to_string(data.join("market/daily_bars.csv")).expect("its bars");
    let mut lines = bars.lines();
    let columns: Vec<_> = lines.next().expect("a heading").split(',').collect();
    let bar = |line: &str| -> Json {
        let fields = columns.iter().zip(line.split(','));
        let fields = fields.map(|(key, value)| ((*key).to_owned(), Json::from(value)));
        Json::Object(fields.collect())
    };
    dataset["bars"] = lines.filter(|line| !line.is_empty()).map(bar).collect();
    dataset
}

fn built(variable: &str, folder: &str) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| here().join("../../target").join(folder))
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
