//! `cargo xtask bench --peer`: Lombard beside the platform it began from.
//!
//! Owns: the order of the rounds, and running both programs on one database.
//! They take turns, so that whatever else the machine does meets both.
//! Must not know: what either reads, or what their figures mean.

mod figures;
mod report;
mod venv;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use super::PeerOptions;
use crate::build;
use crate::process::{self, say};
use crate::workspace::Workspace;

use figures::{Round, Size, WIDGET};
use report::Report;

/// Turns of each side at each size. An odd number, so that one is the median.
const ROUNDS: usize = 3;

/// The folder of the peer.
const PEER: &str = "tests/peer";

struct Bench<'a> {
    binary: PathBuf,
    python: PathBuf,
    script: PathBuf,
    options: &'a PeerOptions,
    /// Of the last run, which are those of all.
    machine: Json,
    versions: Json,
}

/// Measures both and prints the comparison.
///
/// # Errors
/// Where the peer's environment can't be made, the binary can't be built, or
/// the peer shows other rows than Lombard.
pub(super) fn run(workspace: &Workspace, options: &PeerOptions) -> Result<()> {
    let peer = workspace.path(PEER);
    let python = venv::ready(workspace, &peer.join("requirements.txt"))?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => {
            build::binary(workspace)?;
            workspace.binary()
        }
    };
    let mut bench = Bench {
        binary,
        python,
        script: peer.join("peer.py"),
        options,
        machine: Json::Null,
        versions: Json::Null,
    };
    let report = bench.measure()?;
    let text = match options.json {
        true => serde_json::to_string_pretty(&report.json())?,
        false => report.words(),
    };
    writeln!(std::io::stdout(), "{text}").context("can't write to standard output")
}

impl Bench<'_> {
    fn measure(&mut self) -> Result<Report> {
        let folder = tempfile::tempdir().context("no folder for throw-away databases")?;
        let mut sizes = vec![];
        for size in &self.options.transactions {
            let mut rounds = vec![];
            for round in 1..=ROUNDS {
                say(format_args!(
                    "==> {size} transactions, round {round} of {ROUNDS}"
                ));
                rounds.push(self.round(*size, &folder.path().join(format!("{size}-{round}")))?);
            }
            sizes.extend(Size::of(*size, &rounds));
        }
        Ok(Report {
            sizes,
            machine: self.machine.take(),
            versions: self.versions.take(),
            rounds: ROUNDS,
            renders: self.options.renders,
        })
    }

    /// Lombard, then the peer on the database that Lombard was measured on.
    fn round(&mut self, size: u32, folder: &Path) -> Result<Round> {
        fs::create_dir(folder).with_context(|| format!("can't make {}", folder.display()))?;
        let renders = self.options.renders.to_string();
        let mut bench = self.lombard(&["bench", "--renders", &renders]);
        bench.args(["--transactions", &size.to_string(), "--keep"]);
        let mut bench = answer(bench.arg(folder))?;
        let database = folder.join(format!("bench-{size}.sqlite"));
        let mut peer = Command::new(&self.python);
        peer.arg("-B")
            .arg(&self.script)
            .arg(&database)
            .args(["--renders", &renders]);
        let mut peer = answer(&mut peer)?;
        let mut render = self.lombard(&["widget", "render", WIDGET, "--db"]);
        let view = answer(render.arg(&database))?;
        let round = Round::join(size, &bench, &peer, &view)?;
        self.machine = bench["machine"].take();
        if let Some(versions) = peer.as_object_mut() {
            versions.remove("runs");
        }
        self.versions = peer;
        Ok(round)
    }

    fn lombard(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["--json", "--quiet"]).args(arguments);
        command
    }
}

/// Runs a program that writes one JSON document.
fn answer(command: &mut Command) -> Result<Json> {
    let text = process::output(command)?;
    let program = command.get_program().display();
    serde_json::from_str(&text).with_context(|| format!("{program} wrote no JSON"))
}
