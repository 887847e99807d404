//! Which plugins there are, and loading them.
//!
//! Owns: installed and bundled plugins by name, loaded ones by digest, and
//! that what was granted is found by the digest it was granted to.
//! Must not know: calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use lombard_accounts::expert_definitions;
use lombard_model::{
    AccountScope, Definitions, Digest, Granted, Grants, Manifest, PluginName, Timestamp,
};
use lombard_store::{Changed, InstalledPlugin, NewPlugin};

use tokio::sync::Mutex as Flight;

use crate::allowances::Allowances;
use crate::compiled::CompiledCache;
use crate::compiler::Compiler;
use crate::component::inspect;
use crate::pins::Pins;
use crate::plugin::Linkers;
use crate::{Host, Inspected, Plugin, PluginRef, RuntimeError};

/// The plugins of a host.
pub(crate) struct Registry {
    pub(crate) linkers: Linkers,
    pub(crate) compiled: CompiledCache,
    pub(crate) compiler: Compiler,
    bundled: BTreeMap<String, Bundled>,
    installed: RwLock<Arc<BTreeMap<String, InstalledPlugin>>>,
    /// The binaries that expert instances stay with.
    pub(crate) pins: RwLock<Arc<Pins>>,
    /// Whether another process may have changed what is installed since it was
    /// read.
    is_stale: Arc<AtomicBool>,
    pub(crate) loaded: Mutex<HashMap<Digest, Arc<Plugin>>>,
    /// Those who load the same binary wait for the first of them.
    pub(crate) flights: Mutex<HashMap<Digest, Weak<Flight<()>>>>,
    pub(crate) allowances: Allowances,
}

/// A plugin that comes with the host, inspected at its first use.
struct Bundled {
    bytes: &'static [u8],
    inspected: OnceLock<Inspected>,
}

impl Bundled {
    fn inspected(&self) -> Result<&Inspected, RuntimeError> {
        if let Some(inspected) = self.inspected.get() {
            return Ok(inspected);
        }
        let inspected = inspect(self.bytes)?;
        // Whoever was first has found the same.
        Ok(self.inspected.get_or_init(|| inspected))
    }
}

/// A plugin that a host has.
#[derive(Clone, Debug)]
pub struct PluginEntry {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Which binary it is.
    pub digest: Digest,
    /// What it asked for and was granted.
    pub granted: Grants,
    /// The accounts that it sees.
    pub accounts: AccountScope,
    /// When it was installed; none where it comes with the host.
    pub installed_at: Option<Timestamp>,
}

impl Registry {
    /// With these bundled plugins and, until they are read, no installed ones.
    pub(crate) fn new(
        linkers: Linkers,
        compiled: CompiledCache,
        compiler: Compiler,
        bundled: BTreeMap<String, &'static [u8]>,
    ) -> Self {
        Self {
            linkers,
            compiled,
            compiler,
            bundled: bundled
                .into_iter()
                .map(|(name, bytes)| {
                    let inspected = OnceLock::new();
                    (name, Bundled { bytes, inspected })
                })
                .collect(),
            installed: RwLock::default(),
            pins: RwLock::default(),
            is_stale: Arc::default(),
            loaded: Mutex::default(),
            flights: Mutex::default(),
            allowances: Allowances::default(),
        }
    }
}

