//! What can be written on the command line.
//!
//! Owns: commands, options, their help and examples. Must not know: what they
//! do.

mod audit;
mod author;
mod global;
mod plugin;
mod replay;
mod running;
mod serve;
mod token;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use lombard_model::{AccountId, ExpertId, Symbol, UseCase};
use lombard_store::SettingsOwner;

pub(crate) use audit::{AuditOptions, Measure, Threshold};
pub(crate) use author::{AuthorCommand, RunOptions};
pub(crate) use global::Global;
pub(crate) use plugin::{GrantOptions, PluginCommand};
pub(crate) use replay::{RecordOptions, ReplayOptions};
pub(crate) use running::{CacheCommand, JobCommand, SessionCommand, TopOptions};
pub(crate) use serve::ServeOptions;
pub(crate) use token::{TokenCommand, TokenName};

/// A WebAssembly plugin host for trading platforms.
///
/// The host keeps the database, the broker credentials and the one instance of
/// every account; plugins only borrow its session.
#[derive(Debug, Parser)]
#[command(name = "lombard", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Those of this process. Ends it where they can't be understood.
    pub(crate) fn read() -> Self {
        let matches = Self::command().get_matches();
        let read = Self::from_arg_matches(&matches);
        let mut arguments = read.unwrap_or_else(|error| error.exit());
        if let Err(fault) = arguments.global.settle(&matches) {
            refuse(fault);
        }
        arguments
    }
}

const EXAMPLES: &str = "\
Examples:
  lombard demo
  lombard import book.json
  lombard widget render floating-pl-per-expert
  lombard expert run 1 --symbol AAPL
  lombard settings set expert/1 fast_days 10
  lombard serve
  lombard top

Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what Lombard does: on a throw-away database with the bundled data
    /// and plugins
    Demo,
    /// Import a lombard-dataset/1 document, all or nothing; twice changes
    /// nothing
    #[command(
        after_help = "Examples:\n  lombard import book.json\n  cat book.json | lombard import -\n  lombard import --demo"
    )]
    Import {
        /// The document, `-` for stdin
        #[arg(required_unless_present = "demo", conflicts_with = "demo")]
        file: Option<PathBuf>,
        /// The data that `lombard demo` works on, with its real daily bars
        #[arg(long)]
        demo: bool,
    },
    /// Install, list, inspect and remove plugins
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Render widgets
    #[command(subcommand)]
    Widget(WidgetCommand),
    /// List and run experts
    #[command(subcommand)]
    Expert(ExpertCommand),
    /// List, read and change settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// List accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// List recommendations
    #[command(subcommand)]
    Recommendation(RecommendationCommand),
    /// Run a plugin on a recorded call, without its data: the same binary to the
    /// same result, another version to what it would have said
    #[command(after_help = replay::AFTER_HELP)]
    Replay(ReplayOptions),
    /// Say what calls have cost and who made them: sessions, statements, look-up
    /// loops, calls near a limit, connections held long
    #[command(after_help = audit::AFTER_HELP)]
    Audit(AuditOptions),
    /// Run the host process: the API, until it is told to end
    #[command(after_help = serve::AFTER_HELP)]
    Serve(ServeOptions),
    /// Look at, warm and drop what a running host caches
    #[command(subcommand)]
    Cache(CacheCommand),
    /// List, run and stop the jobs of a running host
    #[command(subcommand)]
    Job(JobCommand),
    /// List the sessions of a running host
    #[command(subcommand)]
    Session(SessionCommand),
    /// Watch a running host: plugins by cost, sessions, pool, caches
    #[command(after_help = running::TOP)]
    Top(TopOptions),
    /// Make, list and revoke the tokens by which somebody may talk to the host
    #[command(subcommand)]
    Token(TokenCommand),
    /// Measure the widgets beside the same work in native Rust
    #[command(
        after_help = "Example:\n  lombard bench --transactions 20 --transactions 2000 --renders 100"
    )]
    Bench(BenchOptions),
    /// Compile a component from stdin to stdout, within limits
    #[command(hide = true)]
    Compile {
        /// Bytes of memory
        memory: u64,
        /// Seconds
        seconds: u64,
    },
    /// Print a completion script
    #[command(after_help = "Example:\n  lombard completions bash > /etc/bash_completion.d/lombard")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// `lombard widget …`
#[derive(Debug, Subcommand)]
pub(crate) enum WidgetCommand {
    /// Render a widget once
    #[command(
        after_help = "Examples:\n  lombard widget render balance-usage-per-expert\n  lombard widget render my.wasm --grant-all --param top=5 --json"
    )]
    Render {
        /// An installed or bundled widget's name, or a file
        widget: String,
        #[command(flatten)]
        grants: GrantOptions,
        /// A setting of this render
        #[arg(long = "param", value_name = "K=V", value_parser = parameter)]
        params: Vec<(String, String)>,
        #[command(flatten)]
        record: RecordOptions,
    },
}

