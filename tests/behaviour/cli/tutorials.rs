//! The tutorials of the book, as a reader follows them: every command in its
//! order, on files that are what the pages show.
//!
//! Owns: reading a page, and doing what it says. Must not know: what a tutorial
//! is about.
//!
//! Of the blocks of a page these are followed:
//!
//! | block | does |
//! | --- | --- |
//! | `sh` | has to work, with every command in it |
//! | `sh fails` | has to fail |
//! | `LANGUAGE file=NAME` | is the whole content of this file |
//! | `diff file=NAME` | replaces in this file what begins with `-` by what begins with `+` |

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::files;

/// One after the other: they build the same dependencies.
#[test]
fn every_command_of_the_tutorials_works() {
    for page in ["tutorial-widget.md", "tutorial-expert.md"] {
        Reader::new().follow(page);
    }
}

/// What a page asks its reader to do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Run {
        script: String,
        fails: bool,
    },
    Write {
        file: String,
        text: String,
    },
    Change {
        file: String,
        from: String,
        to: String,
    },
}

/// The steps of a page, each with the number of the line it begins at.
fn steps(page: &str) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    let mut lines = (1..).zip(page.lines());
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let text: String = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        steps.extend(step(info, text).map(|step| (number, step)));
    }
    steps
}

fn step(info: &str, text: String) -> Option<Step> {
    let (language, more) = info.split_once(' ').unwrap_or((info, ""));
    let file = more.strip_prefix("file=").map(str::to_owned);
    Some(match (language, file) {
        ("sh", None) => Step::Run {
            script: text,
            fails: more == "fails",
        },
        ("diff", Some(file)) => {
            let (from, to) = (side(&text, '-'), side(&text, '+'));
            Step::Change { file, from, to }
        }
        (_, Some(file)) => Step::Write { file, text },
        (_, None) => return None,
    })
}

/// The lines of one side of a difference.
fn side(text: &str, mark: char) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Somebody with a machine of their own, and this one's tools.
struct Reader {
    home: TempDir,
}

impl Reader {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a folder"),
        }
    }

    fn follow(&self, page: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/book/src");
        let text = fs::read_to_string(path.join(page)).expect("the page");
        let steps = steps(&text);
        let is_command = |(_, step): &&(usize, Step)| matches!(step, Step::Run { .. });
        assert!(
            steps.iter().filter(is_command).count() > 5,
            "{page} was not read: {steps:?}"
        );
        let work = self.home.path().join("work");
        fs::create_dir(&work).expect("a folder");
        let mut here = work;
        for (number, step) in steps {
            let place = format!("{page}:{number}");
            match step {
                Step::Run { script, fails } => here = self.run(&place, &here, &script, fails),
                Step::Write { file, text } => {
                    fs::write(here.join(&file), text)
                        .unwrap_or_else(|error| panic!("{place}: {file}: {error}"));
                }
                Step::Change { file, from, to } => change(&place, &here.join(file), &from, &to),
            }
        }
    }

    /// Runs a block as one reader types it, and gives the folder they are in
    /// behind it.
    fn run(&self, place: &str, here: &Path, script: &str, fails: bool) -> PathBuf {
        let left = self.home.path().join("left-in");
        // What is typed is told, so that a failure names its command.
        let script = format!("trap 'pwd > \"$LEFT_IN\"' EXIT\nset -eux\n{script}");
        let output = self
            .shell(here)
            .env("LEFT_IN", &left)
            .args(["-c", &script])
            .output()
            .expect("a shell");
        assert_eq!(
            output.status.success(),
            !fails,
            "{place}: {}\n{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let left = fs::read_to_string(left).expect("the folder that the block ended in");
        PathBuf::from(left.trim_end())
    }

    /// A shell that finds the binary and the tools of Rust, and no network.
    fn shell(&self, here: &Path) -> Command {
        let folder = |name: &str| self.home.path().join(name);
        let binary = files::binary();
        let beside = binary.parent().expect("a binary is in a folder");
        let paths = env::var_os("PATH").unwrap_or_default();
        let paths = [beside.to_owned()]
            .into_iter()
            .chain(env::split_paths(&paths));
        let mut shell = Command::new("sh");
        shell
            .current_dir(here)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", env::join_paths(paths).expect("a path of paths"))
            .env("HOME", folder("home"))
            .env("XDG_DATA_HOME", folder("data"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_STATE_HOME", folder("state"))
            .env("TMPDIR", self.home.path())
            .env("LC_ALL", "C.UTF-8")
            .env("LOMBARD_CACHE", files::shared_compiled())
            // What the workspace is built of is all that a plugin is built of.
            .env("CARGO_NET_OFFLINE", "true")
            // So that the next reader's tools need not be built anew.
            .env("CARGO_TARGET_DIR", files::shared_builds())
            .env("CARGO_HOME", home_of("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", home_of("RUSTUP_HOME", ".rustup"));
        if let Some(toolchain) = env::var_os("RUSTUP_TOOLCHAIN") {
            shell.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        shell
    }
}

/// Where a tool keeps what it was given, on this machine.
fn home_of(variable: &str, folder: &str) -> PathBuf {
    let named = env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| env::home_dir().unwrap_or_default().join(folder))
}

fn change(place: &str, file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert_eq!(
        text.matches(from).count(),
        1,
        "{place}: what is to be replaced is not in {} once",
        file.display()
    );
    fs::write(file, text.replace(from, to)).expect("the file");
}

#[test]
fn a_page_is_read_as_its_reader_reads_it() {
    let page = "a\n```sh\ncd a\nls\n```\n```text\nls\n```\n```sh fails\nfalse\n```\n\
                ```toml file=a.toml\nb = 1\n```\n```diff file=a.toml\n-b = 1\n+b = 2\n+c = 3\n```\n";
    let run = |script: &str, fails| Step::Run {
        script: script.to_owned(),
        fails,
    };
    let found: Vec<_> = steps(page).into_iter().map(|(_, step)| step).collect();
    let expected = [
        run("cd a\nls\n", false),
        run("false\n", true),
        Step::Write {
            file: "a.toml".to_owned(),
            text: "b = 1\n".to_owned(),
        },
        Step::Change {
            file: "a.toml".to_owned(),
            from: "b = 1\n".to_owned(),
            to: "b = 2\nc = 3\n".to_owned(),
        },
    ];
    assert_eq!(found, expected);
}
