//! `cargo xtask bench --swaps`: a plugin is replaced while it is called.
//!
//! Owns: running the test of that in a process of its own, at a pace and for as
//! long as is asked for. Must not know: what is called.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

const TEST: &str =
    "upgrades::a_swap_under_load_fails_no_call_and_leaves_nothing_of_the_old_version";

/// Replaces it twenty times within so many seconds, at a hundred calls a second.
///
/// # Errors
/// Where something can't be built, a call fails, or something is left.
pub(super) fn run(workspace: &Workspace, seconds: u32) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    let mut command = workspace.cargo(&["test", "--release", "--workspace"]);
    command.args(["--test", "behaviour", "--", "--exact", TEST, "--nocapture"]);
    command.env("LOMBARD_SWAPS_SECONDS", seconds.to_string());
    step("swaps", || process::run(&mut command))
}
