//! Somebody who writes a plugin, in each language: from nothing to a plugin in a
//! host, by the commands that the README of the new project names.
//!
//! Owns: running the binary as such a person does, with the tools of the
//! machine. Must not know: how anything is built.

mod helper;
mod helpers;
mod reproducible;
mod watch;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{Ran, rows, says};
use crate::support::files;

/// An author, with a folder of their own.
struct Author {
    folder: tempfile::TempDir,
    /// What is the user's of it: where the SDK is unpacked.
    data: PathBuf,
    /// Where tools are kept, and what is made once.
    tools: PathBuf,
}

impl Author {
    fn new() -> Self {
        let shared = files::binary().with_file_name("authors");
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            data: shared.join("data"),
            tools: shared.join("tools"),
        }
    }

    /// The binary in this folder. Tools and what they keep are the machine's;
    /// what is large is shared by all tests.
    fn run(&self, at: &Path, arguments: &[&str]) -> Ran {
        Ran::of(
            self.command(at, arguments)
                .output()
                .expect("the binary runs"),
        )
    }

    fn command(&self, at: &Path, arguments: &[&str]) -> Command {
        let shared = files::binary().with_file_name("authors");
        let mut command = Command::new(files::binary());
        command
            .args(arguments)
            .current_dir(at)
            .env("LOMBARD_DB", self.folder.path().join("book.sqlite"))
            .env("LOMBARD_CACHE", files::shared_compiled())
            .env("LOMBARD_TOOLS", &self.tools)
            .env("XDG_DATA_HOME", &self.data)
            .env("CARGO_TARGET_DIR", shared.join("target"))
            .env_remove("LOMBARD_HOST")
            .env("NO_COLOR", "1");
        command
    }

    fn text(&self, at: &Path, arguments: &[&str]) -> String {
        self.run(at, arguments).done(arguments)
    }

    fn json(&self, at: &Path, arguments: &[&str]) -> Json {
        let all = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.text(at, &all)).expect("a document")
    }

    /// A new project; gives its folder.
    fn new_plugin(&self, name: &str, kind: &str, lang: &str) -> PathBuf {
        let at = self.folder.path();
        self.text(at, &["plugin", "new", name, "--kind", kind, "--lang", lang]);
        at.join(name)
    }

    /// Copies a project to another place, without what was built.
    fn copy(&self, project: &Path, to: &str) -> PathBuf {
        let to = self.folder.path().join(to);
        copy(project, &to);
        to
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        match path.is_dir() {
            true if name == OsStr::new("target") => {}
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).expect("a copy")),
        }
    }
}

/// The commands of a README's table, in its order.
fn named(project: &Path) -> Vec<String> {
    let readme = fs::read_to_string(project.join("README.md")).expect("a README");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let commands = rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()));
    let of_ours = commands.filter(|command| command.starts_with("lombard "));
    // That one ends when its author does.
    of_ours
        .filter(|command| !command.ends_with(" watch"))
        .collect()
}

/// Does what the README says, in its order, with no edit.
fn newcomer(kind: &str, lang: &str) -> (Author, PathBuf) {
    let author = Author::new();
    let project = author.new_plugin("my-plugin", kind, lang);
    let named = named(&project);
    assert!(named.len() > 5, "{named:?}");
    for command in &named {
        let arguments: Vec<_> = command.split(' ').skip(1).collect();
        let said = author.text(&project, &arguments);
        match arguments[..] {
            ["widget", ..] | ["plugin", "run"] if kind == "widget" => {
                says(&said, &["My plugin", "AAPL", "22"]);
            }
            ["expert", ..] | ["plugin", "run"] => says(&said, &["AAPL", "MSFT"]),
            ["plugin", "test"] => says(&said, &["ok     demo"]),
            _ => {}
        }
    }
    (author, project)
}

