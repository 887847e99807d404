//! `lombard compile`: what a host calls to have a component compiled.
//!
//! Owns: standard input and output of that, and its exit code. Whoever calls it
//! is a host, so that it is not shown among the commands.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use lombard_runtime::{CompileLimits, compile_here};

pub(crate) fn run(memory: u64, seconds: u64) -> ExitCode {
    let limits = CompileLimits {
        memory_bytes: memory,
        time: Duration::from_secs(seconds),
        ..CompileLimits::default()
    };
    match compile_here(limits, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Where nobody listens, nobody is to be told.
            let _ = write!(io::stderr(), "{fault}");
            ExitCode::FAILURE
        }
    }
}
