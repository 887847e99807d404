//! `cargo xtask kills`.
//!
//! Owns: running the test that kills hosts in a process of its own, as often
//! and with the seed that is asked for. Must not know: what is killed, and when.

use anyhow::Result;

use crate::build;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// Kills, unless somebody asks for another number.
const KILLS: u64 = 300;

const TEST: &str =
    "kills::hosts::a_killed_host_loses_nothing_that_was_acknowledged_and_leaves_nothing_half";

/// How often to kill, and at which moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    kills: u64,
    /// None: at others than last time.
    seed: Option<u64>,
}

impl Options {
    /// Reads them; none where the arguments are wrong.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self {
            kills: KILLS,
            seed: None,
        };
        for pair in arguments.chunks(2) {
            match pair {
                ["--kills", count] => {
                    options.kills = count.parse().ok().filter(|kills| *kills > 0)?;
                }
                ["--seed", seed] => options.seed = Some(seed.parse().ok()?),
                _ => return None,
            }
        }
        Some(options)
    }
}

/// Kills so many hosts amid their work, and fails where one has lost what it
/// acknowledged or left something half written.
///
/// # Errors
/// Where something can't be built, or the test fails.
pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    build::binary(workspace)?;
    build::guests(workspace)?;
    let mut command = workspace.cargo(&["test", "--release", "--workspace"]);
    command.args(["--test", "behaviour", "--", "--exact", TEST]);
    command.env("LOMBARD_KILLS", options.kills.to_string());
    if let Some(seed) = options.seed {
        command.env("LOMBARD_KILLS_SEED", seed.to_string());
    }
    step("kills", || process::run(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_are_300_or_as_many_as_asked_for_with_a_seed_or_without() {
        let read = |arguments: &[&str]| {
            let options = Options::parse(arguments)?;
            Some((options.kills, options.seed))
        };
        assert_eq!(read(&[]), Some((300, None)));
        assert_eq!(read(&["--kills", "20"]), Some((20, None)));
        let both = Some((2, Some(7)));
        assert_eq!(read(&["--seed", "7", "--kills", "2"]), both);
        assert_eq!(read(&["--kills", "2", "--seed", "7"]), both);
        for bad in [
            &["--kills"][..],
            &["--kills", "0"],
            &["20"],
            &["--seed", "one"],
            &["--kills", "2", "--seed"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
