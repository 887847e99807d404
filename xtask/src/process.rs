//! Running other programs, and saying what goes on.
//!
//! Owns: the progress lines on standard error and the message for a program
//! that failed. Must not know: which programs there are.

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Writes a line to standard error.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Does one step of several and says how long it took.
///
/// # Errors
/// Those of the step, with its name.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(format_args!("==> {name}"));
    let begun = Instant::now();
    work().with_context(|| format!("{name} failed"))?;
    let seconds = begun.elapsed().as_millis();
    say(format_args!(
        "    {name}: {}.{} s",
        seconds / 1000,
        seconds % 1000 / 100
    ));
    Ok(())
}

/// Runs a program to its end, its output going where ours goes.
///
/// # Errors
/// Where it can't be started, or ends in failure; with the command that
/// repeats it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .status()
        .with_context(|| format!("can't start `{shown}`"))?;
    if !status.success() {
        bail!("{status}; to repeat it:\n    {shown}");
    }
    Ok(())
}

/// Runs a program to its end and gives what it wrote to standard output.
///
/// # Errors
/// Where it can't be started, ends in failure, or writes no UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("can't start `{shown}`"))?;
    if !output.status.success() {
        bail!("{}; to repeat it:\n    {shown}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` wrote no text"))
}

/// Whether a program can be run here.
pub(crate) fn is_installed(program: impl AsRef<OsStr>, question: &[&str]) -> bool {
    Command::new(program)
        .args(question)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as one would type it, with the environment it is given.
fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value)))
    });
    // Cargo names itself by its whole path; nobody types that.
    let program = std::path::Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(command.get_program());
    let arguments = std::iter::once(program)
        .chain(command.get_args())
        .map(|argument| quoted(&argument.to_string_lossy()));
    variables.chain(arguments).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_that_repeats_it() {
        let mut command = Command::new("no-such-program");
        command.args(["build", "a b"]).env("LOMBARD_X", "1");
        let error = run(&mut command).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("LOMBARD_X=1 no-such-program build 'a b'"),
            "{error}"
        );
    }

    #[test]
    fn a_failed_step_is_named() {
        let error = step("tidy", || bail!("two complaints")).unwrap_err();
        assert_eq!(format!("{error:#}"), "tidy failed: two complaints");
    }
}
