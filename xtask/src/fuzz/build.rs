//! Building the targets of `fuzz/`.
//!
//! Owns: the compiler that can do it, and what it is told. Must not know: which
//! targets there are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, step};
use crate::workspace::Workspace;

/// The one whose sanitizers can be switched on.
const TOOLCHAIN: &str = "nightly";

/// What cargo-fuzz tells the compiler as well: count which branches an input
/// takes, look at what it is compared with, and find what reads or writes where
/// it may not.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-sanitizer-coverage-stack-depth \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    -Zsanitizer=address \
    --cfg fuzzing";

/// Builds all targets, in a folder of their own; gives where they are.
///
/// # Errors
/// Where there is no such compiler, or it fails.
pub(super) fn targets(workspace: &Workspace) -> Result<PathBuf> {
    let host = host()?;
    let folder = workspace.target("fuzz");
    let mut command = cargo(&["build", "--release", "--locked"]);
    command
        .args(["--target", &host])
        .arg("--manifest-path")
        .arg(workspace.path("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder)
        .env("RUSTFLAGS", FLAGS)
        .current_dir(workspace.path(""));
    step("build fuzz targets", || process::run(&mut command))?;
    Ok(folder.join(host).join("release"))
}

/// The system that this toolchain builds for, which has to be named: only then
/// are scripts and macros left without a sanitizer.
fn host() -> Result<String> {
    let mut command = Command::new("rustup");
    command.args(["run", TOOLCHAIN, "rustc", "--version", "--verbose"]);
    if !process::is_installed("rustup", &["run", TOOLCHAIN, "cargo", "--version"]) {
        bail!(
            "fuzzing takes a {TOOLCHAIN} compiler, whose sanitizers can be switched on: \
             `rustup toolchain install {TOOLCHAIN} --profile minimal`, which needs the network \
             once; and a C++ compiler for libFuzzer"
        );
    }
    let version = process::output(&mut command)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.with_context(|| format!("rustc names no host: {version}"))?;
    Ok(host.to_owned())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", TOOLCHAIN, "cargo"]).args(arguments);
    command
}
