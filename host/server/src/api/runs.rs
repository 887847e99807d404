//! Running an expert.
//!
//! Owns: `/experts/{id}/runs`. Must not know: when experts run by themselves.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lombard_model::{ExpertId, Symbol, UseCase};
use lombard_runtime::{RunRequest, RuntimeError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cost::Cost;
use super::recommendations::Recommendation;
use super::request::{Id, Sent};
use crate::app::Shared;
use crate::problem::Problem;

/// Symbols of one run.
pub(super) const SYMBOLS: usize = 10_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(run))
}

/// What an expert is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum For {
    /// What to buy or sell.
    #[default]
    EnterMarket,
    /// What to do with what is held.
    OpenPositions,
}

/// A run to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What for.
    #[serde(default)]
    use_case: For,
    /// What to look at; where empty, what the expert is set to, else all that
    /// has bars.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    symbols: Vec<Symbol>,
}

/// A run that was made and stored.
#[derive(Debug, Serialize, ToSchema)]
struct Run {
    /// The id of the expert.
    expert: u64,
    /// The id of the stored analysis.
    analysis: u64,
    /// What the expert looked at.
    symbols: Vec<String>,
    /// What it recommended and the host kept.
    recommendations: Vec<Recommendation>,
    /// How many were below the expert's `min_confidence`, and not kept.
    below_confidence: u64,
    cost: Cost,
}

/// Runs an expert and stores what comes of it.
#[utoipa::path(
    post,
    path = "/experts/{id}/runs",
    tag = "experts",
    params(("id" = u64, Path, description = "The expert's id", minimum = 1)),
    request_body = Wanted,
    responses(
        (status = 201, description = "It ran, and the analysis is stored", body = Run),
        (status = 400, description = "The request is at fault", body = Problem),
        (status = 404, description = "There is no such expert, or no such plugin", body = Problem),
        (status = 409, description = "The expert is disabled, lacks a setting, has nothing to look at, or works for an account that its plugin does not see",
            body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no JSON", body = Problem),
        (status = 502, description = "The expert's call failed", body = Problem),
        (status = 503, description = "The host can't serve the call now", body = Problem)
    )
)]
async fn run(
    State(app): State<Shared>,
    Id(id): Id<ExpertId>,
    Sent(wanted): Sent<Wanted>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    if wanted.symbols.len() > SYMBOLS {
        let detail = format!("a run looks at {SYMBOLS} symbols at most");
        return Err(Problem::bad_request(detail));
    }
    let request = RunRequest {
        expert: id,
        symbols: wanted.symbols,
        use_case: match wanted.use_case {
            For::EnterMarket => UseCase::EnterMarket,
            For::OpenPositions => UseCase::OpenPositions,
        },
    };
    let run = app.host().run_expert(request).await;
    let run = run.map_err(|error| match error {
        // The request names no setting and no kind: what is there does not fit.
        RuntimeError::Setting(_) | RuntimeError::WrongKind { .. } => {
            Problem::conflict(error.to_string())
        }
        error => error.into(),
    })?;
    let run = Run {
        expert: id.get(),
        analysis: run.analysis.get(),
        symbols: run.symbols.iter().map(ToString::to_string).collect(),
        recommendations: run.recommendations.into_iter().map(Into::into).collect(),
        below_confidence: u64::try_from(run.below_confidence).unwrap_or(u64::MAX),
        cost: run.cost.into(),
    };
    Ok((StatusCode::CREATED, Json(run)))
}
