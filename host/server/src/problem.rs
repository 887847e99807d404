//! What is told of a request that failed: `application/problem+json`, RFC 9457.
//!
//! Owns: which failure has which status and kind. What the host keeps to itself
//! (SQL, connection strings) goes to the log only. Must not know: addresses.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lombard_accounts::AccountsError;
use lombard_model::{CallOutcome, SettingError};
use lombard_runtime::{CallError, CompileFault, RuntimeError};
use lombard_scheduler::SchedulerError;
use lombard_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// A failed request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of failure, as a name within this API: `not-found`,
    /// `bad-request`, `conflict`, `unauthenticated`, `forbidden`,
    /// `misdirected`, `too-many-requests`, `call-failed`, `unavailable`, `internal`,
    /// `method-not-allowed`, `address-too-long`, `too-large`,
    /// `unsupported-media-type`, `changed-meanwhile`, `condition-required`,
    /// `storage-failed`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// What happened, and what helps.
    detail: String,
    /// Seconds after which it may go better.
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(kind: &'static str, title: &'static str, status: StatusCode, detail: String) -> Self {
        Self {
            kind,
            title,
            status,
            detail,
            retry_after: None,
        }
    }

    /// There is no such thing.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        let status = StatusCode::NOT_FOUND;
        Self::new("not-found", "There is no such thing", status, detail.into())
    }

    /// The request is at fault.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::new(
            "bad-request",
            "The request is at fault",
            status,
            detail.into(),
        )
    }

    /// The address is one, but not for this method.
    pub(crate) fn method_not_allowed() -> Self {
        let (title, status) = ("Not with this method", StatusCode::METHOD_NOT_ALLOWED);
        let detail = "the header Allow names the methods that this address answers";
        Self::new("method-not-allowed", title, status, detail.to_owned())
    }

    /// The address has more bytes than one may have.
    pub(crate) fn address_too_long(limit: usize) -> Self {
        let (title, status) = ("The address is too long", StatusCode::URI_TOO_LONG);
        let detail = format!("path and query may have {limit} bytes together");
        Self::new("address-too-long", title, status, detail)
    }

    /// The body has more bytes than one may have.
    pub(crate) fn too_large(limit: usize) -> Self {
        let (title, status) = ("The body is too large", StatusCode::PAYLOAD_TOO_LARGE);
        let detail = format!("a body may have {limit} bytes");
        Self::new("too-large", title, status, detail)
    }

    /// The body is of another kind.
    pub(crate) fn unsupported_media_type() -> Self {
        let (title, status) = ("The body is no JSON", StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let detail = "send JSON, and say so: Content-Type: application/json".to_owned();
        Self::new("unsupported-media-type", title, status, detail)
    }

    /// The body is no plugin.
    pub(crate) fn not_a_plugin() -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let detail = "send the component, and say so: Content-Type: application/wasm".to_owned();
        let title = "The body is no plugin";
        Self::new("unsupported-media-type", title, status, detail)
    }

    /// Things are not in a state in which it can be done.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        let (title, status) = ("Not as things are", StatusCode::CONFLICT);
        Self::new("conflict", title, status, detail.into())
    }

    /// Somebody else was first.
    pub(crate) fn changed_meanwhile(detail: impl Into<String>) -> Self {
        let (title, status) = ("Changed meanwhile", StatusCode::PRECONDITION_FAILED);
        Self::new("changed-meanwhile", title, status, detail.into())
    }

    /// Who changes it has to say what they have seen.
    pub(crate) fn condition_required() -> Self {
        let status = StatusCode::PRECONDITION_REQUIRED;
        let detail = "say which state is to be changed: If-Match with the ETag of the last GET";
        Self::new(
            "condition-required",
            "A condition is required",
            status,
            detail.to_owned(),
        )
    }

    /// Nothing can be done now, later perhaps.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        let (title, status) = ("Not available now", StatusCode::SERVICE_UNAVAILABLE);
        Self::new("unavailable", title, status, detail.into())
    }

    /// What the database stands on is at fault. Whoever asks is told which way,
    /// and the log has what the database said.
    fn storage_failed(error: &StoreError, remedy: &str) -> Self {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "a request failed for its storage"
        );
        let (title, status) = ("The storage failed", StatusCode::SERVICE_UNAVAILABLE);
        Self {
            retry_after: error.may_pass().then_some(1),
            ..Self::new(
                "storage-failed",
                title,
                status,
                format!("{error}: {remedy}"),
            )
        }
    }

    /// Nobody knows who asks.
    pub(crate) fn unauthenticated(detail: impl Into<String>) -> Self {
        let (title, status) = ("Nobody knows who asks", StatusCode::UNAUTHORIZED);
        Self::new("unauthenticated", title, status, detail.into())
    }

    /// Whoever asks may not.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        let status = StatusCode::FORBIDDEN;
        Self::new("forbidden", "This is not allowed", status, detail.into())
    }

    /// The host is asked under a name that is not its own.
    pub(crate) fn misdirected(detail: impl Into<String>) -> Self {
        let (title, status) = ("Another host is meant", StatusCode::MISDIRECTED_REQUEST);
        Self::new("misdirected", title, status, detail.into())
    }

    /// Too many attempts failed.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let (title, status) = ("Too many attempts", StatusCode::TOO_MANY_REQUESTS);
        let seconds = wait.as_secs().saturating_add(1);
        let detail = format!("too many attempts failed; try again in {seconds} s");
        Self {
            retry_after: Some(seconds),
            ..Self::new("too-many-requests", title, status, detail)
        }
    }

    /// A plugin's call did not end well.
    fn call_failed(detail: String) -> Self {
        let (title, status) = ("The plugin's call failed", StatusCode::BAD_GATEWAY);
        Self::new("call-failed", title, status, detail)
    }

    /// The host is at fault; what it is stands in its log.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::panicked()
    }

    /// The host is at fault, as its log tells.
    pub(crate) fn panicked() -> Self {
        let (title, status) = ("The host failed", StatusCode::INTERNAL_SERVER_ERROR);
        let detail = "the host's log says why".to_owned();
        Self::new("internal", title, status, detail)
    }
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let retry_after = self.retry_after;
        let mut response = (status, kind, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } | StoreError::Closed => {
                Self::unavailable(error.to_string())
            }
            StoreError::Missing { .. } => Self::not_found(error.to_string()),
            StoreError::Overtaken { .. } => {
                Self::changed_meanwhile(format!("{error}: look at them again"))
            }
            error => match error.storage_remedy() {
                Some(remedy) => Self::storage_failed(&error, remedy),
                None => Self::internal(&error),
            },
        }
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::NoAccount(_) | AccountsError::NoExpert(_) => {
                Self::not_found(error.to_string())
            }
            AccountsError::Unreachable { .. } => Self::unavailable(error.to_string()),
            AccountsError::Setting(error) => error.into(),
            AccountsError::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<SchedulerError> for Problem {
    fn from(error: SchedulerError) -> Self {
        match error {
            SchedulerError::NoJob(_) => Self::not_found(error.to_string()),
            SchedulerError::UnderWay(_) | SchedulerError::NotUnderWay(_) => {
                Self::conflict(error.to_string())
            }
            SchedulerError::Stopping | SchedulerError::NotNoted(_) => {
                Self::unavailable(error.to_string())
            }
            SchedulerError::Store(error) => error.into(),
            SchedulerError::Setting(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<RuntimeError> for Problem {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Unknown { .. } => Self::not_found(error.to_string()),
            RuntimeError::Call {
                error: CallError::Quarantined { .. },
                ref plugin,
                ..
            } => Self::unavailable(format!(
                "{error}; to have it called again: `lombard plugin resume {plugin}`"
            )),
            RuntimeError::Call {
                error: ref call, ..
            } if call.outcome() == CallOutcome::Unavailable => Self::unavailable(error.to_string()),
            RuntimeError::Call { .. } => Self::call_failed(error.to_string()),
            RuntimeError::Accounts(error) => error.into(),
            RuntimeError::Store(error) => error.into(),
            RuntimeError::Setting(error) => error.into(),
            RuntimeError::WrongKind { .. } => Self::bad_request(error.to_string()),
            RuntimeError::OtherAccount { .. } => {
                let told = format!(
                    "{error}; a PUT of the plugin with `accounts` grants it this one as well"
                );
                Self::conflict(told)
            }
            RuntimeError::Disabled(_)
            | RuntimeError::NoSymbols
            | RuntimeError::NoVersion { .. } => Self::conflict(error.to_string()),
            RuntimeError::CacheFolder { .. }
            | RuntimeError::Engine(_)
            | RuntimeError::Compile(CompileFault::NoProcess(_)) => Self::internal(&error),
            RuntimeError::Limit(_) => Self::bad_request(error.to_string()),
            // The rest is about a binary that can't be used.
            error => Self::call_failed(error.to_string()),
        }
    }
}
