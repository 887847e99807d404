//! What every address is answered with.
//!
//! Owns: the state that all requests share. Must not know: requests.

use std::hash::RandomState;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_runtime::Host;
use lombard_scheduler::Scheduler;

use crate::auth::Access;
use crate::dashboard::Dashboard;
use crate::events::Events;
use crate::metrics::Metrics;
use crate::server::Served;

/// What all requests share. Cheap to clone.
pub(crate) type Shared = Arc<App>;

/// The host, and what the process is about to do with it.
#[derive(Debug)]
pub(crate) struct App {
    host: Arc<Host>,
    scheduler: Option<Arc<Scheduler>>,
    access: Access,
    dashboard: Dashboard,
    stopping: AtomicBool,
    /// Who follows the changes of the data.
    pub(crate) events: Events,
    /// What is counted of this process.
    pub(crate) metrics: Metrics,
    /// What the names of views are made with.
    pub(crate) tags: RandomState,
}

impl App {
    pub(crate) fn new(served: Served, listen: SocketAddr) -> Shared {
        let Served {
            host,
            scheduler,
            run_token,
        } = served;
        Arc::new(Self {
            access: Access::new(&host, listen, run_token.as_ref()),
            events: Events::of(host.store(), scheduler.as_deref().map(Scheduler::plans)),
            metrics: Metrics::of(&host, scheduler.as_ref()),
            tags: RandomState::new(),
            dashboard: Dashboard::begin(&host),
            host,
            scheduler,
            stopping: AtomicBool::new(false),
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// What runs the experts, where anything does.
    pub(crate) fn scheduler(&self) -> Option<&Scheduler> {
        self.scheduler.as_deref()
    }

    /// Who may ask.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn dashboard(&self) -> &Dashboard {
        &self.dashboard
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
