//! What the tests stand on: hosts on throw-away databases, the files they run,
//! and the question whether every connection is back.
//!
//! Owns: setting up and looking on. Must not know: what a test expects.

pub(crate) mod books;
pub(crate) mod files;
pub(crate) mod futures;
pub(crate) mod settings;
pub(crate) mod vitals;
pub(crate) mod wat;
pub(crate) mod watch;
pub(crate) mod wire;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lombard_accounts::{AccountsOptions, AgeClock, Provider, SettingsPatch, Warm};
use lombard_model::dataset::Dataset;
use lombard_model::view::{Block, Cell, View};
use lombard_model::{AccountId, Exceeded, ExpertId, Grants, Limit, Limits};
use lombard_runtime::{
    BillOptions, CallError, Clock, CompileLimits, CompilerOptions, Host, HostOptions, PluginRef,
    QuarantineOptions, Rendered, RuntimeError,
};
use lombard_store::{Faults, Location, Store, StoreOptions};
use serde_json::Value as Json;
use tempfile::TempDir;

/// The longest that anything here may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// How a test wants its host.
pub(crate) struct Setup {
    pub(crate) connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) capacity: usize,
    pub(crate) settings_ttl: Option<Duration>,
    /// What tells how old a cached state is.
    pub(crate) age: AgeClock,
    pub(crate) warm: Option<Warm>,
    pub(crate) limits: Limits,
    pub(crate) quarantine: QuarantineOptions,
    pub(crate) compile: CompileLimits,
    /// The program that compiles.
    pub(crate) compiler: PathBuf,
    pub(crate) bill: BillOptions,
    /// Where compiled components are kept; all tests share a folder unless
    /// one says otherwise.
    pub(crate) compiled: PathBuf,
    /// Off, so that each call shows what it has to read.
    pub(crate) share_reads: bool,
    pub(crate) busy_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) max_bytes: Option<u64>,
    /// What goes wrong under the store.
    pub(crate) faults: Faults,
    pub(crate) broker_timeout: Duration,
    /// Brokers of the test's own.
    pub(crate) more_providers: Vec<&'static dyn Provider>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            connections: 10,
            acquire_timeout: Duration::from_secs(10),
            capacity: 1_000,
            settings_ttl: None,
            age: AgeClock::driven(),
            warm: None,
            // Generous: another process may have the machine.
            limits: deadline(PATIENCE),
            // Tests of failures fail often.
            quarantine: QuarantineOptions {
                after: None,
                ..QuarantineOptions::default()
            },
            compile: CompileLimits::default(),
            compiler: files::binary(),
            bill: BillOptions::default(),
            compiled: files::shared_compiled(),
            share_reads: false,
            busy_timeout: PATIENCE,
            statement_timeout: PATIENCE,
            max_bytes: None,
            faults: Faults::default(),
            broker_timeout: PATIENCE,
            more_providers: Vec::new(),
        }
    }
}

impl Setup {
    /// A host with one connection, so that one that is not given back is
    /// missed by the next call.
    pub(crate) fn one_connection() -> Self {
        Self {
            connections: 1,
            acquire_timeout: Duration::from_secs(5),
            ..Self::default()
        }
    }

    /// With another value for this limit.
    pub(crate) fn with_limit(mut self, limit: Limit, value: u64) -> Self {
        self.limits = self.limits.with(limit, value);
        self
    }

    pub(crate) fn store_options(&self) -> StoreOptions {
        StoreOptions {
            connections: self.connections,
            acquire_timeout: self.acquire_timeout,
            share_reads: self.share_reads,
            busy_timeout: self.busy_timeout,
            statement_timeout: self.statement_timeout,
            max_bytes: self.max_bytes,
            faults: self.faults.clone(),
            ..StoreOptions::default()
        }
    }

    pub(crate) async fn open(self) -> TestHost {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let host = self.open_in(folder.path()).await;
        TestHost {
            host: Arc::new(host),
            folder,
        }
    }

    /// A host with this in its database.
    pub(crate) async fn open_with(self, dataset: Dataset) -> TestHost {
        let host = self.open().await;
        host.import(dataset).await.expect("the dataset is imported");
        host
    }

    /// A host on the database in this folder, which may be there already.
    pub(crate) async fn open_in(self, folder: &Path) -> Host {
        self.try_open_in(folder).await.expect("a host")
    }

