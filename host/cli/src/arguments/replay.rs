//! `lombard replay` on the command line, and `--record` beside what is called.

use std::path::PathBuf;

use clap::Args;

pub(super) const AFTER_HELP: &str = "\
Examples:
  lombard expert run 1 --record run.json
  lombard replay run.json
  lombard replay run.json --with changed.wasm
  lombard replay run.json --with moving-average-cross --json

No database is read but to find the plugin. The same binary has to give the
same result: where it does not, the exit code is 1. Another version is shown
with what it would have said, and the exit code is 0 whatever that is.";

/// `lombard replay …`
#[derive(Debug, Args)]
pub(crate) struct ReplayOptions {
    /// The recording, `-` for stdin
    pub(crate) file: PathBuf,
    /// Run this in place of the recorded binary: an installed or bundled
    /// plugin's name, or a file
    #[arg(long, value_name = "PLUGIN")]
    pub(crate) with: Option<String>,
}

/// Where a call is recorded.
#[derive(Debug, Args)]
pub(crate) struct RecordOptions {
    /// Record in this file what the plugin asked of the host and was answered,
    /// for `lombard replay`; secrets are never in it
    #[arg(long = "record", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
