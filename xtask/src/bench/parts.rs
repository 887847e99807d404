//! `cargo xtask bench --parts`: the parts of a call, each by itself.
//!
//! Owns: what is built before, and running the benches of all crates. Must not
//! know: what they measure.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// The benches of parts, by name.
const PARTS: [&str; 5] = ["book", "cache", "calls", "decimals", "sessions"];

/// Builds the plugins and the binary, which compiles them, then runs all benches. `arguments` go to each of them:
/// a filter, or options of Criterion.
///
/// # Errors
/// Where something can't be built, or a bench fails.
pub(super) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    build::binary(workspace)?;
    // With the whole workspace selected, as everywhere: what the tests have
    // built is not built again. Only benches are named, since what else Cargo
    // takes for one does not know Criterion's options.
    let mut benches = vec!["bench", "--workspace"];
    benches.extend(PARTS.iter().flat_map(|name| ["--bench", name]));
    benches.push("--");
    benches.extend(arguments);
    step("run benches", || {
        process::run(&mut workspace.cargo(&benches))
    })
}