    pub(crate) async fn try_open_in(self, folder: &Path) -> Result<Host, RuntimeError> {
        let options = HostOptions {
            location: Location::file(folder.join("book.sqlite")),
            store: self.store_options(),
            accounts: AccountsOptions {
                capacity: self.capacity,
                settings_ttl: self.settings_ttl,
                clock: self.age,
                warm: self.warm,
                broker_timeout: self.broker_timeout,
                more_providers: self.more_providers,
            },
            limits: self.limits,
            quarantine: self.quarantine,
            bill: self.bill,
            compiler: CompilerOptions {
                program: self.compiler,
                limits: self.compile,
            },
            compiled: self.compiled,
            clock: Clock::Fixed("2025-10-10T12:00:00Z".parse().expect("a time")),
            bundled: files::widgets().collect(),
        };
        Host::open(options).await
    }
}

/// The limits with this deadline, and as much time of a processor.
pub(crate) fn deadline(deadline: Duration) -> Limits {
    let millis = u64::try_from(deadline.as_millis()).expect("a deadline");
    Limits::default()
        .with(Limit::DeadlineMs, millis)
        .with(Limit::CpuMs, 2 * millis)
}

/// A host on a database that goes with it.
pub(crate) struct TestHost {
    host: Arc<Host>,
    folder: TempDir,
}

impl TestHost {
    /// The host, to share.
    pub(crate) fn shared(&self) -> &Arc<Host> {
        &self.host
    }

    /// The folder of its database.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Deref for TestHost {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

/// Loads a guest with everything it asks for.
pub(crate) async fn guest(host: &Host, name: &str) -> PluginRef {
    guest_with(host, name, &Grants::all()).await
}

pub(crate) async fn guest_with(host: &Host, name: &str, granted: &Grants) -> PluginRef {
    let loaded = host.plugin_from(&files::guest(name), granted).await;
    loaded.expect("the guest loads")
}

pub(crate) fn params<const N: usize>(params: [(&str, Json); N]) -> SettingsPatch {
    let params = params.map(|(key, value)| (key.to_owned(), Some(value)));
    params.into()
}

/// Renders without parameters.
pub(crate) async fn render(host: &Host, plugin: &PluginRef) -> Result<Rendered, RuntimeError> {
    host.render(plugin, &SettingsPatch::new(), None).await
}

/// Has the guest `probes` do something.
pub(crate) async fn probe(host: &Host, what: &str, id: u64) -> Result<Rendered, RuntimeError> {
    let probes = guest(host, "probes").await;
    let asked = params([("what", what.into()), ("id", id.into())]);
    host.render(&probes, &asked, None).await
}

/// The error of a call that has to fail in the call.
pub(crate) fn call_error<T: std::fmt::Debug>(result: Result<T, RuntimeError>) -> CallError {
    match result {
        Err(RuntimeError::Call { error, .. }) => error,
        other => panic!("not the failure of a call: {other:?}"),
    }
}

/// The limit that a call failed at.
pub(crate) fn exceeded<T: std::fmt::Debug>(result: Result<T, RuntimeError>) -> Exceeded {
    match call_error(result) {
        CallError::Limit(exceeded) => exceeded,
        other => panic!("not at a limit: {other:?}"),
    }
}

/// Whether a call was stopped at this deadline.
pub(crate) fn is_late(error: &CallError, deadline: Duration) -> bool {
    let CallError::Limit(exceeded) = error else {
        return false;
    };
    exceeded.limit == Limit::DeadlineMs && u128::from(exceeded.value) == deadline.as_millis()
}

pub(crate) fn stat(view: &View, key: &str) -> Cell {
    let found = view.blocks.iter().find_map(|block| match block {
        Block::Stat(stat) if stat.key == key => Some(stat.value.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no stat `{key}` in {view:?}"))
}

/// The text blocks of a view.
pub(crate) fn texts(view: &View) -> String {
    let texts = view.blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

pub(crate) fn account(id: u64) -> AccountId {
    id.try_into().expect("an id")
}

pub(crate) fn expert(id: u64) -> ExpertId {
    id.try_into().expect("an id")
}

/// Waits until every connection that was opened is free again. What holds one
/// must have let go before; a rollback on its way back may still be under way.
///
/// # Panics
/// Where a session lives on, or a connection does not come back.
pub(crate) async fn all_connections_are_back(store: &Store) {
    let begun = Instant::now();
    loop {
        let pool = store.pool_status();
        assert_eq!(pool.live_sessions, 0, "a session lives on: {pool:?}");
        if usize::try_from(pool.size) == Ok(pool.idle) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "a connection is lost: {pool:?}");
        tokio::task::yield_now().await;
    }
}

/// Runs to the end, or fails as hanging.
pub(crate) async fn in_time<F: Future>(work: F) -> F::Output {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.expect("it hangs")
}