#[test]
fn a_widget_in_rust() {
    let (author, project) = newcomer("widget", "rust");
    reproducible::is_reproducible(&author, &project);
    // An edit shows, a test sees it, and it can be taken for what is meant.
    let source = project.join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace("\"Open trades\"", "\"Trades\"")).unwrap();
    let ran = author.run(&project, &["plugin", "test", "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["2 of 2 cases failed", "--accept"]);
    let tried: Json = serde_json::from_str(&ran.stdout).unwrap();
    let first = &rows(&tried, "cases")[0];
    assert_eq!(
        first["differences"],
        json!([{ "path": "view.blocks[1].label", "expected": "Open trades", "found": "Trades" }])
    );
    author.text(&project, &["plugin", "test", "--accept"]);
    author.text(&project, &["plugin", "test"]);
    // What the compiler says of a mistake is shown.
    fs::write(&source, text.replace("Ok(summary", "Ok(sumary")).unwrap();
    let ran = author.run(&project, &["plugin", "build"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stderr, &["cargo", "sumary"]);
}

#[test]
fn an_expert_in_rust() {
    let (author, project) = newcomer("expert", "rust");
    // Settings stand in the code, and in what is packed.
    let checked = author.json(&project, &["plugin", "check"]);
    assert_eq!(checked["settings"]["days"]["default"], 50);
    assert_eq!(checked["lints"], json!([]));
    let measured = author.json(&project, &["plugin", "bench", "--calls", "5"]);
    assert_eq!(rows(&measured, "cases")[0]["cost"]["sessions"], 1);
}

#[test]
fn a_widget_in_javascript() {
    let (author, project) = newcomer("widget", "js");
    reproducible::is_reproducible(&author, &project);
}

#[test]
fn an_expert_in_javascript() {
    newcomer("expert", "js");
}

#[test]
fn a_widget_in_python() {
    let (author, project) = newcomer("widget", "python");
    reproducible::is_reproducible(&author, &project);
}

#[test]
fn an_expert_in_python() {
    let (author, project) = newcomer("expert", "python");
    // A mistake is shown where it stands in the project, and nothing of the tool's.
    fs::write(project.join("src/rule.py"), "days = 50\ndays = = 20\n").unwrap();
    let source = project.join("src/plugin.py");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replacen("\nfrom ", "\nimport rule\nfrom ", 1)).unwrap();
    let ran = author.run(&project, &["plugin", "build"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let place = "File \"src/rule.py\", line 2";
    says(
        &ran.stderr,
        &["File \"src/plugin.py\"", place, "SyntaxError"],
    );
    assert!(!ran.stderr.contains("importlib"), "{}", ran.stderr);
}

#[test]
fn a_widget_in_c() {
    let (author, project) = newcomer("widget", "c");
    reproducible::is_reproducible(&author, &project);
}

#[test]
fn an_expert_in_c() {
    newcomer("expert", "c");
}

/// The example widgets give what the one in Rust gives, to the last letter.
fn golden(lang: &str, name: &str) {
    let author = Author::new();
    let examples = files::wit().with_file_name("plugins").join("examples");
    let project = author.copy(&examples.join(lang).join(name), name);
    let built = author.json(&project, &["plugin", "build"]);
    let file = built["file"].as_str().expect("a file");
    let imports = author.json(&project, &["plugin", "inspect", file])["imports"].take();
    for import in imports.as_array().expect("a list") {
        let import = import.as_str().expect("a name");
        assert!(import.starts_with("lombard:platform/"), "{import}");
    }
    let scenarios = files::wit().with_file_name("tests").join("golden");
    for scenario in fs::read_dir(scenarios).expect("the golden scenarios") {
        let scenario = scenario.expect("an entry").path();
        let text = fs::read_to_string(&scenario).expect("a scenario");
        let text: Json = serde_json::from_str(&text).expect("a scenario is JSON");
        let author = Author::new();
        let at = author.folder.path();
        fs::write(at.join("golden.json"), text["dataset"].to_string()).expect("a file");
        author.text(at, &["import", "golden.json"]);
        let render = |widget: &str| {
            let shown = author.json(at, &["widget", "render", widget, "--grant-all"]);
            (shown["view"].clone(), shown["cost"]["statements"].clone())
        };
        let ((view, statements), (expected, of_rust)) =
            (render(file), render("floating-pl-per-expert"));
        assert_eq!(view["blocks"], expected["blocks"], "{scenario:?}");
        assert!(
            statements.as_u64() <= of_rust.as_u64().max(Some(5)),
            "{statements}"
        );
    }
}

#[test]
fn the_same_widget_in_javascript() {
    golden("js", "floating-pl-js");
}

#[test]
fn the_same_widget_in_python() {
    golden("python", "floating-pl-python");
}

#[test]
fn the_same_widget_in_c() {
    golden("c", "floating-pl-c");
}

#[test]
fn what_can_t_be_made_or_found_is_told() {
    let author = Author::new();
    let at = author.folder.path();
    let fails = |at: &Path, arguments: &[&str], words: &[&str]| {
        let ran = author.run(at, arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {ran:?}");
        says(&ran.stderr, words);
    };
    fails(
        at,
        &["plugin", "build"],
        &["no plugin project", "lombard plugin new"],
    );
    fails(at, &["plugin", "test", "nowhere"], &["nowhere", "path"]);
    let project = author.new_plugin("mine", "widget", "c");
    let again = ["plugin", "new", "mine", "--kind", "widget", "--lang", "c"];
    fails(at, &again, &["is there already", "another name"]);
    for (arguments, words) in [
        (
            &["plugin", "new", "Mine", "--kind", "widget", "--lang", "c"],
            "plugin name",
        ),
        (
            &["plugin", "new", "mine2", "--kind", "gadget", "--lang", "c"],
            "gadget",
        ),
        (
            &["plugin", "new", "mine2", "--kind", "widget", "--lang", "go"],
            "rust, js, python",
        ),
    ] {
        let ran = author.run(at, arguments);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        says(&ran.stderr, &[words]);
    }
    fs::write(project.join("cases/bad.toml"), "[at_most]\nstatments = 1").unwrap();
    fails(&project, &["plugin", "test"], &["bad.toml", "statments"]);
    fs::remove_file(project.join("cases/bad.toml")).unwrap();
    fails(
        &project,
        &["plugin", "test", "--case", "none"],
        &["no case `none`", "demo"],
    );
    fs::write(project.join("cases/demo.toml"), "dataset = \"none.json\"").unwrap();
    fails(&project, &["plugin", "test"], &["none.json"]);
    fs::write(project.join("src/plugin.c"), "int broken(").unwrap();
    fails(&project, &["plugin", "build"], &["clang"]);
    fs::write(project.join("plugin.toml"), "name = 3").unwrap();
    fails(
        &project,
        &["plugin", "build"],
        &["plugin.toml", "expected a string"],
    );
}

#[test]
fn a_tool_that_is_missing_is_named_with_how_to_get_it() {
    let author = Author::new();
    for (lang, tool) in [
        ("rust", "cargo"),
        ("js", "node"),
        ("python", "python3"),
        ("c", "clang"),
    ] {
        let project = author.new_plugin(&format!("in-{lang}"), "widget", lang);
        let mut command = Command::new(files::binary());
        command
            .args(["plugin", "build"])
            .current_dir(&project)
            .env("PATH", author.folder.path())
            .env("XDG_DATA_HOME", author.folder.path())
            .env("LOMBARD_TOOLS", author.folder.path())
            .env_remove("WASI_SDK_PATH");
        let ran = Ran::of(command.output().unwrap());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        says(&ran.stderr, &[&format!("`{tool}` is needed"), "install"]);
    }
}

#[test]
fn a_case_that_costs_too_much_is_told_with_what_to_do() {
    let author = Author::new();
    let project = author.new_plugin("costly", "widget", "c");
    let case = "[at_most]\nstatements = 0\nrows = 3\n";
    fs::write(project.join("cases/demo.toml"), case).unwrap();
    let ran = author.run(&project, &["plugin", "test", "--case", "demo"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(
        &ran.stdout,
        &["FAILED demo", "statements: 1, and at most 0", "rows: 22"],
    );
    // What loops is shown the set call that replaces it.
    let naive = files::plugin("naive-floating-pl");
    fs::write(author.folder.path().join("naive.wasm"), naive).unwrap();
    let ran = author.json(author.folder.path(), &["plugin", "run", "naive.wasm"]);
    let advice = rows(&ran, "advice");
    says(
        &json!(advice).to_string(),
        &["one by one", "session.experts()"],
    );
}
