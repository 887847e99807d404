//! What is told of a request that failed: `application/problem+json`, RFC 9457.
//!
//! Owns: which failure has which status and kind. What the host keeps to itself
//! (SQL, connection strings) goes to the log only. Must not know: addresses.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lombard_accounts::AccountsError;
use lombard_model::SettingError;
use lombard_runtime::{CallError, RuntimeError};
use lombard_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// A failed request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of failure, as a name within this API: `not-found`,
    /// `bad-request`, `conflict`, `unauthenticated`, `forbidden`,
    /// `misdirected`, `too-many-requests`, `call-failed`, `unavailable`, `internal`.
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

    /// Nothing can be done now, later perhaps.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        let (title, status) = ("Not available now", StatusCode::SERVICE_UNAVAILABLE);
        Self::new("unavailable", title, status, detail.into())
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
            error => Self::internal(&error),
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

impl From<RuntimeError> for Problem {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Unknown { .. } => Self::not_found(error.to_string()),
            RuntimeError::Call {
                error: CallError::Unavailable(_),
                ..
            } => Self::unavailable(error.to_string()),
            RuntimeError::Call { .. } => Self::call_failed(error.to_string()),
            RuntimeError::Accounts(error) => error.into(),
            RuntimeError::Store(error) => error.into(),
            error => Self::bad_request(error.to_string()),
        }
    }
}
