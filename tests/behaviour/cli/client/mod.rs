//! The command line as a client of a host that runs.
//!
//! Owns: hosts with something to ask for, and the file by which they are found.
//! Must not know: how the host answers.

mod found;
mod running;
mod same;
mod top;

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::Value as Json;

use super::serving::Serving;
use super::{Ran, User};

/// What a command tells with `-v` that went through a host.
const THROUGH_A_HOST: &str = "has this database open";

impl User {
    /// The file by which this user's host is found.
    fn run_file(&self) -> PathBuf {
        self.path("book.sqlite.host")
    }

    /// What is in it.
    fn announced(&self) -> Json {
        let text = fs::read(self.run_file()).expect("a file");
        serde_json::from_slice(&text).expect("a document")
    }

    /// Runs a command that has to work, and to have gone through the host.
    fn through(&self, arguments: &[&str]) -> String {
        let mut all = arguments.to_vec();
        all.push("-v");
        let ran = self.run(&all);
        assert!(ran.stderr.contains(THROUGH_A_HOST), "{all:?}: {ran:?}");
        ran.done(&all)
    }

    /// Runs a command with this token in its environment.
    fn with_token(&self, token: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.env("LOMBARD_TOKEN", token);
        Ran::of(command.output().expect("the binary runs"))
    }
}

impl Serving {
    /// Ends as a host does that is told to.
    fn stop(self) {
        self.signal(Signal::TERM);
        let ran = self.ends();
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}
