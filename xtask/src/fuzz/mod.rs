//! `cargo xtask fuzz`: hostile bytes into whatever reads them.
//!
//! Owns: the targets of `fuzz/`, how long each runs, and what is told of it.
//! Must not know: how they are built (`build.rs`), nor what they try.

mod build;
mod outcome;
mod seeds;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::outcome::Outcome;
use crate::process::{say, step};
use crate::workspace::Workspace;

/// A target of `fuzz/`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    name: &'static str,
    /// The longest input, in bytes.
    longest: u32,
}

/// All targets, each with the longest input that is of use: one that is much
/// longer finds nothing that a shorter one does not, and takes longer.
const TARGETS: [Target; 6] = [
    Target::new("admission", 128 << 10),
    Target::new("asks", 4 << 10),
    Target::new("dataset", 16 << 10),
    Target::new("manifest", 64 << 10),
    Target::new("recording", 16 << 10),
    Target::new("values", 4 << 10),
];

/// How long a target runs, unless somebody asks for longer.
const SECONDS: u32 = 60;

/// What one input may take, also on a machine that has other work: a second
/// would be long.
const TIMEOUT_SECONDS: u32 = 60;

/// What a target may use in all, and one allocation of it: no file that is
/// small may make its reader ask for as much.
const MEMORY_MIB: u32 = 2_048;
const ALLOCATION_MIB: u32 = 96;

/// What is to be fuzzed, and for how long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    seconds: u32,
    targets: Vec<&'static Target>,
}

impl Target {
    const fn new(name: &'static str, longest: u32) -> Self {
        Self { name, longest }
    }
}

impl Options {
    /// Reads what is wanted; none where the arguments are wrong.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let (seconds, names) = match arguments {
            ["--seconds", seconds, names @ ..] => (seconds.parse().ok()?, names),
            names => (SECONDS, names),
        };
        let target = |name: &&str| TARGETS.iter().find(|target| target.name == *name);
        let targets = match names {
            [] => TARGETS.iter().collect(),
            names => names.iter().map(target).collect::<Option<_>>()?,
        };
        (seconds > 0).then_some(Self { seconds, targets })
    }
}

/// Runs the targets one after the other, all of them whatever one finds, and
/// tells what each did.
///
/// # Errors
/// Where one can't be built or run, or finds something.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    crate::build::binary(workspace)?;
    seeds::make(workspace)?;
    let built = build::targets(workspace)?;
    let mut found = vec![];
    for target in &options.targets {
        step(&format!("fuzz {}", target.name), || {
            let mut command = Command::new(built.join(target.name));
            let outcome = fuzz(workspace, target, options.seconds, &mut command)?;
            say(format_args!("    {outcome}"));
            if !outcome.is_clean() {
                found.push(target.name);
            }
            Ok(())
        })?;
    }
    match found.is_empty() {
        true => Ok(()),
        false => bail!("something was found by: {}", found.join(", ")),
    }
}

fn fuzz(
    workspace: &Workspace,
    target: &Target,
    seconds: u32,
    command: &mut Command,
) -> Result<Outcome> {
    let name = target.name;
    let of_its_own = |what: &str| made(workspace.target(&format!("fuzz/{what}/{name}")));
    let (corpus, findings) = (of_its_own("corpus")?, of_its_own("findings")?);
    let log = workspace.target(&format!("fuzz/{name}.log"));
    let told = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
    command
        .arg(corpus)
        .args(seeds::folders(workspace, name))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.longest))
        .arg(format!("-timeout={TIMEOUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-malloc_limit_mb={ALLOCATION_MIB}"))
        .arg("-print_final_stats=1")
        // What a process keeps until its end is no leak, and threads have some.
        .env("ASAN_OPTIONS", "detect_leaks=0:detect_odr_violation=0")
        .env("LOMBARD_GUESTS", workspace.guests())
        .env("LOMBARD_BIN", workspace.binary())
        .env("TMPDIR", throw_away(workspace, name)?)
        .current_dir(workspace.path(""))
        .stderr(told);
    let words = workspace.path(&format!("fuzz/dictionaries/{name}.dict"));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
    let status = command
        .status()
        .with_context(|| format!("can't run {name}"))?;
    // Whatever bytes a finding prints.
    let text = fs::read(&log).with_context(|| format!("can't read {}", log.display()))?;
    Outcome::read(status.success(), &String::from_utf8_lossy(&text), &log)
}

/// An empty folder for the files of one run: a process that ends by a signal
/// leaves them. Each target has its own, as two may be run at once.
fn throw_away(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.target(&format!("fuzz/tmp/{name}"));
    if let Err(error) = fs::remove_dir_all(&folder)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("can't empty {}", folder.display()));
    }
    made(folder)
}

fn made(folder: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_targets_run_for_a_minute_or_those_named_for_as_long_as_asked_for() {
        let all = Options::parse(&[]).unwrap();
        assert_eq!((all.seconds, all.targets.len()), (60, TARGETS.len()));
        let two = Options::parse(&["--seconds", "600", "values", "dataset"]).unwrap();
        let names: Vec<_> = two.targets.iter().map(|target| target.name).collect();
        assert_eq!((two.seconds, names), (600, vec!["values", "dataset"]));
        for bad in [
            &["--seconds"][..],
            &["--seconds", "0"],
            &["--seconds", "long"],
            &["views"],
            &["dataset", "--seconds", "5"],
        ] {
            assert_eq!(Options::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_target_that_is_built_is_one_that_runs() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        let names = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("path = \"targets/"));
        let names: Vec<_> = names
            .filter_map(|name| name.strip_suffix(".rs\""))
            .collect();
        assert_eq!(names, TARGETS.map(|target| target.name));
    }
}
