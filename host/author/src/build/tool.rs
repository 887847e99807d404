//! Tools of other people.
//!
//! Owns: finding them, running them, what is shown of their output, and where
//! those that a build installs by itself are kept, and what is to be made once.
//! Must not know: what they make.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use directories::ProjectDirs;

use super::BuildError;

/// How much is shown of what a failing tool had to say, in bytes.
const SHOWN: usize = 8 << 10;

/// Names another folder for tools that builds install; they take some hundred
/// megabytes each.
const FOLDER: &str = "LOMBARD_TOOLS";

/// A tool that has to be there, and how to get it where it is not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tool {
    /// The names it goes by, the preferred one first.
    pub(super) names: &'static [&'static str],
    /// How to get it on Debian and on macOS.
    pub(super) remedy: &'static str,
}

impl Tool {
    /// The program, where one of the names is found in `PATH`.
    pub(super) fn find(self) -> Result<Found, BuildError> {
        let path = env::var_os("PATH").unwrap_or_default();
        for name in self.names {
            if let Some(program) = find_in(&path, name) {
                return Ok(Found { name, program });
            }
        }
        Err(self.missing())
    }

    /// What is said where it is not there, or lacks a part.
    pub(super) fn missing(self) -> BuildError {
        BuildError::MissingTool {
            tool: self.names[0],
            remedy: self.remedy,
        }
    }
}

fn find_in(path: &OsStr, name: &str) -> Option<PathBuf> {
    let mut places = env::split_paths(path).map(|folder| folder.join(name));
    places.find(|program| program.is_file())
}

/// A tool that is there.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its name, for messages.
    pub(super) name: &'static str,
    program: PathBuf,
}

impl Found {
    /// One that is somewhere else than in `PATH`.
    pub(super) const fn at(name: &'static str, program: PathBuf) -> Self {
        Self { name, program }
    }

    /// A call of it, to be completed.
    pub(super) fn command(&self) -> Command {
        Command::new(&self.program)
    }

    /// Runs a call of it to its end.
    ///
    /// # Errors
    /// With what it said, where it can't be run or fails.
    pub(super) fn run(&self, command: &mut Command) -> Result<Vec<u8>, BuildError> {
        let output = self.output(command)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(BuildError::Failed {
            tool: self.name,
            output: shown(&output),
        })
    }

    /// Runs a call of it to its end, however that is.
    pub(super) fn output(&self, command: &mut Command) -> Result<Output, BuildError> {
        let failed = BuildError::io(&format!("`{}` can't be run", self.name));
        command.stdin(Stdio::null()).output().map_err(failed)
    }
}

/// What a tool had to say: the last of it, since that is where it gave up.
fn shown(output: &Output) -> String {
    // What is for people is on stderr, where a tool knows the difference.
    let words = match output.stderr.trim_ascii().is_empty() {
        true => &output.stdout,
        false => &output.stderr,
    };
    let text = String::from_utf8_lossy(words);
    let text = text.trim();
    let cut = text.len().saturating_sub(SHOWN);
    let cut = (cut..text.len()).find(|at| text.is_char_boundary(*at));
    let told: String = text[cut.unwrap_or(0)..].chars().map(plain).collect();
    match told.len() < text.len() {
        true => format!("… {told}\n({})", output.status),
        false => format!("{told}\n({})", output.status),
    }
}

/// No tool may write over a terminal's other lines.
fn plain(c: char) -> char {
    match c.is_control() && !matches!(c, '\n' | '\t') {
        true => '\u{fffd}',
        false => c,
    }
}

/// A folder that was filled by `install`, once for all projects.
///
/// `name` names tool, version and whatever else the result depends on: a folder
/// that is there fits. It is filled beside its place and then put there at once,
/// so that neither a build that is broken off nor two at a time leave half a
/// tool behind.
pub(super) fn kept(
    name: &str,
    install: impl FnOnce(&Path) -> Result<(), BuildError>,
) -> Result<PathBuf, BuildError> {
    let folder = folder()?.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    let begun = folder.with_extension(format!("begun-{}", std::process::id()));
    // What a build left behind that had this number before.
    let _ = fs::remove_dir_all(&begun);
    fs::create_dir_all(&begun).map_err(BuildError::io(&begun.display()))?;
    let done = install(&begun).and_then(|()| match fs::rename(&begun, &folder) {
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed.map_err(BuildError::io(&folder.display())),
    });
    // It is gone already where all went well.
    let _ = fs::remove_dir_all(&begun);
    done.map(|()| folder)
}

/// Removes the oldest folders beside a kept one, where there are more than so
/// many. One that can't be removed stays.
pub(super) fn keep_newest(kept: &Path, many: usize) {
    let beside = kept.parent().map(fs::read_dir);
    let Some(Ok(beside)) = beside else { return };
    let mut folders: Vec<_> = beside
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
        })
        .filter(|(_, folder)| folder != kept)
        .collect();
    folders.sort();
    let others = many.saturating_sub(1);
    let gone = folders.len().saturating_sub(others);
    for (_, folder) in folders.into_iter().take(gone) {
        let _ = fs::remove_dir_all(folder);
    }
}

fn folder() -> Result<PathBuf, BuildError> {
    if let Some(folder) = env::var_os(FOLDER) {
        return Ok(folder.into());
    }
    let dirs = ProjectDirs::from("", "", "lombard");
    let dirs = dirs.ok_or_else(|| BuildError::Io {
        what: format!("there is no home folder to keep tools in; name a folder in {FOLDER}"),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    Ok(dirs.cache_dir().join("tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: Tool = Tool {
        names: &["surely-no-program", "sh"],
        remedy: "install it",
    };

    #[test]
    fn a_tool_goes_by_the_first_name_that_is_there() {
        assert_eq!(SHELL.find().unwrap().name, "sh");
        let missing = Tool {
            names: &["surely-no-program"],
            ..SHELL
        };
        let told = missing.find().unwrap_err();
        assert!(told.to_string().contains("surely-no-program"), "{told}");
        assert_eq!(told.remedy(), Some("install it"));
    }

    #[test]
    fn the_newest_folders_are_kept_and_the_one_in_use() {
        let kept = tempfile::tempdir().unwrap();
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
        for name in ["a", "b", "c", "in-use"] {
            let folder = kept.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("component"), name).unwrap();
            if ["a", "in-use"].contains(&name) {
                fs::File::open(&folder).unwrap().set_modified(old).unwrap();
            }
        }
        keep_newest(&kept.path().join("in-use"), 3);
        let left = |name| kept.path().join(name).exists();
        assert_eq!(
            ["a", "b", "c", "in-use"].map(left),
            [false, true, true, true]
        );
    }

    #[test]
    fn what_a_failing_tool_said_is_shown_and_bounded() {
        let shell = SHELL.find().unwrap();
        let mut much = shell.command();
        much.args([
            "-c",
            "yes no | head -c 100000; printf '\\033[2Jwhy' >&2; exit 3",
        ]);
        let told = shell.run(&mut much).unwrap_err().to_string();
        assert!(told.len() < SHOWN + 200 && told.contains("why"), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
        assert!(told.contains('3'), "{told}");
    }
}
