//! `cargo xtask`: what the README's two commands call.
//!
//! Owns: the commands and their exit codes (0 done, 1 failed, 2 wrong usage).
//! Must not know: how any of them does its work.

mod bench;
mod book;
mod browser;
mod build;
mod demo;
mod fuzz;
mod kills;
mod languages;
mod lint;
mod packages;
mod plugins;
mod process;
mod soak;
mod target;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use process::say;
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask <command>

  demo [-- ARGS]            build everything, then run `lombard demo`
  test [--fast] [-- ARGS]   build everything, then run all tests, some of them in
                            a browser, which is installed where that can be done
                            (--fast: no doc-tests, few cases per property)
  screens                   take the pictures in docs/screens anew, and tell how
                            soon each page was there and what it weighs
  bench --peer [--transactions N]... [--renders M] [--binary FILE] [--json]
                            Lombard beside the platform it began from: a widget
                            as our own tests/peer renders it with SQLModel, in
                            turns on the same databases. Needs Python 3.11, and
                            a package index once
                            (--binary: measure this lombard, and build none)
  bench --parts [-- ARGS]   the parts of a call, each by itself, with Criterion
                            (ARGS: a filter, or options of Criterion)
  bench --hostile [N]       each attack of the tests N (100) times, and how soon after
                            its deadline it was stopped; fails where that is late
  bench --neighbours        what a widget waits for beside plugins that compute until
                            they are stopped; fails where that is too long
  bench --swaps [S]         a plugin that is replaced 20 times within S (30) seconds, while
                            it is called a hundred times a second; fails where a call does
  bench --viewers [N] [--seconds S]
                            N (100) who look at the dashboard for S (60) seconds
                            while nothing changes, and again with a commit a
                            second: what they wait for, what the host uses
  soak [--sessions N]       N sessions (a million) opened and ended in every way,
                            then what they left behind: connections, handles,
                            memory. Takes a quarter of an hour or more
  kills [--kills N] [--seed S]
                            N hosts (300) killed at random moments amid imports,
                            runs and saves, then what their databases hold; the
                            same moments again with the seed that it tells
  fuzz [--seconds N] [TARGET]...
                            hostile bytes into whatever reads them, for N (60)
                            seconds a target: admission, asks, dataset, manifest,
                            recording, values. Needs a nightly compiler; what is
                            found stands in target/fuzz/findings
  book                      the book in docs/book: its reference anew from wit/, then
                            the pages, into target/book; fails at a warning or a
                            link that leads nowhere
  build                     the plugins and the binary with them inside
  guests                    the components that the tests run
  lint                      fmt, tidy, the book, clippy, docs, licences
  tidy                      the rules of this repository that no tool knows
  ci                        lint and test
  help                      this

Everything is built into the target directory (CARGO_TARGET_DIR is honoured).";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(command) = Command::parse(&arguments) else {
        say(format_args!(
            "error: no such command: {}\n\n{USAGE}",
            arguments.join(" ")
        ));
        return ExitCode::from(2);
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Command<'a> {
    Help,
    Bench(bench::Options<'a>),
    Book,
    Build,
    Guests,
    Soak {
        sessions: u64,
    },
    Kills(kills::Options),
    Fuzz(fuzz::Options),
    Demo(&'a [&'a str]),
    Test {
        fast: bool,
        arguments: &'a [&'a str],
    },
    Screens,
    Lint,
    Tidy,
    Ci,
}

impl<'a> Command<'a> {
    fn parse(arguments: &'a [&'a str]) -> Option<Self> {
        Some(match arguments {
            ["help" | "--help" | "-h"] => Self::Help,
            ["bench", rest @ ..] => Self::Bench(bench::Options::parse(rest)?),
            ["soak", rest @ ..] => Self::Soak {
                sessions: soak::parse(rest)?,
            },
            ["kills", rest @ ..] => Self::Kills(kills::Options::parse(rest)?),
            ["fuzz", rest @ ..] => Self::Fuzz(fuzz::Options::parse(rest)?),
            ["book"] => Self::Book,
            ["build"] => Self::Build,
            ["guests"] => Self::Guests,
            ["demo"] => Self::Demo(&[]),
            ["demo", "--", rest @ ..] => Self::Demo(rest),
            ["test"] => Self::Test {
                fast: false,
                arguments: &[],
            },
            ["test", "--fast"] => Self::Test {
                fast: true,
                arguments: &[],
            },
            ["test", "--", rest @ ..] => Self::Test {
                fast: false,
                arguments: rest,
            },
            ["test", "--fast", "--", rest @ ..] => Self::Test {
                fast: true,
                arguments: rest,
            },
            ["screens"] => Self::Screens,
            ["lint"] => Self::Lint,
            ["tidy"] => Self::Tidy,
            ["ci"] => Self::Ci,
            _ => return None,
        })
    }

    fn run(self) -> anyhow::Result<()> {
        if self == Self::Help {
            say(format_args!("{USAGE}"));
            return Ok(());
        }
        let workspace = Workspace::load()?;
        match self {
            Self::Help => Ok(()),
            Self::Bench(options) => bench::run(&workspace, &options),
            Self::Book => book::run(&workspace),
            Self::Build => build::binary(&workspace),
            Self::Soak { sessions } => soak::run(&workspace, sessions),
            Self::Kills(options) => kills::run(&workspace, options),
            Self::Fuzz(options) => fuzz::run(&workspace, &options),
            Self::Guests => build::guests(&workspace),
            Self::Demo(arguments) => demo::run(&workspace, arguments),
            Self::Test { fast, arguments } => test::run(&workspace, fast, arguments),
            Self::Screens => browser::screens(&workspace),
            Self::Lint => lint::run(&workspace),
            Self::Tidy => tidy::run(&workspace),
            Self::Ci => lint::run(&workspace).and_then(|()| test::run(&workspace, false, &[])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_command_is_refused() {
        for bad in [
            &["bulid"][..],
            &[],
            &["demo", "fast"],
            &["test", "--slow"],
            &["ci", "now"],
            &["screens", "dark"],
            &["bench"],
            &["bench", "--peer", "--renders"],
            &["kills", "--seed"],
            &["fuzz", "everything"],
        ] {
            assert_eq!(Command::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn arguments_behind_two_dashes_are_passed_on() {
        assert_eq!(
            Command::parse(&["demo", "--", "--json"]),
            Some(Command::Demo(&["--json"]))
        );
        let fast = Command::Test {
            fast: true,
            arguments: &["one"],
        };
        assert_eq!(Command::parse(&["test", "--fast", "--", "one"]), Some(fast));
    }
}
