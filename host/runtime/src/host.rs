//! The host: what lives as long as the process.
//!
//! Owns: the store, the accounts, the engine, the loaded plugins and the way
//! from a name to a call. Must not know: terminals and HTTP.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use lombard_accounts::{Accounts, AccountsOptions, SettingsPatch, expert_definitions};
use lombard_model::view::View;
use lombard_model::{
    CallCost, CallId, CallOutcome, CallRecord, Definitions, Digest, Grants, Manifest, PluginKind, PluginName,
    SavedSettings, Settings,
};
use lombard_store::{
    InstalledPlugin, Location, NewPlugin, Purpose, Session, Store, StoreOptions,
};
use tokio::sync::Semaphore;
use wasmtime::Engine;

use crate::bill::{self, Bill};
use crate::bindings::views::RenderRequest;
use crate::call::{self, CallSetup};
use crate::capabilities::{Subject, lend};
use crate::compiled::CompiledCache;
use crate::component::{MAX_PLUGIN, digest, inspect};
use crate::engine::{CONCURRENT_CALLS, Ticker, engine};
use crate::plugin::{Linkers, World};
use crate::{CallError, Clock, Inspected, Limits, Plugin, PluginRef, RuntimeError, view_check};

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// The database.
    pub location: Location,
    /// How it is used.
    pub store: StoreOptions,
    /// How large the caches are.
    pub accounts: AccountsOptions,
    /// What a call may use.
    pub limits: Limits,
    /// The folder of compiled components.
    pub compiled: PathBuf,
    /// Where the time comes from.
    pub clock: Clock,
    /// The plugins that come with the host, by name: trusted as the host is,
    /// so they have what they ask for. An installed one of the same name goes
    /// before.
    pub bundled: BTreeMap<String, &'static [u8]>,
}

/// A widget, rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What it shows.
    pub view: View,
    /// What it cost.
    pub cost: CallCost,
}

