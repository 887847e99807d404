//! Expert instances that stay with one version of their plugin.
//!
//! Owns: `/experts/{id}/pin`. Must not know: which versions there are.

use axum::Json;
use axum::extract::State;
use lombard_model::ExpertId;
use lombard_runtime::Pinned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::experts::{Expert, read_one};
use super::request::{Id, Sent};
use crate::app::Shared;
use crate::problem::Problem;

/// A version that an expert instance stays with, whatever is installed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PinnedTo {
    /// The version, as its manifest has it.
    version: String,
    /// The SHA-256 of the binary.
    digest: String,
}

impl From<Pinned> for PinnedTo {
    fn from(pinned: Pinned) -> Self {
        Self {
            version: pinned.version,
            digest: pinned.digest.to_string(),
        }
    }
}

/// What to stay with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A version, or the beginning of a digest; none: what it would run now.
    version: Option<String>,
}

/// Has an expert instance stay with a version of its plugin: one that is
/// installed, was before, or comes with the host.
#[utoipa::path(
    put,
    path = "/experts/{id}/pin",
    tag = "experts",
    params(("id" = u64, Path, description = "The expert's id", minimum = 1)),
    request_body = Wanted,
    responses(
        (status = 200, description = "The expert instance", body = Expert),
        (status = 400, description = "This is no id, the body does not fit, or its plugin is no expert", body = Problem),
        (status = 404, description = "There is no such expert, or its plugin is not there", body = Problem),
        (status = 409, description = "Its plugin has no such version, or several", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no JSON", body = Problem),
        (status = 502, description = "The plugin's manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
pub(super) async fn put(
    State(app): State<Shared>,
    Id(id): Id<ExpertId>,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Expert>, Problem> {
    app.host().pin(id, wanted.version.as_deref()).await?;
    read_one(&app, id).await
}

/// Has an expert instance go with what is installed again.
#[utoipa::path(
    delete,
    path = "/experts/{id}/pin",
    tag = "experts",
    params(("id" = u64, Path, description = "The expert's id", minimum = 1)),
    responses(
        (status = 200, description = "The expert instance", body = Expert),
        (status = 400, description = "This is no id", body = Problem),
        (status = 404, description = "There is no such expert", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
pub(super) async fn delete(
    State(app): State<Shared>,
    Id(id): Id<ExpertId>,
) -> Result<Json<Expert>, Problem> {
    app.host().unpin(id).await?;
    read_one(&app, id).await
}
