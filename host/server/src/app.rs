//! What every address is answered with.
//!
//! Owns: the state that all requests share. Must not know: requests.

use std::hash::RandomState;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_runtime::Host;

use crate::auth::Access;
use crate::events::Events;
use crate::metrics::Metrics;

/// What all requests share. Cheap to clone.
pub(crate) type Shared = Arc<App>;

/// The host, and what the process is about to do with it.
#[derive(Debug)]
pub(crate) struct App {
    host: Arc<Host>,
    access: Access,
    stopping: AtomicBool,
    /// Who follows the changes of the data.
    pub(crate) events: Events,
    /// What is counted of this process.
    pub(crate) metrics: Metrics,
    /// What the names of views are made with.
    pub(crate) tags: RandomState,
}

impl App {
    pub(crate) fn new(host: Arc<Host>, listen: SocketAddr) -> Shared {
        Arc::new(Self {
            access: Access::new(&host, listen),
            events: Events::of(host.store()),
            metrics: Metrics::of(&host),
            tags: RandomState::new(),
            host,
            stopping: AtomicBool::new(false),
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Who may ask.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Says that no new work is taken.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.events.close();
    }

    /// Whether new work is taken.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
