//! A loaded plugin: compiled, linked, ready to be instantiated.
//!
//! Owns: what lives as long as a plugin is loaded, and that a component fits
//! the world its manifest names. Must not know: calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

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
use crate::recording::{Taped, TapedState};

/// A plugin that can be called.
pub struct Plugin {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Which binary it is.
    pub digest: Digest,
    /// Its settings: its own and, for an expert, those that all experts share.
    pub definitions: Definitions,
    world: World,
    component: Component,
    /// The same, linked to host functions that are recorded or replayed, once
    /// somebody has asked for that.
    taped: OnceLock<World>,
    /// Whether an instance may be made before there is a call.
    is_made_ahead: AtomicBool,
    /// What all its calls have together.
    pub(crate) allowance: Arc<Allowance>,
}

enum World {
    Widget(widget::WidgetPre<CallState>),
    Expert(expert::ExpertPre<CallState>),
}

impl World {
    /// Links a component into the world of its kind.
    fn link(
        kind: PluginKind,
        linker: &Linker<CallState>,
        component: &Component,
    ) -> Result<Self, RuntimeError> {
        let misfit = |error: wasmtime::Error| RuntimeError::World {
            kind,
            fault: format!("{error:#}").escape_debug().to_string(),
        };
        let pre = linker.instantiate_pre(component).map_err(misfit)?;
        Ok(match kind {
            PluginKind::Widget => Self::Widget(widget::WidgetPre::new(pre).map_err(misfit)?),
            PluginKind::Expert => Self::Expert(expert::ExpertPre::new(pre).map_err(misfit)?),
        })
    }
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
        let world = match store.data().setup.tape {
            None => Some(&self.world),
            Some(_) => self.taped.get(),
        };
        let lacks = || wasmtime::Error::msg("the plugin was not linked to be taped");
        Ok(match world.ok_or_else(lacks)? {
            World::Widget(pre) => Instance::Widget(pre.instantiate_async(store).await?),
            World::Expert(pre) => Instance::Expert(pre.instantiate_async(store).await?),
        })
    }

    /// Makes it ready for calls that a tape goes along with.
    ///
    /// # Errors
    /// Where it can't be linked, as it has been before.
    pub(crate) fn link_taped(&self, engine: &Engine) -> Result<(), RuntimeError> {
        if self.taped.get().is_some() {
            return Ok(());
        }
        let kind = self.manifest.kind;
        let world = World::link(kind, &taped_linker(engine, kind)?, &self.component)?;
        // Whoever was first has made the same.
        self.taped.get_or_init(|| world);
        Ok(())
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

fn failed(error: &wasmtime::Error) -> RuntimeError {
    RuntimeError::Engine(format!("{error:#}"))
}

/// The host functions of this world, listened to. Made where it is needed: few
/// processes ever record.
fn taped_linker(engine: &Engine, kind: PluginKind) -> Result<Linker<CallState>, RuntimeError> {
    let mut linker = Linker::new(engine);
    match kind {
        PluginKind::Widget => {
            widget::Widget::add_to_linker::<_, TapedState>(&mut linker, |state| Taped(state))
        }
        PluginKind::Expert => {
            expert::Expert::add_to_linker::<_, TapedState>(&mut linker, |state| Taped(state))
        }
    }
    .map_err(|error| failed(&error))?;
    Ok(linker)
}

/// The host functions of both worlds, made once for a process.
pub(crate) struct Linkers {
    widget: Linker<CallState>,
    expert: Linker<CallState>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> Result<Self, RuntimeError> {
        let mut widget = Linker::new(engine);
        widget::Widget::add_to_linker::<_, HasSelf<_>>(&mut widget, |state| state)
            .map_err(|error| failed(&error))?;
        let mut expert = Linker::new(engine);
        expert::Expert::add_to_linker::<_, HasSelf<_>>(&mut expert, |state| state)
            .map_err(|error| failed(&error))?;
        Ok(Self { widget, expert })
    }

    /// Links a component into the world that its manifest names.
    pub(crate) fn link(
        &self,
        manifest: Manifest,
        digest: Digest,
        component: &Component,
    ) -> Result<Plugin, RuntimeError> {
        let (linker, definitions) = match manifest.kind {
            PluginKind::Widget => (&self.widget, manifest.settings.clone()),
            PluginKind::Expert => (&self.expert, expert_definitions(&manifest.settings)?),
        };
        let world = World::link(manifest.kind, linker, component)?;
        Ok(Plugin {
            manifest,
            digest,
            definitions,
            world,
            component: component.clone(),
            taped: OnceLock::new(),
            is_made_ahead: AtomicBool::new(true),
            allowance: Arc::default(),
        })
    }
}

// The interfaces that hold types only have nothing to answer.
impl views::Host for CallState {}
impl analysis::Host for CallState {}
