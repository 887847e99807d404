//! The helpers for JavaScript and Python, by their own tests.
//!
//! Owns: that these are run with all others. Must not know: what they try; the
//! helper for C has no tools of its own for that, and is tried in `helper.rs`.

use std::path::PathBuf;
use std::process::Command;

use crate::support::files;

/// The folder of a helper in the workspace.
fn helper(name: &str) -> PathBuf {
    files::wit().with_file_name("plugins").join(name)
}

/// Runs a helper's own tests to their end; so many of them have to be good.
fn passes(command: &mut Command, said: &str) {
    let output = command.output().expect("the language is there");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success() && told.contains(said), "{told}");
}

#[test]
fn the_helper_for_javascript_passes_its_own_tests() {
    let mut node = Command::new("node");
    node.arg("--test").current_dir(helper("sdk-js"));
    passes(&mut node, "# pass 10");
}

#[test]
fn the_helper_for_python_passes_its_own_tests() {
    let mut python = Command::new("python3");
    python
        .args(["-m", "unittest", "test_lombard"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(helper("sdk-python"));
    passes(&mut python, "Ran 11 tests");
}