impl Host {
    /// The installed plugins, by name.
    #[must_use]
    pub fn installed(&self) -> Arc<BTreeMap<String, InstalledPlugin>> {
        Arc::clone(
            &self
                .registry
                .installed
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The names of the plugins that come with the host.
    pub fn bundled(&self) -> impl Iterator<Item = (&str, &'static [u8])> {
        self.registry
            .bundled
            .iter()
            .map(|(name, bundled)| (name.as_str(), bundled.bytes))
    }

    /// All plugins, installed and bundled, by name.
    ///
    /// # Errors
    /// Where a manifest can't be read.
    pub fn plugins(&self) -> Result<Vec<PluginEntry>, RuntimeError> {
        let installed = self.installed();
        let bundled = self.registry.bundled.keys();
        let names: BTreeSet<_> = installed.keys().chain(bundled).collect();
        names
            .into_iter()
            .map(|name| self.plugin_entry(name))
            .collect()
    }

    /// The plugin of this name, without loading it.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], or where its manifest can't be read.
    pub fn plugin_entry(&self, name: &str) -> Result<PluginEntry, RuntimeError> {
        if let Some(installed) = self.installed().get(name) {
            let manifest = Manifest::parse(&installed.manifest)?;
            return Ok(PluginEntry {
                granted: installed.granted.intersection(&manifest.grants),
                accounts: installed.accounts.clone(),
                manifest,
                digest: installed.digest,
                installed_at: Some(installed.installed_at),
            });
        }
        let bundled = self.registry.bundled.get(name);
        let inspected = bundled.ok_or_else(|| self.unknown(name))?.inspected()?;
        Ok(PluginEntry {
            manifest: inspected.manifest.clone(),
            digest: inspected.digest,
            granted: inspected.manifest.grants.clone(),
            accounts: AccountScope::all(),
            installed_at: None,
        })
    }

    /// Installs a plugin: inspects, compiles and links it, then stores it with
    /// what the operator grants to exactly this binary.
    ///
    /// # Errors
    /// Where it can't be loaded or stored; then nothing is installed.
    pub async fn install(
        &self,
        bytes: Vec<u8>,
        granted: impl Into<Granted>,
    ) -> Result<Inspected, RuntimeError> {
        let inspected = inspect(&bytes)?;
        self.load(&inspected.manifest, inspected.digest, async || {
            Ok(bytes.clone())
        })
        .await?;
        let plugin = NewPlugin {
            name: inspected.manifest.name.clone(),
            digest: inspected.digest,
            manifest: inspected.manifest_text.clone(),
            granted: granted.into().of_those_asked(&inspected.manifest.grants),
            bytes,
            installed_at: self.clock.now(),
        };
        self.store.install_plugin(plugin).await?;
        self.read_installed().await?;
        Ok(inspected)
    }

    /// Goes back to the binary that the installed one of this name replaced, with
    /// what was granted to that one; going back twice changes nothing. Calls that
    /// run end with the binary they began with.
    ///
    /// # Errors
    /// Where it is not installed, or there is none to go back to.
    pub async fn roll_back(&self, name: PluginName) -> Result<(), RuntimeError> {
        self.store.roll_plugin_back(name).await?;
        self.read_installed().await
    }

    /// Removes an installed plugin.
    ///
    /// # Errors
    /// Where it is not installed.
    pub async fn remove(&self, name: PluginName) -> Result<(), RuntimeError> {
        self.store.remove_plugin(name).await?;
        self.read_installed().await
    }

    /// Reads anew what is installed where another process has committed since:
    /// it may have installed or removed a plugin, or taken a grant back. Three
    /// small statements for each such commit at most, and none otherwise.
    ///
    /// # Errors
    /// Where the database fails; then the next call tries again.
    pub async fn notice_installs(&self) -> Result<(), RuntimeError> {
        let stale = &self.registry.is_stale;
        // Taken before reading: what is committed meanwhile sets it again.
        if !stale.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let read = self.read_installed().await;
        if read.is_err() {
            stale.store(true, Ordering::Release);
        }
        read
    }

    /// Has commits of other processes noticed from here on.
    pub(crate) fn watch_installs(&self) {
        let stale = Arc::clone(&self.registry.is_stale);
        self.store.on_change(move |changed, _| {
            if changed == Changed::Anything {
                stale.store(true, Ordering::Release);
            }
        });
    }

    /// The plugin of this name, installed or bundled, loaded. What another
    /// process installed, removed or granted is noticed.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], or where it can't be loaded.
    pub async fn plugin(&self, name: &str) -> Result<PluginRef, RuntimeError> {
        self.notice_installs().await?;
        if let Some(installed) = self.installed().get(name) {
            return self.load_kept(installed).await;
        }
        match self.registry.bundled.get(name) {
            Some(bundled) => {
                let inspected = bundled.inspected()?;
                let binary = async || Ok(bundled.bytes.to_vec());
                let plugin = self
                    .load(&inspected.manifest, inspected.digest, binary)
                    .await?;
                let granted = Grants::all().into();
                Ok(PluginRef::granted(plugin, &granted, self.limits_of(name)))
            }
            None => Err(self.unknown(name)),
        }
    }

    /// A plugin that the database has, with what was granted to exactly it.
    pub(crate) async fn load_kept(
        &self,
        kept: &InstalledPlugin,
    ) -> Result<PluginRef, RuntimeError> {
        let manifest = Manifest::parse(&kept.manifest)?;
        let binary = async || self.read_binary(kept.digest).await;
        let plugin = self.load(&manifest, kept.digest, binary).await?;
        // Replaced meanwhile, it was loaded after it had been let go of.
        if !self.is_used(kept.digest) {
            self.retire(kept.digest);
        }
        let limits = self.limits_of(kept.name.as_str());
        Ok(PluginRef::granted(plugin, &granted_to(kept), limits))
    }

    /// Whether a plugin of this name is installed or bundled.
    #[must_use]
    pub fn has_plugin(&self, name: &str) -> bool {
        self.installed().contains_key(name) || self.registry.bundled.contains_key(name)
    }

    /// The settings of an expert instance of this plugin that stays with no
    /// version of it: what all experts share and, where the plugin is there,
    /// its own.
    ///
    /// # Errors
    /// Where the plugin's manifest can't be read.
    pub fn expert_definitions(&self, plugin: &str) -> Result<Definitions, RuntimeError> {
        let own = match (
            self.installed().get(plugin),
            self.registry.bundled.get(plugin),
        ) {
            (Some(installed), _) => Manifest::parse(&installed.manifest)?.settings,
            (None, Some(bundled)) => bundled.inspected()?.manifest.settings.clone(),
            (None, None) => Definitions::default(),
        };
        Ok(expert_definitions(&own)?)
    }

    /// The binary of a plugin and what was granted to it.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], or where the database fails.
    pub async fn binary_of(&self, name: &str) -> Result<(Vec<u8>, Granted), RuntimeError> {
        let Some(installed) = self.installed().get(name).cloned() else {
            let bundled = self.registry.bundled.get(name);
            let bundled = bundled.ok_or_else(|| self.unknown(name))?;
            return Ok((bundled.bytes.to_vec(), Grants::all().into()));
        };
        let bytes = self.read_binary(installed.digest).await?;
        Ok((bytes, granted_to(&installed)))
    }

    pub(crate) async fn read_installed(&self) -> Result<(), RuntimeError> {
        let mut session = self.session("read the installed plugins");
        let plugins = session.installed_plugins().await?;
        let limits = session.plugin_limits().await?;
        let pins = session.expert_pins().await?;
        session.end();
        self.registry.allowances.replace(limits);
        let by_name = plugins
            .into_iter()
            .map(|plugin| (plugin.name.to_string(), plugin));
        let by_name: Arc<BTreeMap<_, _>> = Arc::new(by_name.collect());
        let before = {
            let mut installed = self.registry.installed.write();
            let installed = installed.as_mut().unwrap_or_else(|lock| lock.get_mut());
            std::mem::replace(&mut **installed, Arc::clone(&by_name))
        };
        let unpinned = self.put_pins(pins);
        for gone in before.values().chain(unpinned.values()) {
            if !self.is_used(gone.digest) {
                self.retire(gone.digest);
            }
        }
        Ok(())
    }

    /// Whether calls may still be made of this binary.
    fn is_used(&self, digest: Digest) -> bool {
        let (installed, pins) = (self.installed(), self.pins());
        let mut used = installed.values().chain(pins.values());
        used.any(|plugin| plugin.digest == digest)
    }

    /// Lets go of what there is of a binary that is not used any more.
    /// Calls that run end with the instances they have.
    fn retire(&self, digest: Digest) {
        let loaded = self.registry.loaded.lock();
        let gone = loaded
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&digest);
        if let Some(plugin) = gone {
            // So that a call that ends now has none made after it.
            plugin.never_make_ahead();
            self.spares.let_go_of(&plugin);
        }
    }

    fn unknown(&self, name: &str) -> RuntimeError {
        let installed = self.installed();
        let mut known: Vec<_> = installed.keys().map(String::as_str).collect();
        known.extend(self.registry.bundled.keys().map(String::as_str));
        known.sort_unstable();
        known.dedup();
        RuntimeError::Unknown {
            name: name
                .chars()
                .take(100)
                .flat_map(char::escape_debug)
                .collect(),
            known: match known.is_empty() {
                true => "none".to_owned(),
                false => known.join(", "),
            },
        }
    }
}

/// What the operator granted to an installed plugin.
fn granted_to(installed: &InstalledPlugin) -> Granted {
    Granted {
        grants: installed.granted.clone(),
        accounts: installed.accounts.clone(),
    }
}
