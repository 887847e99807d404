//! The virtual environment that the peer runs in.
//!
//! Owns: making it, and what to do where Python or a package is missing.
//! Must not know: what is run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, step};
use crate::workspace::Workspace;

/// The oldest Python that the pinned packages run on.
const OLD_ENOUGH: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

/// The Python that makes the environment.
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The Python of the environment, which is made where it is not there, is
/// broken, or has other packages than are required.
///
/// # Errors
/// Where Python or its packages can't be had; the message says how to get them.
pub(super) fn ready(workspace: &Workspace, requirements: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("can't read {}", requirements.display()))?;
    let folder = workspace.target("peer-venv");
    let python = python_in(&folder);
    // Written last, so that an installation that was broken off is not taken.
    let installed = folder.join("installed.txt");
    let is_there = fs::read_to_string(&installed).is_ok_and(|text| text == wanted);
    if is_there && process::is_installed(&text(&python)?, &["-c", "import sqlmodel"]) {
        return Ok(python);
    }
    if let Some(remedy) = missing(|question| process::is_installed(PYTHON, question)) {
        bail!("{remedy}");
    }
    step("make the peer's virtual environment", || {
        process::run(
            Command::new(PYTHON)
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )
    })?;
    step("install the peer's packages", || {
        install(&python, requirements)
    })?;
    fs::write(&installed, wanted)
        .with_context(|| format!("can't write {}", installed.display()))?;
    Ok(python)
}

/// Exactly what is pinned, and nothing that a package asks for besides.
fn install(python: &Path, requirements: &Path) -> Result<()> {
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(python);
        command.args(["-m", "pip", "--disable-pip-version-check"]);
        command.args(arguments);
        command
    };
    let install = ["install", "--quiet", "--no-deps", "--requirement"];
    process::run(pip(&install).arg(requirements)).with_context(|| {
        format!(
            "the packages of {} need a Python package index once; where none can be reached, name \
             a mirror in PIP_INDEX_URL, or a folder with their wheels in PIP_FIND_LINKS and set \
             PIP_NO_INDEX=1",
            requirements.display()
        )
    })?;
    process::run(pip(&["check"]).stdout(std::process::Stdio::null())).with_context(|| {
        format!(
            "{} does not name all that is needed",
            requirements.display()
        )
    })
}

/// What Python lacks, and how to get it. `answers` says whether Python runs
/// with these arguments.
fn missing(answers: impl Fn(&[&str]) -> bool) -> Option<&'static str> {
    if !answers(&["--version"]) {
        return Some(
            "the peer needs Python, and there is no python3 (python on Windows) on the path: \
             install Python 3.11 or later",
        );
    }
    if !answers(&["-c", OLD_ENOUGH]) {
        return Some(
            "the peer needs Python 3.11 or later, and the python3 on the path is older: install \
             one and put it first on the path",
        );
    }
    if !answers(&["-c", "import venv, ensurepip"]) {
        return Some(
            "this python3 can't make virtual environments, as it has no module venv or \
             ensurepip: install them (on Debian and its like the package python3-venv)",
        );
    }
    None
}

fn python_in(folder: &Path) -> PathBuf {
    folder.join(match cfg!(windows) {
        true => "Scripts/python.exe",
        false => "bin/python",
    })
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| format!("{} is no UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_lacks_is_named() {
        let named = |works: fn(&str) -> bool| {
            missing(|question| works(question.last().copied().unwrap_or_default()))
        };
        assert!(named(|_| false).unwrap().contains("there is no python3"));
        assert!(
            named(|asked| asked == "--version")
                .unwrap()
                .contains("is older")
        );
        let venv = named(|asked| !asked.contains("venv")).unwrap();
        assert!(venv.contains("python3-venv"), "{venv}");
        assert_eq!(named(|_| true), None);
    }
}
