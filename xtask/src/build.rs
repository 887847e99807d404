//! What is built, and in which order.
//!
//! Owns: the plugins before the binary that embeds them, and the guests.
//! Must not know: how a plugin is made.

use anyhow::Result;

use crate::process::{self, step};
use crate::workspace::{Package, Workspace};
use crate::{plugins, target};

/// The folders of the plugins that the binary embeds.
const PLUGIN_FOLDERS: [&str; 3] = ["plugins/widgets", "plugins/experts", "plugins/measured"];

/// The folder of the components that the tests run.
pub(crate) const GUEST_FOLDER: &str = "tests/guests";

/// All crates that are built for WebAssembly only.
pub(crate) fn guest_side(workspace: &Workspace) -> Vec<&Package> {
    let folders = PLUGIN_FOLDERS.into_iter().chain([GUEST_FOLDER]);
    folders
        .flat_map(|folder| workspace.packages_in(folder))
        .collect()
}

/// The plugins that the binary embeds.
///
/// # Errors
/// Where something can't be built; the message names it.
pub(crate) fn plugins(workspace: &Workspace) -> Result<()> {
    step("build plugins", || {
        target::ensure(workspace)?;
        let folders = PLUGIN_FOLDERS.into_iter();
        let packages: Vec<_> = folders
            .flat_map(|folder| workspace.packages_in(folder))
            .collect();
        plugins::build(workspace, &packages, &workspace.plugins())
    })
}

/// The plugins, and the binary with them inside.
///
/// # Errors
/// Where something can't be built; the message names it.
pub(crate) fn binary(workspace: &Workspace) -> Result<()> {
    plugins(workspace)?;
    // With the whole workspace selected, so that the features of its
    // dependencies are those of the tests: wasmtime is then compiled once.
    let arguments = ["build", "--release", "--workspace", "--bin", "lombard"];
    step("build lombard", || {
        process::run(&mut workspace.cargo(&arguments))
    })
}

/// The components that the tests run.
///
/// # Errors
/// Where one can't be built; the message names it.
pub(crate) fn guests(workspace: &Workspace) -> Result<()> {
    step("build guests", || {
        target::ensure(workspace)?;
        let packages: Vec<_> = workspace.packages_in(GUEST_FOLDER).collect();
        plugins::build(workspace, &packages, &workspace.guests())
    })
}
