//! `lombard plugin …` for those who write plugins.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lombard_author::Language;
use lombard_model::{
    AccountScope, ExpertId, Granted, Grants, PluginKind, PluginName, Symbol, Timestamp,
};

use super::{UseCaseOption, parameter};

const RUN: &str = "\
Examples:
  lombard plugin run
  lombard plugin run my.wasm --dataset book.json --param top=5
  lombard plugin run my.wasm --db book.sqlite --expert 2 --symbol AAPL

What is called is called on a throw-away database. With --db, as it is written
here, that is a copy of the one named, which stays as it is: nothing is
installed, saved or stored there. LOMBARD_DB does not count here. To keep what an
expert says: `lombard plugin install`, `lombard expert run`.";

/// What authors do with their projects.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthorCommand {
    /// Make a project for a new plugin, with an example that works
    #[command(
        after_help = "Examples:\n  lombard plugin new open-trades --kind widget --lang rust\n  lombard plugin new momentum --kind expert --lang python --in ~/plugins"
    )]
    New {
        /// Its name, which is the folder's too
        name: PluginName,
        /// widget or expert
        #[arg(long)]
        kind: PluginKind,
        /// rust, js, python or c
        #[arg(long)]
        lang: Language,
        /// The folder to make it in
        #[arg(long = "in", value_name = "FOLDER", default_value = ".")]
        parent: PathBuf,
    },
    /// Build a project's plugin with its language's own tools
    #[command(
        after_help = "Examples:\n  lombard plugin build\n  lombard plugin build plugins/momentum\n\nThe file is target/NAME.wasm in the project. The same source gives the same digest."
    )]
    Build {
        /// The project's folder
        #[arg(default_value = ".")]
        project: PathBuf,
    },
    /// Build a project's plugin and try its cases, each on a database of its own
    #[command(
        after_help = "Examples:\n  lombard plugin test\n  lombard plugin test --case two-open-trades\n  lombard plugin test --accept\n\nA case is cases/NAME.toml; what it should give, cases/NAME.expected.json."
    )]
    Test {
        /// The project's folder
        #[arg(default_value = ".")]
        project: PathBuf,
        /// Only these cases
        #[arg(long = "case", value_name = "NAME")]
        cases: Vec<String>,
        /// Take what each case gives for what is expected of it
        #[arg(long)]
        accept: bool,
    },
    /// Build, check and test a project, and show its first case, at each change
    /// of a file
    #[command(after_help = "Example:\n  lombard plugin watch")]
    Watch {
        /// The project's folder
        #[arg(default_value = ".")]
        project: PathBuf,
    },
    /// Build a project's plugin and measure calls of its cases
    #[command(after_help = "Example:\n  lombard plugin bench --calls 500")]
    Bench {
        /// The project's folder
        #[arg(default_value = ".")]
        project: PathBuf,
        /// Calls of each case
        #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        calls: u32,
    },
    /// Call a plugin once, on the demo's data, a dataset or a copy of a database,
    /// and tell all that it cost
    #[command(after_help = RUN)]
    Run(RunOptions),
    /// Make a plugin's file of a component that other tools built
    #[command(
        after_help = "Example:\n  lombard plugin pack component.wasm --manifest plugin.toml --out my.wasm"
    )]
    Pack {
        /// The component
        component: PathBuf,
        /// Its manifest
        #[arg(long, value_name = "FILE", default_value = "plugin.toml")]
        manifest: PathBuf,
        /// The plugin's file [default: NAME.wasm]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// `lombard plugin run …`
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// A project's folder, or a plugin's file
    #[arg(default_value = ".")]
    pub(crate) plugin: PathBuf,
    /// A lombard-dataset/1 document [default: the demo's data, or --db]
    #[arg(long, value_name = "FILE")]
    pub(crate) dataset: Option<PathBuf>,
    /// The time of the call [default: now with --db, else 2013-03-01T21:00:00Z,
    /// the last close of the demo's bars]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<Timestamp>,
    /// Grant only these, separated by commas; `none` for none [default: all that
    /// it asks for]
    #[arg(long, value_name = "LIST")]
    pub(crate) grant: Option<Grants>,
    /// The accounts that it sees: ids separated by commas, or `all` [default:
    /// all]
    #[arg(long, value_name = "IDS")]
    pub(crate) accounts: Option<AccountScope>,
    /// The instance that an expert is called for [default: the first of this
    /// plugin, else one that is made up on the first account]
    #[arg(long, value_name = "ID")]
    pub(crate) expert: Option<ExpertId>,
    /// A setting of this call
    #[arg(long = "param", value_name = "K=V", value_parser = parameter)]
    pub(crate) params: Vec<(String, String)>,
    /// The most rows of a widget's tables
    #[arg(long, value_name = "N")]
    pub(crate) max_rows: Option<u32>,
    /// A symbol for an expert to look at
    #[arg(long = "symbol", value_name = "S")]
    pub(crate) symbols: Vec<Symbol>,
    /// What an expert's recommendations are for
    #[arg(long, value_enum, default_value = "enter-market")]
    pub(crate) use_case: UseCaseOption,
}

impl RunOptions {
    /// What the plugin may do; an author's own has all that it asks for.
    pub(crate) fn granted(&self) -> Granted {
        Granted {
            grants: self.grant.clone().unwrap_or_else(Grants::all),
            accounts: self.accounts.clone().unwrap_or_default(),
        }
    }
}
