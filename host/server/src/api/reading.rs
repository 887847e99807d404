//! Reading for an answer.
//!
//! Owns: that an answer is of one version of the data, also where it began with
//! what caches know and the database has moved on. Must not know: what is read.

use lombard_accounts::AccountsError;
use lombard_runtime::RuntimeError;
use lombard_store::{Session, StoreError};

use crate::app::App;
use crate::problem::Problem;

/// One session, and whether it was read over again already.
pub(super) struct Reading {
    session: Session,
    again: bool,
}

impl Reading {
    pub(super) fn begin(app: &App, task: &str) -> Self {
        Self {
            session: app.host().session(task),
            again: false,
        }
    }

    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What was read; none where it has to be read again, since what the
    /// session was given first is of an older version than the database has.
    /// It sees the newest then, so that it happens once.
    pub(super) fn ended<T>(&mut self, read: Result<T, RuntimeError>) -> Option<Result<T, Problem>> {
        let is_again = std::mem::replace(&mut self.again, true);
        match read {
            Err(error) if has_moved(&error) && !is_again => None,
            read => Some(read.map_err(Problem::from)),
        }
    }
}

/// Reads over one session; what is read gives a `Result<_, RuntimeError>`. A
/// macro, since a future that borrows a session and more from a closure can't be
/// shown to be `Send` today.
macro_rules! read {
    ($app:expr, $task:literal, |$session:ident| $code:expr) => {{
        let mut reading = $crate::api::reading::Reading::begin($app, $task);
        loop {
            let $session = reading.session();
            let code = async { $code };
            let read: Result<_, lombard_runtime::RuntimeError> = code.await;
            if let Some(read) = reading.ended(read) {
                break read;
            }
        }
    }};
}

pub(super) use read;

fn has_moved(error: &RuntimeError) -> bool {
    matches!(
        error,
        RuntimeError::Store(StoreError::Moved { .. })
            | RuntimeError::Accounts(AccountsError::Store(StoreError::Moved { .. }))
    )
}
