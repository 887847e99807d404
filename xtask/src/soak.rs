//! `cargo xtask soak`.
//!
//! Owns: running the soak test in a process of its own, with as many calls as
//! are asked for. Must not know: what the test does with them.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// Calls, and so sessions, unless somebody asks for another number.
const SESSIONS: u64 = 1_000_000;

/// The one test that runs, so that what it measures of its process is its own.
const TEST: &str = "soak::sessions_that_end_in_every_way_leave_nothing_behind";

/// Reads how many sessions are wanted; none where the arguments are wrong.
pub(crate) fn parse(arguments: &[&str]) -> Option<u64> {
    match arguments {
        [] => Some(SESSIONS),
        ["--sessions", count] => count.parse().ok().filter(|count| *count > 0),
        _ => None,
    }
}

/// Opens and ends so many sessions, and fails where they leave something
/// behind.
///
/// # Errors
/// Where something can't be built, or the test fails.
pub(crate) fn run(workspace: &Workspace, sessions: u64) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    let mut command = workspace.cargo(&["test", "--release", "--workspace"]);
    command.args(["--test", "behaviour", "--", "--exact", TEST]);
    command.env("LOMBARD_SOAK_SESSIONS", sessions.to_string());
    step("soak", || process::run(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_a_million_or_as_many_as_asked_for() {
        assert_eq!(parse(&[]), Some(1_000_000));
        assert_eq!(parse(&["--sessions", "20"]), Some(20));
        for bad in [
            &["--sessions"][..],
            &["--sessions", "0"],
            &["20"],
            &["--sessions", "2", "3"],
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
