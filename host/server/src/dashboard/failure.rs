//! What people are told of what failed: what, why, and what helps.
//!
//! Owns: the words and the status. What the host keeps to itself goes to the
//! log. Must not know: pages.

use axum::http::StatusCode;
use lombard_accounts::AccountsError;
use lombard_model::{CallOutcome, Limit};
use lombard_runtime::{CallError, RuntimeError};
use lombard_scheduler::SchedulerError;
use lombard_store::StoreError;

/// What failed, in words.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) words: String,
    /// What helps, where anything does.
    pub(super) remedy: Option<&'static str>,
}

impl Failure {
    fn new(status: StatusCode, words: impl Into<String>, remedy: Option<&'static str>) -> Self {
        Self {
            status,
            words: words.into(),
            remedy,
        }
    }

    pub(super) fn not_found(words: impl Into<String>, remedy: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, words, Some(remedy))
    }

    pub(super) fn forbidden(words: &str) -> Self {
        let remedy = "log in as an operator";
        Self::new(StatusCode::FORBIDDEN, words, Some(remedy))
    }

    fn storage_failed(error: &StoreError, remedy: &'static str) -> Self {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "a page failed for its storage"
        );
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, error.to_string(), Some(remedy))
    }

    fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a page failed");
        let remedy = "the host's log says why";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the host failed",
            Some(remedy),
        )
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } | StoreError::Closed => {
                let remedy = "try again when the host is less busy";
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    error.to_string(),
                    Some(remedy),
                )
            }
            StoreError::Missing { .. } => {
                Self::not_found(error.to_string(), "it may have been removed")
            }
            error => match error.storage_remedy() {
                Some(remedy) => Self::storage_failed(&error, remedy),
                None => Self::internal(&error),
            },
        }
    }
}

impl From<SchedulerError> for Failure {
    fn from(error: SchedulerError) -> Self {
        let told = |status, remedy| Self::new(status, error.to_string(), Some(remedy));
        match error {
            SchedulerError::NoJob(_) => told(StatusCode::NOT_FOUND, "enable the expert"),
            SchedulerError::UnderWay(_) | SchedulerError::NotUnderWay(_) => {
                told(StatusCode::CONFLICT, "look at the list of jobs again")
            }
            SchedulerError::Stopping | SchedulerError::NotNoted(_) => {
                let remedy = "try again, and look into the host's log";
                told(StatusCode::SERVICE_UNAVAILABLE, remedy)
            }
            SchedulerError::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<AccountsError> for Failure {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::NoAccount(_) => {
                Self::not_found(error.to_string(), "choose one under Accounts")
            }
            AccountsError::NoExpert(_) => {
                Self::not_found(error.to_string(), "choose one under Experts")
            }
            AccountsError::Unreachable { .. } => {
                let remedy = "look at the account's settings";
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    error.to_string(),
                    Some(remedy),
                )
            }
            AccountsError::Setting(error) => {
                Self::new(StatusCode::BAD_REQUEST, error.to_string(), None)
            }
            AccountsError::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        let bad = StatusCode::BAD_GATEWAY;
        match error {
            RuntimeError::Unknown { .. } => {
                let remedy = "install it with `lombard plugin install FILE`";
                Self::not_found(error.to_string(), remedy)
            }
            RuntimeError::WrongKind { .. } => {
                Self::not_found(error.to_string(), "only widgets are shown in panels")
            }
            RuntimeError::Call { error, .. } => {
                Self::new(bad, short(&error), Some(of_call(&error)))
            }
            RuntimeError::OtherAccount { .. } => {
                let remedy = "grant it this account with `lombard plugin install --accounts`";
                Self::new(StatusCode::CONFLICT, error.to_string(), Some(remedy))
            }
            RuntimeError::Accounts(error) => error.into(),
            RuntimeError::Store(error) => error.into(),
            RuntimeError::Setting(_) => {
                let remedy = "the widget has a required setting without a default: tell its author";
                Self::new(StatusCode::BAD_REQUEST, error.to_string(), Some(remedy))
            }
            error => Self::new(
                bad,
                error.to_string(),
                Some("build the plugin with this host's SDK"),
            ),
        }
    }
}

/// Without the guest's backtrace, which the log has.
fn short(error: &CallError) -> String {
    match error {
        CallError::Trap { function, trap } => {
            let trap = trap.split(" (in ").next().unwrap_or_default();
            format!("the plugin trapped in `{function}`: {trap}")
        }
        error => error.to_string(),
    }
}

/// What helps where a limit was reached.
const fn at_limit(limit: Limit) -> &'static str {
    match limit.outcome() {
        CallOutcome::Unavailable => "try again when the host is less busy",
        _ => "tell its author, or allow it more with `lombard plugin limit`",
    }
}

const fn of_call(error: &CallError) -> &'static str {
    match error {
        CallError::Denied { .. } => {
            "grant it with `lombard plugin install --grant`, if you trust the plugin that far"
        }
        CallError::Quarantined { .. } => "wait, install a better version, or resume it",
        CallError::Limit(exceeded) => at_limit(exceeded.limit),
        CallError::Unavailable(_) => "try again when the host is less busy",
        CallError::Plugin(_) => "the plugin says so itself; its log may tell more",
        _ => "the fault is the plugin's and harmed nothing else: tell its author",
    }
}
