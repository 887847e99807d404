//! The browser and its driver that tests use, and the tests that use them.
//!
//! Owns: whether they are there, installing them where that can be done without
//! asking, and the words where it can't. Must not know: what is tested with
//! them.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{self, step};
use crate::workspace::Workspace;
use crate::{build, packages};

/// The variable that names another driver. The tests read it too.
const DRIVER: &str = "LOMBARD_CHROMEDRIVER";

/// The variable that names another browser. The tests read it too.
const BROWSER: &str = "LOMBARD_CHROMIUM";

/// The variable that names the folder for pictures.
const FOLDER: &str = "LOMBARD_SCREENS";

/// Where pictures of the main pages are kept.
const SCREENS: &str = "docs/screens";

/// The test that takes them.
const PICTURES: &str = "screens::the_main_pages_have_their_pictures";

/// What they are called where they are packaged.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Runs what looks at the dashboard in a browser. `arguments` go to the tests.
///
/// # Errors
/// Where there is no browser and none can be installed, or a test fails.
pub(crate) fn test(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    step("find a browser", ensure)?;
    let mut command = tests(workspace);
    command.arg("--").args(arguments);
    step("run tests in a browser", || process::run(&mut command))
}

/// Takes pictures of the main pages anew, and tells how soon each page was
/// there.
///
/// # Errors
/// Those of [`test()`], and where something can't be built.
pub(crate) fn screens(workspace: &Workspace) -> Result<()> {
    build::binary(workspace)?;
    step("find a browser", ensure)?;
    let mut command = tests(workspace);
    command.args(["--", "--exact", PICTURES, "--nocapture"]);
    command.env(FOLDER, workspace.path(SCREENS));
    step("take pictures", || process::run(&mut command))
}

/// Installs the browser and its driver, unless they are there.
fn ensure() -> Result<()> {
    if are_there() {
        return Ok(());
    }
    if let Some(variable) = misnamed() {
        bail!("{variable} names nothing that runs: name another, or unset it");
    }
    if !packages::can_install() {
        bail!(
            "no Chromium with its driver, and nobody here may install them: install the packages \
             {}, or name others with {DRIVER} and {BROWSER}",
            PACKAGES.join(" and ")
        );
    }
    packages::install(&PACKAGES)?;
    if !are_there() {
        bail!(
            "{} are installed and don't run: name others with {DRIVER} and {BROWSER}",
            PACKAGES.join(" and ")
        );
    }
    Ok(())
}

/// A variable that names what does not run.
fn misnamed() -> Option<&'static str> {
    let is_wrong = |variable: &&str| env::var_os(variable).is_some_and(|named| !runs(&named));
    [DRIVER, BROWSER].into_iter().find(is_wrong)
}

/// Whichever is named, else those that packages bring.
fn are_there() -> bool {
    let named = |variable, usual: &str| env::var_os(variable).unwrap_or_else(|| usual.into());
    runs(&named(DRIVER, "chromedriver")) && runs(&named(BROWSER, "chromium"))
}

fn runs(program: &OsStr) -> bool {
    process::is_installed(program, &["--version"])
}

/// With the whole workspace selected, as everywhere, so that nothing is
/// compiled twice.
fn tests(workspace: &Workspace) -> Command {
    workspace.cargo(&["test", "--release", "--workspace", "--test", "browser"])
}
