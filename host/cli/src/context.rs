//! What every command works with.
//!
//! Owns: the folders, the host's options, the log. Must not know: commands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use directories::ProjectDirs;
use lombard_accounts::AccountsOptions;
use lombard_model::Limits;
use lombard_runtime::{
    BillOptions, Clock, CompileLimits, CompilerOptions, Host, HostOptions, QuarantineOptions,
};
use lombard_store::{Location, StoreError, StoreOptions};
use tracing::level_filters::LevelFilter;

use crate::arguments::Global;
use crate::bundle;
use crate::client::{Address, Client};
use crate::failure::Advised;
use crate::output::Output;
use crate::progress::Progress;
use crate::telemetry::{Collector, Log, Telemetry};

/// What a command works on.
enum Target {
    /// This database, or the user's own; the host that has it open, where one
    /// has.
    Database(Option<Location>),
    /// This host.
    Host(Address),
}

/// What every command works with.
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) progress: Progress,
    target: Target,
    is_db_written: bool,
    cache: Option<PathBuf>,
    share_reads: bool,
    db_limit: Option<u64>,
    log: Log,
    collector: Option<Collector>,
}

impl Context {
    /// # Errors
    /// What is wrong with the options, without repeating them: a database's
    /// URL may hold a password.
    pub(crate) fn new(global: &Global) -> Result<Self, String> {
        let target = match &global.host {
            Some(host) => Target::Host(address(host)?),
            None => Target::Database(global.db.as_deref().map(location).transpose()?),
        };
        let output = Output::detect(global.json, global.quiet);
        Ok(Self {
            progress: Progress::detect(global.quiet),
            target,
            is_db_written: global.is_db_written,
            cache: global.cache.clone(),
            share_reads: !global.no_shared_reads,
            db_limit: global.db_limit,
            log: Log {
                level: match (global.quiet, global.verbose) {
                    (true, _) => LevelFilter::ERROR,
                    (false, 0) => LevelFilter::WARN,
                    (false, 1) => LevelFilter::INFO,
                    (false, 2) => LevelFilter::DEBUG,
                    (false, _) => LevelFilter::TRACE,
                },
                format: global.log_format,
                has_color: output.stderr_color(),
            },
            output,
            collector: global.otlp.clone(),
        })
    }

    /// Begins the log, and what is sent to a collector.
    pub(crate) fn start_log(&self) -> anyhow::Result<Telemetry> {
        Telemetry::begin(self.log, self.collector.as_ref())
    }

    /// The host on the chosen database.
    pub(crate) async fn host(&self) -> anyhow::Result<Host> {
        let location = match &self.target {
            Target::Database(Some(location)) => location.clone(),
            Target::Database(None) => default_database()?,
            Target::Host(address) => {
                let words = format!("this works on a database, and not through a host: {address}");
                let remedy = "name the database with --db, on the machine where it is";
                return Err(Advised::new(words, remedy).into());
            }
        };
        self.host_on(location, Clock::System, self.share_reads)
            .await
    }

    /// The host that is asked for; none where the command opens the database
    /// itself.
    pub(crate) async fn client(&self) -> anyhow::Result<Option<Client>> {
        match &self.target {
            Target::Host(address) => Ok(Some(Client::named(address.clone())?)),
            Target::Database(Some(location)) => Client::of_database(location.path()).await,
            Target::Database(None) => Client::of_database(&default_file()?).await,
        }
    }

    /// Whether a host was named by hand, so that no database is to be opened.
    pub(crate) fn names_a_host(&self) -> bool {
        matches!(self.target, Target::Host(_))
    }

    /// The database that was written on the command line, and is not just that
    /// of the environment.
    pub(crate) fn written_database(&self) -> Option<&Location> {
        match &self.target {
            Target::Database(location) if self.is_db_written => location.as_ref(),
            _ => None,
        }
    }

    /// A host on another database, or at another time.
    pub(crate) async fn host_on(
        &self,
        location: Location,
        clock: Clock,
        share_reads: bool,
    ) -> anyhow::Result<Host> {
        self.host_with(location, clock, share_reads, bundle::plugins())
            .await
    }

    /// A host on a throw-away database, with the plugins to measure.
    pub(crate) async fn host_to_measure(
        &self,
        location: Location,
        share_reads: bool,
    ) -> anyhow::Result<Host> {
        let plugins = bundle::with_measured();
        self.host_with(location, Clock::System, share_reads, plugins)
            .await
    }

    async fn host_with(
        &self,
        location: Location,
        clock: Clock,
        share_reads: bool,
        bundled: BTreeMap<String, &'static [u8]>,
    ) -> anyhow::Result<Host> {
        let options = HostOptions {
            location,
            store: StoreOptions {
                share_reads,
                max_bytes: self.db_limit,
                ..StoreOptions::default()
            },
            accounts: AccountsOptions::default(),
            limits: Limits::default(),
            quarantine: QuarantineOptions::default(),
            bill: BillOptions::default(),
            compiler: CompilerOptions {
                program: this_program()?,
                limits: CompileLimits::default(),
            },
            compiled: self.compiled()?,
            clock,
            bundled,
        };
        Ok(Host::open(options).await?)
    }

    fn compiled(&self) -> anyhow::Result<PathBuf> {
        match &self.cache {
            Some(folder) => Ok(folder.clone()),
            None => Ok(folders()?.cache_dir().join("compiled")),
        }
    }
}

/// This very program, also where its file was replaced since it began.
fn this_program() -> anyhow::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    match running.exists() {
        true => Ok(running),
        false => std::env::current_exe().context("the program can't find its own file"),
    }
}

fn location(text: &str) -> Result<Location, String> {
    text.parse().map_err(|error| match error {
        StoreError::Location { reason, .. } => format!("--db (or LOMBARD_DB): {reason}"),
        _ => "--db (or LOMBARD_DB) names no database".to_owned(),
    })
}

fn address(text: &str) -> Result<Address, String> {
    let read = text.parse();
    read.map_err(|fault| format!("--host (or LOMBARD_HOST): {fault}"))
}

fn default_database() -> anyhow::Result<Location> {
    let folders = folders()?;
    let folder = folders.data_dir();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the data folder {} can't be made", folder.display()))?;
    Ok(Location::file(default_file()?))
}

/// The user's folder for what commands keep.
pub(crate) fn data_folder() -> anyhow::Result<PathBuf> {
    Ok(folders()?.data_dir().to_owned())
}

fn default_file() -> anyhow::Result<PathBuf> {
    Ok(folders()?.data_dir().join("lombard.sqlite"))
}

fn folders() -> anyhow::Result<ProjectDirs> {
    ProjectDirs::from("", "", "lombard")
        .context("the user has no home folder: say where with --db and --cache")
}
