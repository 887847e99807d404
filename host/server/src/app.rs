//! What every address is answered with.
//!
//! Owns: the state that all requests share. Must not know: requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_runtime::Host;

use crate::dashboard::Dashboard;

/// What all requests share. Cheap to clone.
pub(crate) type Shared = Arc<App>;

/// The host, and what the process is about to do with it.
#[derive(Debug)]
pub(crate) struct App {
    host: Arc<Host>,
    dashboard: Dashboard,
    stopping: AtomicBool,
}

impl App {
    pub(crate) fn new(host: Arc<Host>) -> Shared {
        Arc::new(Self {
            dashboard: Dashboard::begin(&host),
            host,
            stopping: AtomicBool::new(false),
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn dashboard(&self) -> &Dashboard {
        &self.dashboard
    }

    /// Says that no new work is taken.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether new work is taken.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
