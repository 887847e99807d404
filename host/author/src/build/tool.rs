//! Calling the tools of a language.
//!
//! Owns: that a missing one is named with how to get it, and that what a
//! failing one said is told, within bounds. Must not know: which tools.

use std::io::{self, Read, Write as _};
use std::process::{Command, Stdio};

/// Why a project could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A tool that the build needs is not there.
    #[error("{tool} is not installed")]
    MissingTool {
        /// What is missing.
        tool: String,
        /// How to get it.
        remedy: String,
    },
    /// A tool failed.
    #[error("{tool} failed{}", shown(output))]
    Failed {
        /// Which.
        tool: String,
        /// The end of what it said, where that was not shown as it was said.
        output: String,
    },
    /// A file or a tool can't be worked with.
    #[error("{what}: {source}")]
    Io {
        /// What.
        what: String,
        /// Why.
        source: io::Error,
    },
}

impl BuildError {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::MissingTool { remedy, .. } => Some(remedy.clone()),
            Self::Failed { .. } => Some("correct what it told, and build again".to_owned()),
            Self::Io { .. } => None,
        }
    }
}

fn shown(output: &str) -> String {
    match output.trim() {
        "" => String::new(),
        output => format!(": {output}"),
    }
}

/// A tool that a build needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tool {
    pub(super) program: &'static str,
    pub(super) remedy: &'static str,
}

impl Tool {
    /// A command of it.
    ///
    /// # Errors
    /// Where it is not installed.
    pub(super) fn command(self) -> Result<Command, BuildError> {
        let mut asked = Command::new(self.program);
        asked
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match asked.status() {
            Ok(status) if status.success() => Ok(Command::new(self.program)),
            _ => Err(BuildError::MissingTool {
                tool: self.program.to_owned(),
                remedy: self.remedy.to_owned(),
            }),
        }
    }
}

/// How much a tool may say on stdout before no more of it is kept.
const MOST: u64 = 64 << 20;

/// Runs it and gives what it says on stdout; what it says on stderr is shown
/// as it is said: it is the author's own tool, and they wait for it.
pub(super) fn output(tool: &str, command: &mut Command) -> Result<Vec<u8>, BuildError> {
    let io_error = |source| BuildError::Io {
        what: tool.to_owned(),
        source,
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(io_error)?;
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = stdout;
        let read = (&mut stdout).take(MOST).read_to_end(&mut said);
        read.map_err(io_error)?;
        // What is beyond is read and dropped, so that the tool can end.
        io::copy(&mut stdout, &mut io::sink()).map_err(io_error)?;
    }
    let status = child.wait().map_err(io_error)?;
    let _ = io::stderr().flush();
    match status.success() {
        true => Ok(said),
        false => Err(BuildError::Failed {
            tool: tool.to_owned(),
            output: status.to_string(),
        }),
    }
}