/// `lombard expert …`
#[derive(Debug, Subcommand)]
pub(crate) enum ExpertCommand {
    /// List the expert instances
    List,
    /// Run an expert, store its analysis and its recommendations
    #[command(
        after_help = "Examples:\n  lombard expert run 1\n  lombard expert run --all --symbol AAPL --symbol MSFT\n  lombard expert run 1 --record run.json"
    )]
    Run {
        /// The expert instance
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<ExpertId>,
        /// All that are enabled and whose plugin is there
        #[arg(long, conflicts_with = "file")]
        all: bool,
        /// Look at this symbol [default: the instance's enabled_instruments,
        /// else all that have bars]
        #[arg(long = "symbol", value_name = "S")]
        symbols: Vec<Symbol>,
        /// What the recommendations are for
        #[arg(long, value_enum, default_value = "enter-market")]
        use_case: UseCaseOption,
        #[command(flatten)]
        record: RecordOptions,
    },
    /// Have an expert stay with one version of its plugin, whatever is
    /// installed; others go on with what is installed
    #[command(
        after_help = "Examples:\n  lombard expert pin 3\n  lombard expert pin 3 0.1.0\n  lombard expert pin 3 8f2c01d4"
    )]
    Pin {
        /// The expert instance
        id: ExpertId,
        /// A version that is installed, was before, or comes with the host, or
        /// the beginning of its digest [default: what it would run now]
        version: Option<String>,
    },
    /// Have an expert go with what is installed again
    #[command(after_help = "Example:\n  lombard expert unpin 3")]
    Unpin {
        /// The expert instance
        id: ExpertId,
    },
}

/// What recommendations are for, as the command line has it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum UseCaseOption {
    /// Looking for what to buy or sell
    EnterMarket,
    /// Looking after what is held
    OpenPositions,
}

impl From<UseCaseOption> for UseCase {
    fn from(option: UseCaseOption) -> Self {
        match option {
            UseCaseOption::EnterMarket => Self::EnterMarket,
            UseCaseOption::OpenPositions => Self::OpenPositions,
        }
    }
}

/// `lombard settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// List all settings with their values; secrets are shown as •••
    #[command(
        after_help = "Examples:\n  lombard settings list expert/1\n  lombard settings list account/2 --json"
    )]
    List {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
    },
    /// Print the value of a setting, a secret as •••
    #[command(after_help = "Example:\n  lombard settings get expert/1 min_confidence")]
    Get {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
        /// The setting
        key: String,
    },
    /// Save a setting
    #[command(
        after_help = "Examples:\n  lombard settings set expert/1 enabled_instruments AAPL,MSFT\n  lombard settings set account/2 api_key - < key.txt"
    )]
    Set {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
        /// The setting
        key: String,
        /// Its value; `-` reads it from stdin, so that a secret is in no list
        /// of processes
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Remove what was saved, so that the default shows again
    #[command(after_help = "Example:\n  lombard settings unset expert/1 min_confidence")]
    Unset {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
        /// The setting
        key: String,
    },
    /// Remove what was saved under keys that are not declared any more
    #[command(
        after_help = "What an earlier version of a plugin declared is kept, for the way back to it. \
                      `settings list` names it.\n\nExample:\n  lombard settings purge expert/1"
    )]
    Purge {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
    },
}

/// `lombard account …`
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// List the accounts
    List,
}

/// `lombard recommendation …`
#[derive(Debug, Subcommand)]
pub(crate) enum RecommendationCommand {
    /// List what experts recommended, newest first
    #[command(
        after_help = "Examples:\n  lombard recommendation list --limit 10\n  lombard recommendation list --json"
    )]
    List {
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
}

/// `lombard bench …`
#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// Open transactions in the book [default: 20, 200 and 2000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub(crate) transactions: Vec<u32>,
    /// Accounts in the book [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) accounts: Vec<u32>,
    /// Renders of each kind
    #[arg(long, value_name = "M", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) renders: u32,
    /// Measure everything: also 20,000 transactions, 1 to 20 accounts, crowds
    /// of renders, and the parts of a call
    #[arg(long, conflicts_with_all = ["transactions", "accounts"])]
    pub(crate) full: bool,
    /// Leave the databases in this folder, as bench-TRANSACTIONS.sqlite
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
}

/// Ends the process as the parser does where something is wrong with what was
/// written.
pub(crate) fn refuse(fault: &str) -> ! {
    Arguments::command()
        .error(ErrorKind::ValueValidation, fault)
        .exit()
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn owner(text: &str) -> Result<SettingsOwner, String> {
    let fault = "write it as account/ID or expert/ID";
    let (kind, id) = text.split_once('/').ok_or(fault)?;
    let told = |error: lombard_model::IdError| error.to_string();
    match kind {
        "account" => id
            .parse::<AccountId>()
            .map(SettingsOwner::Account)
            .map_err(told),
        "expert" => id
            .parse::<ExpertId>()
            .map(SettingsOwner::Expert)
            .map_err(told),
        _ => Err(fault.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_agrees_with_itself() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn owners_are_read() {
        assert!(matches!(owner("expert/7"), Ok(SettingsOwner::Expert(id)) if id.get() == 7));
        for bad in ["expert", "expert/", "expert/0", "widget/1", "account/x"] {
            assert!(owner(bad).is_err(), "{bad} was taken");
        }
    }
}
