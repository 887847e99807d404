//! The program that builds the book.
//!
//! Owns: which version it is, getting it, and that a warning of it is a failure.
//! Must not know: what is in the book.
//!
//! It is a program and no dependency: whoever calls `cargo xtask demo` first
//! would wait for its hundred crates.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{self, say};
use crate::workspace::Workspace;

const VERSION: &str = "0.5.4";

/// The program: the one that is installed here already, where it is of this
/// version, else one of our own, which is installed once.
///
/// # Errors
/// Where it can't be installed.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let here = PathBuf::from("mdbook");
    if is_ours(&here) {
        return Ok(here);
    }
    let root = workspace.target(&format!("tools/mdbook-{VERSION}"));
    let program = root.join(format!("bin/mdbook{}", env::consts::EXE_SUFFIX));
    if is_ours(&program) {
        return Ok(program);
    }
    say(format_args!(
        "    installing mdbook {VERSION} into target/tools, once"
    ));
    let build = workspace.target("tools/build");
    let mut cargo = workspace.cargo(&["install", "mdbook", "--locked", "--quiet"]);
    cargo
        .args(["--version", VERSION])
        // Neither a server nor a search is needed for pages in a folder, nor a
        // program that is quick: optimising it takes longer than a year of books.
        .args(["--no-default-features", "--debug"])
        .arg("--root")
        .arg(&root)
        .arg("--target-dir")
        .arg(&build);
    let installed = process::run(&mut cargo);
    // Nobody builds it twice.
    let _ = fs::remove_dir_all(&build);
    installed.context("mdbook can't be installed, which needs the network once")?;
    Ok(program)
}

fn is_ours(program: &Path) -> bool {
    let mut asked = Command::new(program);
    let said = asked.arg("--version").stderr(Stdio::null()).output();
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    said.is_ok_and(|said| said.trim() == format!("mdbook v{VERSION}"))
}

/// Builds the book.
///
/// # Errors
/// Where that fails, or has a warning.
pub(super) fn build(program: &Path, book: &Path, into: &Path) -> Result<()> {
    // What an earlier build left would make a dead link look alive.
    match fs::remove_dir_all(into) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("can't remove {}", into.display()));
        }
        _ => {}
    }
    let output = Command::new(program)
        .arg("build")
        .arg(book)
        .arg("--dest-dir")
        .arg(into)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .output()
        .with_context(|| format!("can't start {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || has_warning(&said) {
        say(format_args!("{}", said.trim_end()));
        bail!("mdbook failed or has a warning");
    }
    Ok(())
}

fn has_warning(said: &str) -> bool {
    let mut words = said.split(|letter: char| !letter.is_ascii_alphabetic());
    words.any(|word| matches!(word, "WARN" | "ERROR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_known_by_its_level() {
        assert!(has_warning(
            " INFO Book building\n WARN unclosed HTML tag\n"
        ));
        assert!(has_warning("[ERROR] no such page"));
        assert!(!has_warning(
            " INFO Running the html backend of 'Warnings'\n"
        ));
    }
}
