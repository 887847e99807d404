//! One scheduler for a database.
//!
//! Owns: a file beside the database that one process at a time holds. The
//! system gives it back however a process ends. Must not know: what is done
//! under it.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::SchedulerError;

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lease of this database.
    pub(crate) fn take(database: &Path) -> Result<Self, SchedulerError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".scheduler");
        let path = Path::new(&path).to_owned();
        // It is empty and stays: who deleted it could not know who is about to
        // take it.
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let locked = opened
            .map_err(TryLockError::Error)
            .and_then(|file| file.try_lock().map(|()| file));
        match locked {
            Ok(file) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(SchedulerError::Taken { path }),
            Err(TryLockError::Error(source)) => Err(SchedulerError::Lease { path, source }),
        }
    }
}
