//! Options of every command.
//!
//! Owns: them, and which holds where several name a database or a host. Must
//! not know: how either is opened.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

use crate::telemetry::{Collector, LogFormat};

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The database: a file or sqlite://FILE [default: lombard.sqlite in the
    /// user's data folder]. Where a host has it open, that host is asked
    // Read later, so that no message repeats it; it may hold a password.
    #[arg(
        long,
        env = "LOMBARD_DB",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    pub(crate) db: Option<String>,
    /// Whether that was written, and is not of the environment.
    #[arg(skip)]
    pub(crate) is_db_written: bool,
    /// Ask this host, as http://127.0.0.1:7878, with the token in
    /// LOMBARD_TOKEN; no database is opened
    #[arg(
        long,
        env = "LOMBARD_HOST",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    pub(crate) host: Option<String>,
    /// The folder of compiled plugins [default: in the user's cache folder]
    #[arg(
        long,
        env = "LOMBARD_CACHE",
        hide_env_values = true,
        value_name = "FOLDER",
        global = true
    )]
    pub(crate) cache: Option<PathBuf>,
    /// How large the database may become, in bytes [default: as large as its
    /// disk lets it]
    #[arg(
        long,
        env = "LOMBARD_DB_LIMIT",
        hide_env_values = true,
        value_name = "BYTES",
        value_parser = clap::value_parser!(u64).range(1..),
        global = true
    )]
    pub(crate) db_limit: Option<u64>,
    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Read anew for each call, also where the data has not changed
    #[arg(long, global = true)]
    pub(crate) no_shared_reads: bool,
    /// Log more to stderr (-v: what happens, -vv: each session)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// How the lines of the log look
    #[arg(
        long,
        value_enum,
        default_value_t,
        env = "LOMBARD_LOG_FORMAT",
        hide_env_values = true,
        hide_possible_values = true,
        value_name = "text|json",
        global = true
    )]
    pub(crate) log_format: LogFormat,
    /// Send a span of each plugin call, and of each call into the host, to this
    /// OpenTelemetry collector, as http://HOST:4318
    #[arg(
        long,
        env = "LOMBARD_OTLP",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    pub(crate) otlp: Option<Collector>,
    /// Tell errors only, and show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

impl Global {
    /// What is written holds against what the environment says. Of two that
    /// are said alike neither is chosen.
    pub(super) fn settle(&mut self, matches: &ArgMatches) -> Result<(), &'static str> {
        let is_written = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        self.is_db_written = is_written("db");
        match (self.is_db_written, is_written("host")) {
            (true, true) => Err("--host and --db can't be used together"),
            (true, false) => {
                self.host = None;
                Ok(())
            }
            (false, true) => {
                self.db = None;
                Ok(())
            }
            (false, false) if self.db.is_some() && self.host.is_some() => {
                Err("LOMBARD_HOST and LOMBARD_DB are both set: unset one, or write --host or --db")
            }
            (false, false) => Ok(()),
        }
    }
}
