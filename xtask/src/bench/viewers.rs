//! `cargo xtask bench --viewers`: many who look at the dashboard at once.
//!
//! Owns: what is built before, and running what looks. Must not know: how it
//! looks.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// How many look, and how long, in seconds, while nothing changes and again
/// with a commit a second.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ViewersOptions {
    pub(super) viewers: u32,
    pub(super) seconds: u32,
}

/// Builds the binary, then has so many look at it.
///
/// # Errors
/// Where something can't be built, a request fails, or the host opens more
/// sessions than it may.
pub(super) fn run(workspace: &Workspace, options: &ViewersOptions) -> Result<()> {
    build::binary(workspace)?;
    let (viewers, seconds) = (options.viewers.to_string(), options.seconds.to_string());
    let look = [
        "run",
        "--release",
        "--package",
        "lombard-tests",
        "--example",
        "viewers",
        "--",
    ];
    let mut command = workspace.cargo(&look);
    command.args(["--viewers", &viewers, "--seconds", &seconds]);
    step("look", || process::run(&mut command))
}
