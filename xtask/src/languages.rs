//! The tools of the languages that plugins are written in, beside Rust.
//!
//! Owns: whether they are there for the tests that build plugins with them,
//! installing them where that can be done without asking, and the words where it
//! can't. Must not know: how a plugin is built.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{packages, process};

/// Names an unpacked wasi-sdk, in place of clang and its parts.
const WASI_SDK: &str = "WASI_SDK_PATH";

/// Where a C library for WebAssembly is, where packages bring it.
const LIBC: &str = "/usr/lib/wasm32-wasi/libc.a";

/// The run-time part of clang has its version in the name on some systems.
const RUNTIMES: [&str; 2] = ["libclang-rt-dev-wasm32", "libclang-rt-14-dev-wasm32"];

/// Installs what is missing.
///
/// # Errors
/// Where something is missing and can't be installed.
pub(crate) fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if !packages::can_install() {
        bail!(
            "the tests build plugins in JavaScript, Python and C, and nobody here may install what \
             they need: install the packages {}",
            missing.join(", ")
        );
    }
    let (runtimes, others): (Vec<_>, Vec<_>) = missing
        .into_iter()
        .partition(|package| RUNTIMES.contains(package));
    if !others.is_empty() {
        packages::install(&others)?;
    }
    if runtimes.is_empty() {
        return Ok(());
    }
    packages::install(&RUNTIMES[1..]).or_else(|_| packages::install(&RUNTIMES[..1]))
}

/// The packages of what is not there.
fn missing() -> Vec<&'static str> {
    let runs = |program: &str| process::is_installed(program, &["--version"]);
    let mut missing = Vec::new();
    let mut need = |is_there: bool, packages: &[&'static str]| {
        if !is_there {
            missing.extend(packages);
        }
    };
    need(runs("node") && runs("npm"), &["nodejs", "npm"]);
    let has_pip = process::is_installed("python3", &["-m", "pip", "--version"]);
    need(has_pip, &["python3", "python3-pip"]);
    if std::env::var_os(WASI_SDK).is_none() {
        need(runs("clang"), &["clang"]);
        need(runs("wasm-ld"), &["lld"]);
        need(Path::new(LIBC).is_file(), &["wasi-libc", RUNTIMES[1]]);
    }
    missing
}
