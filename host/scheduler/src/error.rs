//! Why the scheduler could not do what it was asked.
//!
//! Owns: the crate's error. Why a run failed is no error of the scheduler: that
//! stands in its history.

use std::path::PathBuf;

use lombard_model::{JobId, SettingError};
use lombard_store::StoreError;

/// Why the scheduler could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchedulerError {
    /// There is no such job.
    #[error("there is no job {0}: its expert is disabled or not there")]
    NoJob(JobId),
    /// The job is waiting or under way.
    #[error("job {0} is under way already")]
    UnderWay(JobId),
    /// The job is not under way.
    #[error("job {0} is not under way")]
    NotUnderWay(JobId),
    /// The scheduler takes no more work.
    #[error("the scheduler is stopping")]
    Stopping,
    /// The run could not be noted, so it is not made.
    #[error("the run of job {0} can't be noted, so it is not made; the log says why")]
    NotNoted(JobId),
    /// Another host looks after the schedules of this database.
    #[error(
        "another host runs the schedules of this database, it holds {}; stop it first",
        path.display()
    )]
    Taken {
        /// The file that it holds.
        path: PathBuf,
    },
    /// The file by which hosts keep out of each other's way can't be used.
    #[error("the file {} can't be locked", path.display())]
    Lease {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The host's own settings are at fault.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
