//! What the dashboard keeps between requests.
//!
//! Owns: the samples, the manifests of bundled plugins, and whose turn it is to
//! render a widget. Must not know: pages.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lombard_model::{Digest, Manifest};
use lombard_runtime::{Host, inspect};
use tokio::sync::Mutex as Turn;

use super::samples::Samples;

/// A bundled plugin's manifest and which binary it is, or why that can't be
/// read.
type Bundled = BTreeMap<String, Result<(Manifest, Digest), String>>;

/// What the dashboard keeps between requests.
#[derive(Debug)]
pub(crate) struct Dashboard {
    samples: Samples,
    bundled: OnceLock<Bundled>,
    turns: Mutex<HashMap<String, Arc<Turn<()>>>>,
    forms: RandomState,
}

impl Dashboard {
    /// Begins to take samples.
    pub(crate) fn begin(host: &Arc<Host>) -> Self {
        Self {
            samples: Samples::begin(host),
            bundled: OnceLock::new(),
            turns: Mutex::default(),
            forms: RandomState::new(),
        }
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The manifests of the bundled plugins. They never change, and reading one
    /// is a walk through its binary.
    pub(super) fn bundled(&self, host: &Host) -> &Bundled {
        self.bundled.get_or_init(|| {
            let plugins = host.bundled();
            let read = plugins.map(|(name, bytes)| {
                let inspected = inspect(bytes);
                let read = inspected.map(|inspected| (inspected.manifest, inspected.digest));
                (name.to_owned(), read.map_err(|error| error.to_string()))
            });
            read.collect()
        })
    }

    /// Whose turn it is to render this widget. Of many who ask after a change
    /// one renders, and the host has the view for the others.
    pub(super) fn turn(&self, widget: &str) -> Arc<Turn<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(widget.to_owned()).or_default())
    }

    /// A name for a text that tells nothing of it: a secret may be in it. Other
    /// processes have other names for it.
    pub(super) fn seal(&self, text: &str) -> String {
        format!("{:016x}", self.forms.hash_one(text))
    }
}
