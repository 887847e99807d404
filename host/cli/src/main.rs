//! `lombard`: the command line of the plugin host.
//!
//! Owns: the way from arguments to a command and to an exit code: 0 done, 1
//! failed, 2 wrong usage. Results go to stdout, everything else to stderr.
//! Must not know: what a command does.

mod arguments;
mod bench;
mod bundle;
mod client;
mod commands;
mod context;
mod draw;
mod failure;
mod heap;
mod output;
mod progress;
mod telemetry;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use commands::compile;
use context::Context;

fn main() -> ExitCode {
    if let Some(code) = lombard_author::in_place_of_rustc() {
        return code;
    }
    heap::keep_what_was_freed();
    let arguments = Arguments::read();
    if let Command::Compile { memory, seconds } = arguments.command {
        // Before anything else: this process is to know nothing but its input.
        return compile::run(memory, seconds);
    }
    let context = match Context::new(&arguments.global) {
        Ok(context) => context,
        Err(fault) => arguments::refuse(&fault),
    };
    let telemetry = match context.start_log() {
        Ok(telemetry) => telemetry,
        Err(error) => return failure::tell(&context.output, &error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failure::tell(&context.output, &error.into()),
    };
    let done = runtime.block_on(commands::run(&context, arguments.command));
    // Nothing that was queued is lost: commands close their host before this.
    runtime.shutdown_background();
    telemetry.end();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::tell(&context.output, &error),
    }
}
