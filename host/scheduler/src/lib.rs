//! Runs the experts of a host when their schedules say so.
//!
//! Owns: which jobs there are, when each is due, that no instance runs twice at
//! once, what is tried again, what becomes of runs that were missed or
//! interrupted, and the sight of all that from outside. What became of each run
//! is kept in the host's database.
//!
//! Must not know: SQL, plugins' code, HTTP, terminals.
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use lombard_runtime::Host;
//! use lombard_scheduler::{Scheduler, SchedulerError, SchedulerOptions};
//!
//! async fn serve(host: Arc<Host>) -> Result<(), SchedulerError> {
//!     let scheduler = Scheduler::start(host, SchedulerOptions::default()).await?;
//!     for job in scheduler.jobs() {
//!         println!("{} runs next at {:?}", job.job, job.next_run);
//!     }
//!     scheduler.stop(Duration::from_secs(30)).await;
//!     Ok(())
//! }
//! ```

mod board;
mod clock;
mod due;
mod error;
mod health;
mod lease;
mod news;
mod options;
mod plan;
mod planner;
mod retry;
mod run;
mod scheduler;
mod shared;

pub use board::{JobStatus, UnderWay};
pub use clock::ScheduleClock;
pub use error::SchedulerError;
pub use health::{SchedulerHealth, TaskHealth};
pub use options::{Backoff, Jitter, SchedulerOptions};
pub use scheduler::Scheduler;
