//! `lombard plugin` on the command line, and what a plugin is granted there.

use std::path::PathBuf;

use super::AuthorCommand;
use clap::{Args, Subcommand};
use lombard_model::{AccountScope, Digest, Granted, Grants, Limit, parse_limit};

/// `lombard plugin …`
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Install a plugin from a file, with what it is granted: as these options
    /// say or, at a terminal, as you answer; else nothing
    #[command(
        after_help = "Examples:\n  lombard plugin install my.wasm\n  lombard plugin install my.wasm --grant read:orders,read:prices --accounts 1,2\n  lombard plugin install my.wasm --grant-all\n  lombard plugin install my.wasm --lock lombard.lock --grant read:orders"
    )]
    Install {
        /// The component, or an https:// address of it, with --digest or --lock
        file: PathBuf,
        #[command(flatten)]
        grants: GrantOptions,
        /// Only if it has this digest
        #[arg(long, value_name = "SHA256")]
        digest: Option<Digest>,
        /// Only if this lock file has it so
        #[arg(long, value_name = "FILE")]
        lock: Option<PathBuf>,
        /// Certificates, as PEM, of who is trusted to vouch for an address
        /// [default: those that browsers trust]
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
    /// Print name, version and digest of the installed plugins, for
    /// lombard.lock
    #[command(
        after_help = "Examples:\n  lombard plugin lock > lombard.lock\n  lombard plugin lock --check lombard.lock"
    )]
    Lock {
        /// Compare what is installed with this file; the exit code is 1 where
        /// it differs
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
    /// List the plugins there are
    List,
    /// Say what a plugin is, asks for and was granted, without running it
    #[command(
        after_help = "Examples:\n  lombard plugin inspect my.wasm\n  lombard plugin inspect moving-average-cross"
    )]
    Inspect {
        /// A file or an installed or bundled plugin's name
        plugin: String,
    },
    /// Say all that a plugin's file tells without running it: imports, grants,
    /// limits, sizes, what its author may want to change, and why it would be
    /// refused; then the exit code is 1
    #[command(
        after_help = "Examples:\n  lombard plugin check\n  lombard plugin check my.wasm --json"
    )]
    Check {
        /// A plugin's file, or a project's folder, which is built
        #[arg(default_value = ".")]
        plugin: PathBuf,
    },
    #[command(flatten)]
    Author(AuthorCommand),
    /// Set what a plugin may use, beside what all may; without one, say what is
    /// set
    #[command(
        after_help = "Examples:\n  lombard plugin limit my-widget statements=100 deadline_ms=1000\n  lombard plugin limit my-widget --reset\n\nThe limits and their values are in `lombard plugin inspect NAME`."
    )]
    Limit {
        /// Its name
        name: String,
        /// What to set, such as `memory_bytes=1048576`
        #[arg(value_name = "LIMIT=VALUE", value_parser = parse_limit)]
        limits: Vec<(Limit, u64)>,
        /// Forget what was set before
        #[arg(long)]
        reset: bool,
    },
    /// Have a plugin called again that is left alone because it kept failing
    #[command(after_help = "Example:\n  lombard plugin resume floating-pl-per-expert")]
    Resume {
        /// Its name
        name: String,
    },
    /// Go back to what an installed plugin replaced, with what was granted to
    /// that; twice is back again
    #[command(after_help = "Example:\n  lombard plugin rollback my-widget")]
    Rollback {
        /// Its name
        name: String,
    },
    /// Remove an installed plugin and what it replaced
    Remove {
        /// Its name
        name: String,
    },
}

/// What a plugin is granted.
#[derive(Debug, Args)]
pub(crate) struct GrantOptions {
    /// Grant these, separated by commas; `none` for none
    #[arg(long, value_name = "LIST")]
    pub(crate) grant: Option<Grants>,
    /// Grant all that it asks for
    #[arg(long, conflicts_with = "grant")]
    pub(crate) grant_all: bool,
    /// The accounts that it sees: ids separated by commas, or `all` [default:
    /// all]
    #[arg(long, value_name = "IDS")]
    pub(crate) accounts: Option<AccountScope>,
}

impl GrantOptions {
    /// What it may do, as was said; none where nothing was.
    pub(crate) fn grants(&self) -> Option<Grants> {
        match self.grant_all {
            true => Some(Grants::all()),
            false => self.grant.clone(),
        }
    }

    /// What is granted where nobody is asked: what was said, else nothing.
    pub(crate) fn granted(&self) -> Granted {
        Granted {
            grants: self.grants().unwrap_or_default(),
            accounts: self.accounts.clone().unwrap_or_default(),
        }
    }
}
