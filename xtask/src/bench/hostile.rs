//! `cargo xtask bench --hostile`: how soon each attack is stopped.
//!
//! Owns: running the test of the attacks in a process of its own, as often as
//! is asked for. Must not know: the attacks, and what is measured.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

const TEST: &str = "hostile::each_is_stopped_named_and_counted_and_the_next_is_served";

/// Tries each attack so many times.
///
/// # Errors
/// Where something can't be built, or an attack gets through or is stopped late.
pub(super) fn run(workspace: &Workspace, times: u32) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    let mut command = workspace.cargo(&["test", "--release", "--workspace"]);
    command.args(["--test", "behaviour", "--", "--exact", TEST, "--nocapture"]);
    command.env("LOMBARD_ATTACKS", times.to_string());
    step("attacks", || process::run(&mut command))
}
