//! `cargo xtask lint`: every check that runs nothing of ours.
//!
//! Owns: which checks there are, the quick ones first.
//! Must not know: the rules they check.

use std::env;
use std::path::PathBuf;

use anyhow::Result;

use crate::process::{self, say, step};
use crate::target::WASM;
use crate::workspace::Workspace;
use crate::{book, build, target, tidy};

/// Runs all checks, up to the first that fails.
///
/// # Errors
/// Of that check, with the command that repeats it.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(&mut workspace.cargo(arguments));
    step("fmt", || {
        cargo(&["fmt", "--all", "--check"])?;
        // A workspace of its own.
        cargo(&["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"])
    })?;
    step("tidy", || tidy::run(workspace))?;
    step("book", || book::lint(workspace))?;
    step("deny", || deny(workspace))?;
    let clippy = [
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    step("clippy", || cargo(&clippy))?;
    step("clippy for plugins", || clippy_for_plugins(workspace))?;
    step("doc", || doc(workspace))
}

/// What is compiled for WebAssembly only is not seen by the other run.
fn clippy_for_plugins(workspace: &Workspace) -> Result<()> {
    target::ensure(workspace)?;
    let mut arguments = vec!["clippy", "--profile", "plugin", "--target", WASM];
    for package in build::guest_side(workspace) {
        arguments.extend(["--package", &package.name]);
    }
    arguments.extend(["--", "-D", "warnings"]);
    process::run(&mut workspace.cargo(&arguments))
}

fn doc(workspace: &Workspace) -> Result<()> {
    let mut arguments = vec!["doc", "--release", "--no-deps", "--workspace"];
    for guest in workspace.packages_in(build::GUEST_FOLDER) {
        arguments.extend(["--exclude", &guest.name]);
    }
    process::run(
        workspace
            .cargo(&arguments)
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Licences, sources and duplicates of the dependencies; known vulnerabilities
/// only where their list is on this machine, so that no check needs a network.
fn deny(workspace: &Workspace) -> Result<()> {
    if !process::is_installed("cargo-deny", &["--version"]) {
        say(format_args!(
            "    left out: cargo-deny is not installed (`cargo install --locked cargo-deny`)"
        ));
        return Ok(());
    }
    // It reads the crates of every system, and a build fetches those of one.
    if let Err(error) = process::run(&mut workspace.cargo(&["fetch", "--locked"])) {
        say(format_args!(
            "    left out: crates of other systems are not here: {error:#}"
        ));
        return Ok(());
    }
    let check = |what: &[&str]| {
        let arguments = [&["deny", "--offline", "check"], what].concat();
        process::run(&mut workspace.cargo(&arguments))
    };
    check(&["bans", "licenses", "sources"])?;
    if !has_advisories() {
        say(format_args!(
            "    left out: advisories, whose list is not on this machine (`cargo deny fetch`)"
        ));
        return Ok(());
    }
    check(&["advisories"])
}

/// Whether there is a list that was fetched; a run that could not leaves a lock.
fn has_advisories() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::home_dir()?;
        Some(home.join(".cargo"))
    });
    let lists = home.and_then(|home| home.join("advisory-dbs").read_dir().ok());
    lists.is_some_and(|lists| lists.flatten().any(|list| list.path().is_dir()))
}