/// A plugin host.
pub struct Host {
    pub(crate) store: Store,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    engine: Engine,
    ticker: Ticker,
    linkers: Linkers,
    compiled: CompiledCache,
    bundled: BTreeMap<String, &'static [u8]>,
    installed: RwLock<Arc<BTreeMap<String, InstalledPlugin>>>,
    loaded: Mutex<HashMap<Digest, Arc<Plugin>>>,
    slots: Semaphore,
    calls: AtomicU64,
    bill: Bill,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Host {
    /// The largest plugin, in bytes.
    pub const MAX_PLUGIN: u64 = MAX_PLUGIN as u64;

    /// Opens the database, brings it up to date and makes the engine ready.
    ///
    /// # Errors
    /// Where the database or the folder of compiled components can't be used.
    pub async fn open(options: HostOptions) -> Result<Self, RuntimeError> {
        let store = Store::open(&options.location, &options.store).await?;
        let accounts = Accounts::new(store.clone(), &options.accounts);
        let engine = engine(&options.limits)?;
        let host = Self {
            accounts,
            clock: options.clock,
            limits: options.limits,
            ticker: Ticker::start(&engine)?,
            linkers: Linkers::new(&engine)?,
            compiled: CompiledCache::open(&options.compiled, &engine)?,
            bundled: options.bundled,
            installed: RwLock::default(),
            loaded: Mutex::default(),
            slots: Semaphore::new(CONCURRENT_CALLS as usize),
            calls: AtomicU64::new(0),
            bill: Bill::default(),
            engine,
            store,
        };
        host.read_installed().await?;
        Ok(host)
    }

    /// Writes what is left to write and closes the database.
    pub async fn close(&self) {
        self.bill.flush(&self.store).await;
        self.store.close().await;
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The accounts and experts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The host's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// What a call may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A session for the host's own reading.
    #[must_use]
    pub fn session(&self, task: &str) -> Session {
        self.store.session(Purpose::host(task))
    }

    /// Writes the recorded costs that are still in memory.
    pub async fn flush_bill(&self) {
        self.bill.flush(&self.store).await;
    }

    /// The installed plugins, by name.
    #[must_use]
    pub fn installed(&self) -> Arc<BTreeMap<String, InstalledPlugin>> {
        Arc::clone(&self.installed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of the plugins that come with the host.
    pub fn bundled(&self) -> impl Iterator<Item = (&str, &'static [u8])> {
        self.bundled.iter().map(|(name, bytes)| (name.as_str(), *bytes))
    }

    /// Installs a plugin: inspects, compiles and links it, then stores it with
    /// what the operator grants to exactly this binary.
    ///
    /// # Errors
    /// Where it can't be loaded or stored; then nothing is installed.
    pub async fn install(
        &self,
        bytes: Vec<u8>,
        granted: Grants,
    ) -> Result<Inspected, RuntimeError> {
        let inspected = inspect(&bytes)?;
        self.load(&inspected.manifest, inspected.digest, async || Ok(bytes.clone())).await?;
        let plugin = NewPlugin {
            name: inspected.manifest.name.clone(),
            digest: inspected.digest,
            manifest: inspected.manifest_text.clone(),
            granted: granted.intersection(&inspected.manifest.grants),
            bytes,
            installed_at: self.clock.now(),
        };
        self.store.install_plugin(plugin).await?;
        self.read_installed().await?;
        Ok(inspected)
    }

    /// Removes an installed plugin.
    ///
    /// # Errors
    /// Where it is not installed.
    pub async fn remove(&self, name: PluginName) -> Result<(), RuntimeError> {
        self.store.remove_plugin(name).await?;
        self.read_installed().await
    }

    /// The plugin of this name, installed or bundled, loaded.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], or where it can't be loaded.
    pub async fn plugin(&self, name: &str) -> Result<PluginRef, RuntimeError> {
        if let Some(installed) = self.installed().get(name) {
            let manifest = Manifest::parse(&installed.manifest)?;
            let digest = installed.digest;
            let binary = async || self.read_binary(digest).await;
            let plugin = self.load(&manifest, digest, binary).await?;
            let grants = installed.granted.intersection(&manifest.grants);
            return Ok(PluginRef { plugin, grants });
        }
        match self.bundled.get(name) {
            Some(bytes) => self.plugin_from(bytes, &Grants::all()).await,
            None => Err(self.unknown(name)),
        }
    }

    /// Whether a plugin of this name is installed or bundled.
    #[must_use]
    pub fn has_plugin(&self, name: &str) -> bool {
        self.installed().contains_key(name) || self.bundled.contains_key(name)
    }

    /// The settings of an expert instance of this plugin: what all experts
    /// share and, where the plugin is there, its own.
    ///
    /// # Errors
    /// Where the plugin's manifest can't be read.
    pub fn expert_definitions(&self, plugin: &str) -> Result<Definitions, RuntimeError> {
        let own = match (self.installed().get(plugin), self.bundled.get(plugin)) {
            (Some(installed), _) => Manifest::parse(&installed.manifest)?.settings,
            (None, Some(bytes)) => inspect(bytes)?.manifest.settings,
            (None, None) => Definitions::default(),
        };
        Ok(expert_definitions(&own)?)
    }

    /// The binary of a plugin and what was granted to it.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], or where the database fails.
    pub async fn binary_of(&self, name: &str) -> Result<(Vec<u8>, Grants), RuntimeError> {
        let Some(installed) = self.installed().get(name).cloned() else {
            let bytes = self.bundled.get(name).ok_or_else(|| self.unknown(name))?;
            return Ok((bytes.to_vec(), Grants::all()));
        };
        Ok((self.read_binary(installed.digest).await?, installed.granted))
    }

    async fn read_binary(&self, digest: Digest) -> Result<Vec<u8>, RuntimeError> {
        let mut session = self.session("read a plugin");
        let bytes = session.plugin_binary(digest).await?;
        session.end().await;
        bytes.ok_or_else(|| RuntimeError::Unknown {
            name: digest.to_string(),
            known: "other binaries".to_owned(),
        })
    }

    /// A plugin from a file's bytes, with these grants, without installing it.
    ///
    /// # Errors
    /// Where it can't be loaded.
    pub async fn plugin_from(
        &self,
        bytes: &[u8],
        granted: &Grants,
    ) -> Result<PluginRef, RuntimeError> {
        let known = lock(&self.loaded).get(&digest(bytes)).cloned();
        let plugin = match known {
            Some(plugin) => plugin,
            None => {
                let inspected = inspect(bytes)?;
                let binary = async || Ok(bytes.to_vec());
                self.load(&inspected.manifest, inspected.digest, binary).await?
            }
        };
        let grants = granted.intersection(&plugin.manifest.grants);
        Ok(PluginRef { plugin, grants })
    }

    /// Renders a widget once. `params` are its settings for this render.
    ///
    /// # Errors
    /// Where it is no widget, a parameter is at fault, or the call fails.
    pub async fn render(
        &self,
        plugin: &PluginRef,
        params: &SettingsPatch,
        max_rows: Option<u32>,
    ) -> Result<Rendered, RuntimeError> {
        plugin.of_kind(PluginKind::Widget)?;
        let params = Subject::Widget(read_params(&plugin.plugin, params)?);
        let request = RenderRequest { max_rows };
        let setup = self.setup(plugin, params, "render", None);
        let engine = &self.engine;
        let view_rows = self.limits.view_rows;
        let (view, cost) = self
            .call(setup, async move |setup| {
                let loaded = Arc::clone(&setup.plugin);
                let (view, cost) = call::run(engine, setup, move |store| {
                    Box::pin(async move {
                        let World::Widget(pre) = &loaded.world else {
                            return Err(wasmtime::Error::msg("this is no widget"));
                        };
                        let instance = pre.instantiate_async(&mut *store).await?;
                        instance.call_render(store, lend(), request).await
                    })
                })
                .await;
                (view.and_then(|view| view_check::take(view, view_rows)), cost)
            })
            .await?;
        Ok(Rendered { view, cost })
    }

    /// What a call of this plugin begins with.
    pub(crate) fn setup(
        &self,
        plugin: &PluginRef,
        subject: Subject,
        function: &'static str,
        session: Option<Session>,
    ) -> CallSetup {
        let id = CallId(self.calls.fetch_add(1, Ordering::Relaxed) + 1);
        let purpose = || Purpose {
            who: plugin.plugin.manifest.name.as_str().into(),
            call: format!("{function} {id}"),
        };
        CallSetup {
            id,
            plugin: Arc::clone(&plugin.plugin),
            grants: plugin.grants.clone(),
            session: session.unwrap_or_else(|| self.store.session(purpose())),
            accounts: self.accounts.clone(),
            subject,
            as_of: self.clock.now(),
            limits: self.limits,
            function,
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes a slot, runs the call, and keeps the record of it.
    pub(crate) async fn call<T>(
        &self,
        setup: CallSetup,
        run: impl AsyncFnOnce(CallSetup) -> (Result<T, CallError>, CallCost),
    ) -> Result<(T, CallCost), RuntimeError> {
        let began = Instant::now();
        let plugin = Arc::clone(&setup.plugin);
        let (function, began_at) = (setup.function, self.clock.now());
        let (result, mut cost) = match self.slots.acquire().await {
            Ok(_slot) => {
                let _running = self.ticker.running();
                run(setup).await
            }
            Err(_) => {
                let closed = CallError::Unavailable("the host is closing".to_owned());
                (Err(closed), CallCost::default())
            }
        };
        cost.wall_us = call::micros(began.elapsed());
        let manifest = &plugin.manifest;
        let record = CallRecord {
            plugin: manifest.name.clone(),
            version: manifest.version.clone(),
            digest: plugin.digest,
            function,
            began_at,
            outcome: result.as_ref().map_or_else(CallError::outcome, |_| CallOutcome::Ok),
            cost,
        };
        if let Some(batch) = self.bill.add(record) {
            let store = self.store.clone();
            tokio::spawn(async move { bill::write(&store, &batch).await });
        }
        match result {
            Ok(value) => Ok((value, cost)),
            Err(error) => Err(RuntimeError::Call {
                plugin: manifest.name.to_string(),
                version: manifest.version.clone(),
                error,
            }),
        }
    }

    /// The plugin with this digest: loaded already, compiled already, or
    /// compiled now from `binary`.
    async fn load(
        &self,
        manifest: &Manifest,
        digest: Digest,
        binary: impl AsyncFnOnce() -> Result<Vec<u8>, RuntimeError>,
    ) -> Result<Arc<Plugin>, RuntimeError> {
        if let Some(plugin) = lock(&self.loaded).get(&digest) {
            return Ok(Arc::clone(plugin));
        }
        let component = match self.compiled.load(&self.engine, digest) {
            Some(component) => component,
            None => {
                let bytes = binary().await?;
                let (compiled, engine) = (self.compiled.clone(), self.engine.clone());
                let name = manifest.name.as_str();
                tracing::info!(plugin = name, bytes = bytes.len(), "compiling");
                // Off the threads that serve calls: it takes its time.
                let compile = move || compiled.compile(&engine, digest, &bytes);
                let compiled = tokio::task::spawn_blocking(compile).await;
                compiled.map_err(|error| RuntimeError::Compile(error.to_string()))??
            }
        };
        let plugin = Arc::new(self.linkers.link(manifest.clone(), digest, &component)?);
        Ok(Arc::clone(lock(&self.loaded).entry(digest).or_insert(plugin)))
    }

    async fn read_installed(&self) -> Result<(), RuntimeError> {
        let mut session = self.session("read the installed plugins");
        let plugins = session.installed_plugins().await?;
        session.end().await;
        let by_name = plugins.into_iter().map(|plugin| (plugin.name.to_string(), plugin));
        let by_name = Arc::new(by_name.collect());
        *self.installed.write().unwrap_or_else(PoisonError::into_inner) = by_name;
        Ok(())
    }

    fn unknown(&self, name: &str) -> RuntimeError {
        let installed = self.installed();
        let mut known: Vec<_> = installed.keys().map(String::as_str).collect();
        known.extend(self.bundled.keys().map(String::as_str));
        known.sort_unstable();
        known.dedup();
        RuntimeError::Unknown {
            name: name.chars().take(100).flat_map(char::escape_debug).collect(),
            known: match known.is_empty() {
                true => "none".to_owned(),
                false => known.join(", "),
            },
        }
    }
}

fn read_params(plugin: &Plugin, params: &SettingsPatch) -> Result<Settings, RuntimeError> {
    let mut given = SavedSettings::new();
    for (key, value) in params {
        let definition = plugin.definitions.get(key)?;
        if let Some(json) = value {
            given.insert(key.clone(), definition.read(key, json)?.to_json());
        }
    }
    let settings = Settings::new(given);
    settings.check(&plugin.definitions)?;
    Ok(settings)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
