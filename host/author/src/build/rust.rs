//! Building a project in Rust.
//!
//! Owns: calling cargo, and which of the files it made is the plugin's module.
//! Must not know: how a module becomes a component.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::tool::Tool;
use super::{BuildError, rustc};
use crate::Project;

/// What plugins are compiled for.
const TARGET: &str = "wasm32-unknown-unknown";

const CARGO: Tool = Tool {
    names: &["cargo"],
    remedy: "install Rust: https://rustup.rs",
};
const RUSTC: Tool = Tool {
    names: &["rustc"],
    remedy: "install Rust: https://rustup.rs",
};

/// The plugin's core module, as cargo leaves it. The SDK is in the user's folder
/// `data`.
pub(super) fn build(project: &Project, data: &Path) -> Result<Vec<u8>, BuildError> {
    let cargo = CARGO.find()?;
    ensure_target()?;
    let mut call = cargo.command();
    call.args(["build", "--release", "--lib", "--target", TARGET])
        .args(["--message-format=json-render-diagnostics", "--color=never"])
        .arg("--manifest-path")
        .arg(project.folder.join("Cargo.toml"))
        .current_dir(&project.folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(project, data));
    rustc::wrap(&mut call)?;
    // Who has one folder for all that Rust builds keeps it.
    if std::env::var_os("CARGO_TARGET_DIR").is_none() {
        call.arg("--target-dir").arg(project.target());
    }
    let said = cargo.run(&mut call)?;
    let module = module_in(&said, &project.folder).ok_or_else(|| BuildError::Failed {
        tool: cargo.name,
        output: "it made no .wasm: is `crate-type = [\"cdylib\"]` in Cargo.toml?".to_owned(),
    })?;
    fs::read(&module).map_err(BuildError::io(&module.display()))
}

/// Rust's own part for what plugins are compiled for has to be there.
fn ensure_target() -> Result<(), BuildError> {
    let rustc = RUSTC.find()?;
    let mut call = rustc.command();
    call.args(["--print", "target-libdir", "--target", TARGET]);
    let said = rustc.run(&mut call)?;
    let folder = String::from_utf8_lossy(&said).trim().to_owned();
    match Path::new(&folder).is_dir() {
        true => Ok(()),
        false => Err(BuildError::MissingTool {
            tool: "Rust's standard library for wasm32-unknown-unknown",
            remedy: "rustup target add wasm32-unknown-unknown",
        }),
    }
}

/// A plugin's stack, as large as that of the plugins that come with the host:
/// the default of 1 MiB is memory that every call has to have and reset.
const STACK: &str = "-Clink-arg=-zstack-size=131072";

/// What the compiler is told: how large the stack is, and what makes the same
/// source give the same bytes wherever it lies: names of folders stand in panic
/// messages. An author's are nobody's business either.
fn flags(project: &Project, data: &Path) -> OsString {
    let folders = [
        (Some(project.folder.clone()), "/plugin"),
        (Some(data.to_owned()), "/lombard"),
        (rustc::home("CARGO_HOME", ".cargo"), "/cargo"),
        (rustc::home("RUSTUP_HOME", ".rustup"), "/rustup"),
    ];
    let mut flags = OsString::from(STACK);
    for (folder, shown) in folders {
        let Some(folder) = folder else { continue };
        // How cargo tells one flag from the next.
        flags.push("\x1f");
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push(format!("={shown}"));
    }
    flags
}

/// What cargo says of something that it made.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// The module that was made of the project itself.
fn module_in(said: &[u8], folder: &Path) -> Option<PathBuf> {
    let lines = said.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    let ours = messages.filter(|message| {
        message.reason == "compiler-artifact" && message.manifest_path.parent() == Some(folder)
    });
    let files = ours.flat_map(|message| message.filenames);
    let is_module = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "wasm");
    files.into_iter().find(is_module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_that_of_the_project_and_not_of_a_dependency() {
        let said = br#"{"reason":"compiler-artifact","manifest_path":"/sdk/Cargo.toml","filenames":["/t/sdk.wasm"]}
not json
{"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","filenames":["/t/libp.rlib","/t/p.wasm"]}
{"reason":"build-finished","success":true}"#;
        let found = module_in(said, Path::new("/p"));
        assert_eq!(found, Some(PathBuf::from("/t/p.wasm")));
        assert_eq!(module_in(said, Path::new("/q")), None);
    }
}
