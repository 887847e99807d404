//! The WebAssembly target of the compiler.
//!
//! Owns: whether it is installed, and installing it.
//! Must not know: what is built for it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, say};
use crate::workspace::Workspace;

/// What plugins are compiled for: WebAssembly, and no system around it.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the target, unless it is there.
///
/// # Errors
/// Where it can't be installed; the message says how to do it by hand.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    if is_there(workspace)? {
        return Ok(());
    }
    if !process::is_installed("rustup", &["--version"]) {
        bail!(
            "this Rust can't compile for {WASM}, and there is no rustup to add it: install the \
             standard library for {WASM} the way Rust was installed here (a package such as \
             `rust-std-static-{WASM}` or `libstd-rust-dev-wasm32`), or use rustup"
        );
    }
    say(format_args!(
        "adding the target {WASM} to the Rust toolchain"
    ));
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", WASM])
        .current_dir(workspace.path(""));
    process::run(&mut command)
        .with_context(|| format!("can't add the target {WASM}, which needs the network once"))?;
    if !is_there(workspace)? {
        bail!(
            "rustup added {WASM} to another toolchain than the one in use: `rustc --print \
             sysroot` names that, `rustup toolchain list` the others"
        );
    }
    Ok(())
}

/// Looks where the compiler itself looks, whoever installed it.
fn is_there(workspace: &Workspace) -> Result<bool> {
    let mut command = Command::new("rustc");
    command
        .args(["--print", "sysroot"])
        .current_dir(workspace.path(""));
    let sysroot = process::output(&mut command)?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .join("lib")
        .is_dir())
}
