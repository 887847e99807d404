//! `cargo xtask bench`.
//!
//! Owns: which benchmarks there are. Must not know: how any of them is taken.

mod hostile;
mod neighbours;
mod options;
mod parts;
mod peer;
mod swaps;
mod viewers;

use anyhow::Result;

use crate::workspace::Workspace;

pub(crate) use options::Options;
use options::PeerOptions;

/// Takes the benchmark that was asked for.
///
/// # Errors
/// Those of the benchmark.
pub(crate) fn run(workspace: &Workspace, options: &Options<'_>) -> Result<()> {
    match options {
        Options::Peer(options) => peer::run(workspace, options),
        Options::Viewers(options) => viewers::run(workspace, options),
        Options::Hostile(times) => hostile::run(workspace, *times),
        Options::Swaps(seconds) => swaps::run(workspace, *seconds),
        Options::Neighbours => neighbours::run(workspace),
        Options::Parts(arguments) => parts::run(workspace, arguments),
    }
}
