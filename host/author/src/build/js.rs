//! Building a plugin in JavaScript.
//!
//! Owns: getting `componentize-js`, and its call. Must not know: bindings; they
//! are made of the contract on the way.

use std::fs;
use std::path::Path;

use super::tool::{Found, Tool, kept};
use super::{BuildError, fixed, stage};
use crate::Project;

const NODE: Tool = Tool {
    names: &["node"],
    remedy: "install Node.js 20 or newer: `apt-get install nodejs npm`, or `brew install node`",
};
const NPM: Tool = Tool {
    names: &["npm"],
    remedy: "install Node.js 20 or newer: `apt-get install nodejs npm`, or `brew install node`",
};

/// The version stands in the name, so that another one is installed beside it.
const TOOLS: &str = "js-componentize-0.23.0-2";
/// What is installed: each part that has a share in the component, by version.
const PACKAGE: &str = include_str!("js/package.json");
/// What calls it.
const SCRIPT: &str = include_str!("js/componentize.mjs");
/// The engine of that version, which a plugin's sources are laid into.
const ENGINE: &str =
    "node_modules/@bytecodealliance/componentize-js/lib/starlingmonkey_embedding.wasm";
/// That engine with a clock and randomness of its own.
const FIXED: &str = "engine.wasm";

/// The component of a project with `src/plugin.js`.
pub(super) fn build(project: &Project) -> Result<Vec<u8>, BuildError> {
    let node = NODE.find()?;
    let tools = kept(TOOLS, install)?;
    let scratch = project.scratch("js")?;
    let stage = stage::sources(project, "js")?;
    let script = scratch.join("componentize.mjs");
    fs::write(&script, SCRIPT).map_err(BuildError::io(&script.display()))?;
    let wit = project.wit().canonicalize();
    let wit = wit.map_err(BuildError::io(&project.wit().display()))?;
    let component = scratch.join("component.wasm");
    let mut call = node.command();
    call.arg(&script)
        .arg(&tools)
        .arg(tools.join(FIXED))
        .arg(wit)
        .arg(project.world())
        .arg(stage.join("src/plugin.js"))
        .arg(&component)
        .current_dir(&stage);
    node.run(&mut call)?;
    fs::read(&component).map_err(BuildError::io(&component.display()))
}

fn install(folder: &Path) -> Result<(), BuildError> {
    let npm = NPM.find()?;
    let package = folder.join("package.json");
    fs::write(&package, PACKAGE).map_err(BuildError::io(&package.display()))?;
    run_npm(&npm, folder)?;
    let engine = folder.join(ENGINE);
    let engine = fs::read(&engine).map_err(BuildError::io(&engine.display()))?;
    let fixed = folder.join(FIXED);
    fs::write(&fixed, fixed::with_fixed_inputs(&engine)?).map_err(BuildError::io(&fixed.display()))
}

fn run_npm(npm: &Found, folder: &Path) -> Result<(), BuildError> {
    let mut call = npm.command();
    call.args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder);
    npm.run(&mut call).map(drop)
}
