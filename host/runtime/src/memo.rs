//! Views of data that has not changed.
//!
//! Owns: when a render need not be made. A plugin has no clock, no randomness
//! and no world but the host: where all that it was given was of one version
//! of the data, it shows the same at that version again. What is kept is
//! bounded, and gone with its version.
//! Must not know: how a view is rendered.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use lombard_model::view::View;
use lombard_model::{AccountScope, Digest, Grants, Limits, Settings};
use lombard_store::DataVersion;

use crate::PluginRef;

/// Bytes of all views, as they would be written out.
const KEPT: usize = 16 << 20;

/// Bytes of one view.
const LARGEST: usize = 1 << 20;

/// What a render depends on beside the data.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    digest: Digest,
    grants: Grants,
    limits: Limits,
    accounts: AccountScope,
    params: String,
    max_rows: Option<u32>,
}

/// The views of the newest version.
#[derive(Debug)]
pub(crate) struct Memo {
    is_on: bool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    version: DataVersion,
    views: HashMap<Key, Arc<View>>,
    bytes: usize,
}

impl Memo {
    pub(crate) fn new(is_on: bool) -> Self {
        Self {
            is_on,
            kept: Mutex::default(),
        }
    }

    /// What this render depends on; none where nothing is kept.
    pub(crate) fn key(
        &self,
        plugin: &PluginRef,
        params: &Settings,
        max_rows: Option<u32>,
    ) -> Option<Key> {
        self.is_on.then(|| Key {
            digest: plugin.plugin.digest,
            grants: plugin.grants.clone(),
            limits: plugin.limits,
            accounts: plugin.accounts.clone(),
            params: serde_json::Value::from_iter(params.saved().clone()).to_string(),
            max_rows,
        })
    }

    /// The view that this render would show.
    pub(crate) fn view(&self, key: &Key, version: DataVersion) -> Option<Arc<View>> {
        self.kept(|kept| match kept.version == version {
            true => kept.views.get(key).cloned(),
            false => None,
        })
    }

    /// Keeps what a render showed at this version, unless a newer one is kept,
    /// or there is no room.
    pub(crate) fn keep(&self, key: Key, version: DataVersion, view: &View) {
        let Some(size) = size_of(view) else {
            return;
        };
        let size = size + key.params.len();
        let view = Arc::new(view.clone());
        self.kept(|kept| {
            if version < kept.version {
                return;
            }
            if version > kept.version || kept.bytes + size > KEPT {
                *kept = Kept {
                    version,
                    ..Kept::default()
                };
            }
            kept.bytes += size;
            kept.views.insert(key, view);
        });
    }

    fn kept<T>(&self, code: impl FnOnce(&mut Kept) -> T) -> T {
        code(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How large a view is, written out; none where it is too large to keep.
fn size_of(view: &View) -> Option<usize> {
    struct Count(usize);

    impl fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            match self.0 > LARGEST {
                true => Err(fmt::Error),
                false => Ok(()),
            }
        }
    }

    let mut count = Count(0);
    write!(count, "{view:?}").ok()?;
    Some(count.0)
}
