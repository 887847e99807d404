//! `cargo xtask bench --neighbours`: a widget beside plugins that never return.
//!
//! Owns: what is built before. Must not know: what is measured.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// Builds what is needed, then measures.
///
/// # Errors
/// Where something can't be built, or the widget waits for longer than it may.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    let bench = ["bench", "--workspace", "--bench", "neighbours"];
    step("a widget beside others that spin", || {
        process::run(&mut workspace.cargo(&bench))
    })
}
