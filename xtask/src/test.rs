//! `cargo xtask test`.
//!
//! Owns: what is built before the tests run, and which tests run.
//! Must not know: what they test.

use anyhow::Result;

use crate::process::{self, step};
use crate::workspace::Workspace;
use crate::{browser, build, languages};

/// Cases that a property is tried with where it has to be fast.
const FEW_CASES: &str = "16";

/// The crate of the tests that need a browser.
const BROWSER_TESTS: &str = "lombard-browser-tests";

/// Builds the plugins, the binary and the guests, then runs all tests.
/// `arguments` go to the tests.
///
/// # Errors
/// Where something can't be built, or a test fails.
pub(crate) fn run(workspace: &Workspace, fast: bool, arguments: &[&str]) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    step("find the tools of other languages", languages::ensure)?;
    let mut tests = vec!["test", "--release", "--workspace"];
    // They come last, since they may have to install a browser.
    tests.extend(["--exclude", BROWSER_TESTS]);
    // A guest is nothing but what it does inside a host.
    for guest in workspace.packages_in(build::GUEST_FOLDER) {
        tests.extend(["--exclude", &guest.name]);
    }
    if fast {
        // Doc-tests are compiled one by one; naming the rest leaves them out.
        tests.extend(["--lib", "--bins", "--tests"]);
    }
    tests.push("--");
    tests.extend(arguments);
    let mut command = workspace.cargo(&tests);
    if fast {
        command.env("PROPTEST_CASES", FEW_CASES);
    }
    step("run tests", || process::run(&mut command))?;
    step("explore the caches", || explore(workspace, arguments))?;
    browser::test(workspace, arguments)
}

/// The interleavings of the caches are explored with locks of another kind, so
/// what has them is built once more. The binary is named for its dependencies
/// alone: with fewer features they would be built once more, too.
fn explore(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let mut tests = vec!["test", "--release", "--lib"];
    tests.extend(["--package", "lombard-accounts", "--package", "lombard"]);
    tests.extend(["--features", "lombard-accounts/shuttle", "--"]);
    match arguments {
        [] => tests.push("explored"),
        some => tests.extend(some),
    }
    process::run(&mut workspace.cargo(&tests))
}
