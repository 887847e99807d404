//! A loaded plugin: compiled, linked, ready to be instantiated.
//!
//! Owns: what lives as long as a plugin is loaded, and that a component fits
//! the world its manifest names. Must not know: calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_accounts::expert_definitions;
use lombard_model::{
    AccountScope, Definitions, Digest, Granted, Grants, Limits, Manifest, PluginKind,
};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

use crate::RuntimeError;
use crate::allowance::Allowance;
use crate::bindings::{analysis, expert, views, widget};
use crate::call::CallState;

/// A plugin that can be called.
pub struct Plugin {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Which binary it is.
    pub digest: Digest,
    /// Its settings: its own and, for an expert, those that all experts share.
    pub definitions: Definitions,
    world: World,
    /// Whether an instance may be made before there is a call.
    is_made_ahead: AtomicBool,
    /// What all its calls have together.
    pub(crate) allowance: Arc<Allowance>,
}

enum World {
    Widget(widget::WidgetPre<CallState>),
    Expert(expert::ExpertPre<CallState>),
}

/// A plugin in a store, not called yet.
pub(crate) enum Instance {
    Widget(widget::Widget),
    Expert(expert::Expert),
}

impl Plugin {
    /// Makes an instance in this store.
    pub(crate) async fn instantiate(
        &self,
        store: &mut Store<CallState>,
    ) -> wasmtime::Result<Instance> {
        Ok(match &self.world {
            World::Widget(pre) => Instance::Widget(pre.instantiate_async(store).await?),
            World::Expert(pre) => Instance::Expert(pre.instantiate_async(store).await?),
        })
    }

    /// Whether an instance may be made before there is a call.
    pub(crate) fn is_made_ahead(&self) -> bool {
        self.is_made_ahead.load(Ordering::Relaxed)
    }

    /// From here on each call makes its instance itself.
    pub(crate) fn never_make_ahead(&self) {
        self.is_made_ahead.store(false, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.manifest.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// A plugin with what it was granted.
#[derive(Clone, Debug)]
pub struct PluginRef {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// What it asked for and was granted.
    pub grants: Grants,
    /// The accounts that it sees.
    pub accounts: AccountScope,
    /// What each of its calls may use.
    pub limits: Limits,
}

impl PluginRef {
    /// This plugin, with what it asked for of what is granted.
    #[must_use]
    pub fn granted(plugin: Arc<Plugin>, granted: &Granted, limits: Limits) -> Self {
        let Granted { grants, accounts } = granted.of_those_asked(&plugin.manifest.grants);
        Self {
            plugin,
            grants,
            limits,
            accounts,
        }
    }

    pub(crate) fn of_kind(&self, wanted: PluginKind) -> Result<(), RuntimeError> {
        let manifest = &self.plugin.manifest;
        if manifest.kind == wanted {
            return Ok(());
        }
        Err(RuntimeError::WrongKind {
            name: manifest.name.to_string(),
            kind: manifest.kind,
            wanted,
        })
    }
}

/// The host functions of both worlds, made once for a process.
pub(crate) struct Linkers {
    widget: Linker<CallState>,
    expert: Linker<CallState>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> Result<Self, RuntimeError> {
        let failed = |error: wasmtime::Error| RuntimeError::Engine(format!("{error:#}"));
        let mut widget = Linker::new(engine);
        widget::Widget::add_to_linker::<_, HasSelf<_>>(&mut widget, |state| state)
            .map_err(failed)?;
        let mut expert = Linker::new(engine);
        expert::Expert::add_to_linker::<_, HasSelf<_>>(&mut expert, |state| state)
            .map_err(failed)?;
        Ok(Self { widget, expert })
    }

    /// Links a component into the world that its manifest names.
    pub(crate) fn link(
        &self,
        manifest: Manifest,
        digest: Digest,
        component: &Component,
    ) -> Result<Plugin, RuntimeError> {
        let kind = manifest.kind;
        let misfit = |error: wasmtime::Error| RuntimeError::World {
            kind,
            fault: format!("{error:#}").escape_debug().to_string(),
        };
        let (world, definitions) = match kind {
            PluginKind::Widget => {
                let pre = self.widget.instantiate_pre(component).map_err(misfit)?;
                let world = widget::WidgetPre::new(pre).map_err(misfit)?;
                (World::Widget(world), manifest.settings.clone())
            }
            PluginKind::Expert => {
                let pre = self.expert.instantiate_pre(component).map_err(misfit)?;
                let world = expert::ExpertPre::new(pre).map_err(misfit)?;
                (
                    World::Expert(world),
                    expert_definitions(&manifest.settings)?,
                )
            }
        };
        Ok(Plugin {
            manifest,
            digest,
            definitions,
            world,
            is_made_ahead: AtomicBool::new(true),
            allowance: Arc::default(),
        })
    }
}

// The interfaces that hold types only have nothing to answer.
impl views::Host for CallState {}
impl analysis::Host for CallState {}
