//! Loading plugins.
//!
//! Owns: that a binary is loaded once however many ask for it, and compiled
//! only where nobody has. Must not know: names, and what was granted to them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lombard_model::{Digest, Granted, Manifest};
use tokio::sync::Mutex as Flight;

use crate::component::{digest, inspect};
use crate::registry::Registry;
use crate::{Host, Plugin, PluginRef, RuntimeError};

impl Registry {
    fn flight(&self, digest: Digest) -> Arc<Flight<()>> {
        let mut flights = lock(&self.flights);
        // Those that have landed are nobody's.
        flights.retain(|_, flight| flight.strong_count() > 0);
        if let Some(flight) = flights.get(&digest).and_then(Weak::upgrade) {
            return flight;
        }
        let flight = Arc::default();
        flights.insert(digest, Arc::downgrade(&flight));
        flight
    }
}

impl Host {
    /// A plugin from a file's bytes, with what is granted, without installing
    /// it.
    ///
    /// # Errors
    /// Where it can't be loaded.
    pub async fn plugin_from(
        &self,
        bytes: &[u8],
        granted: impl Into<Granted>,
    ) -> Result<PluginRef, RuntimeError> {
        let known = lock(&self.registry.loaded).get(&digest(bytes)).cloned();
        let plugin = match known {
            Some(plugin) => plugin,
            None => {
                let inspected = inspect(bytes)?;
                let binary = async || Ok(bytes.to_vec());
                self.load(&inspected.manifest, inspected.digest, binary)
                    .await?
            }
        };
        Ok(PluginRef::granted(plugin, &granted.into(), self.limits))
    }

    pub(crate) async fn read_binary(&self, digest: Digest) -> Result<Vec<u8>, RuntimeError> {
        let mut session = self.session("read a plugin");
        let bytes = session.plugin_binary(digest).await?;
        session.end();
        bytes.ok_or_else(|| RuntimeError::Unknown {
            name: digest.to_string(),
            known: "other binaries".to_owned(),
        })
    }

    /// The plugin with this digest: loaded already, compiled already, or
    /// compiled now from `binary`.
    pub(crate) async fn load(
        &self,
        manifest: &Manifest,
        digest: Digest,
        binary: impl AsyncFnOnce() -> Result<Vec<u8>, RuntimeError>,
    ) -> Result<Arc<Plugin>, RuntimeError> {
        let known = || lock(&self.registry.loaded).get(&digest).cloned();
        if let Some(plugin) = known() {
            return Ok(plugin);
        }
        // To compile takes seconds: those who want the same wait.
        let flight = self.registry.flight(digest);
        let _first = flight.lock().await;
        if let Some(plugin) = known() {
            return Ok(plugin);
        }
        let component = match self.registry.compiled.load(&self.engine, digest) {
            Some(component) => component,
            None => {
                let bytes = binary().await?;
                let name = manifest.name.as_str();
                tracing::info!(plugin = name, bytes = bytes.len(), "compiling");
                let compiled = self.registry.compiler.compile(bytes).await?;
                self.registry
                    .compiled
                    .keep(&self.engine, digest, &compiled)?
            }
        };
        let plugin = Arc::new(
            self.registry
                .linkers
                .link(manifest.clone(), digest, &component)?,
        );
        Ok(Arc::clone(
            lock(&self.registry.loaded).entry(digest).or_insert(plugin),
        ))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
