//! `cargo xtask demo`.
//!
//! Owns: that everything is built before the demo runs.
//! Must not know: what the demo shows.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{build, process};

/// Builds everything, then runs the demo.
///
/// # Errors
/// Where something can't be built, or the demo fails.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    build::binary(workspace)?;
    process::run(Command::new(workspace.binary()).arg("demo").args(arguments))
}
