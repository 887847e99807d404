//! Building a plugin in Python.
//!
//! Owns: getting `componentize-py`, and its call. Must not know: bindings; they
//! are made of the contract on the way.

mod first;
mod memory;
mod settled;
mod stand_in;

use std::fs;
use std::path::{Path, PathBuf};

use super::tool::{Found, Tool, keep_newest, kept};
use super::{BuildError, stage};
use crate::Project;

const PYTHON: Tool = Tool {
    names: &["python3", "python"],
    remedy: "install Python 3.10 or newer with pip: `apt-get install python3 python3-pip`, or \
             `brew install python`",
};

/// The version stands in the name, so that another one is installed beside it.
const TOOLS: &str = "python-componentize-0.25.1-1";
const PACKAGE: &str = "componentize-py==0.25.1";
/// Packages that a project needs at run time.
const REQUIREMENTS: &str = "requirements.txt";
/// Calls the installed tool, whatever is installed elsewhere.
const CALL: &str = "import sys; from componentize_py import script; sys.exit(script())";

/// Where components are, by what they were made of.
const MADE: &str = "python-made";
/// So many of them; each takes some twenty megabytes.
const MADE_AT_MOST: usize = 8;
const COMPONENT: &str = "component.wasm";
/// The folder with what is linked to the interpreter.
const FIRST: &str = "first";

/// The component of a project with `src/plugin.py`.
///
/// The interpreter is run once and kept as it then is. So that one source has one
/// digest, it sees nothing of the machine it runs on (`first`), and what it drew
/// nevertheless is cleared (`settled`). As that takes seconds, a component is kept
/// by what it was made of, whatever folder that is in.
pub(super) fn build(project: &Project) -> Result<Vec<u8>, BuildError> {
    let python = PYTHON.find()?;
    let tools = kept(TOOLS, |folder| {
        install(&python, folder, &[PACKAGE.as_ref()])
    })?;
    let scratch = project.scratch("python")?;
    let stage = stage::sources(project, "python")?;
    first::lay(&stage.join(FIRST))?;
    let packages = packages(&python, project, &scratch)?;
    let wit = project.wit().canonicalize();
    let wit = wit.map_err(BuildError::io(&project.wit().display()))?;
    let made_of = stage::fingerprint(
        &[&stage, &packages, &wit],
        &[TOOLS, env!("CARGO_PKG_VERSION"), &project.world()],
    )?;
    let made = kept(&format!("{MADE}/{made_of}"), |folder| {
        let mut call = python.command();
        call.args(["-c", CALL])
            .arg("--quiet")
            .arg("--wit-path")
            .arg(&wit)
            .args(["--world", &project.world(), "componentize", "--stub-wasi"])
            .args(["--python-path", FIRST, "--python-path", "src"])
            .args(["--python-path", "lombard"])
            .arg("--python-path")
            .arg(&packages)
            .arg("--output")
            .arg(folder.join(COMPONENT))
            .arg("plugin")
            .env("PYTHONPATH", &tools)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // An author looks for their own mistake, and not for where in the tool.
            .env("RUST_BACKTRACE", "0")
            // Else it takes what happens to be installed on this machine.
            .env("VIRTUAL_ENV", &scratch)
            .current_dir(&stage);
        python.run(&mut call)?;
        let component = folder.join(COMPONENT);
        let made = fs::read(&component).map_err(BuildError::io(&component.display()))?;
        let settled = settled::settled(&made)?;
        fs::write(&component, settled).map_err(BuildError::io(&component.display()))
    })?;
    let component = made.join(COMPONENT);
    let component = fs::read(&component).map_err(BuildError::io(&component.display()))?;
    keep_newest(&made, MADE_AT_MOST);
    Ok(component)
}

/// The folder of what the project's `requirements.txt` names, installed anew
/// where that has changed.
fn packages(python: &Found, project: &Project, scratch: &Path) -> Result<PathBuf, BuildError> {
    let folder = scratch.join("packages");
    let stamp = scratch.join("packages.txt");
    let listed = project.folder.join(REQUIREMENTS);
    let wanted = match listed.is_file() {
        true => fs::read_to_string(&listed).map_err(BuildError::io(&listed.display()))?,
        false => String::new(),
    };
    if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(BuildError::io(&folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(BuildError::io(&folder.display()))?;
    let is_needed = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    if wanted.lines().any(is_needed) {
        install(
            python,
            &folder,
            &["--requirement".as_ref(), listed.as_os_str()],
        )?;
    }
    fs::write(&stamp, wanted).map_err(BuildError::io(&stamp.display()))?;
    Ok(folder)
}

fn install(python: &Found, folder: &Path, what: &[&std::ffi::OsStr]) -> Result<(), BuildError> {
    let mut has_pip = python.command();
    has_pip.args(["-m", "pip", "--version"]);
    if !python.output(&mut has_pip)?.status.success() {
        return Err(PYTHON.missing());
    }
    let mut call = python.command();
    call.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args(["--no-compile", "--target"])
    .arg(folder)
    .args(what);
    python.run(&mut call).map(drop)
}
