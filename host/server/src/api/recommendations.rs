//! What experts recommended.
//!
//! Owns: `/recommendations`, their pages, and how a recommendation is told.
//! Must not know: how it came about.

use axum::Json;
use axum::extract::State;
use lombard_model::{Recommendation as Model, RecommendationId};
use lombard_store::{StoreError, StoredRecommendation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::Limit;
use super::reading::read;
use super::request::Asked;
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What an expert thinks of one symbol.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Recommendation {
    /// What it is about.
    symbol: String,
    /// `buy`, `sell` or `hold`.
    action: &'static str,
    /// How sure the expert is, 0 to 100, a decimal.
    confidence: String,
    /// `low`, `medium` or `high`.
    risk: &'static str,
    /// `short_term`, `medium_term` or `long_term`.
    horizon: &'static str,
    /// The profit to expect in percent of the price, a decimal.
    expected_profit_percent: String,
    /// Why, in words.
    explanation: String,
}

/// A recommendation and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
struct Stored {
    /// Its id.
    id: u64,
    /// The id of the analysis it came from.
    analysis: u64,
    /// The id of the expert that made it.
    expert: u64,
    /// When the analysis was asked for.
    created_at: String,
    #[serde(flatten)]
    recommendation: Recommendation,
}

/// A page of recommendations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Recommendations {
    recommendations: Vec<Stored>,
    /// What `after` is for the next page; absent on the last one.
    next: Option<u64>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// How many at most, 1 to 1000.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// From the one that comes after the one with this id.
    #[param(value_type = Option<u64>, minimum = 1)]
    after: Option<RecommendationId>,
}

/// Recommendations of all experts, the newest first, then by expert and symbol.
#[utoipa::path(
    get,
    path = "/recommendations",
    tag = "recommendations",
    params(Page),
    responses(
        (status = 200, description = "A page of them", body = Recommendations),
        (status = 400, description = "This is no page", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn list(
    State(app): State<Shared>,
    Asked(page): Asked<Page>,
) -> Result<Json<Recommendations>, Problem> {
    // One more shows whether there is a next page.
    let limit = page.limit.get() + 1;
    let stored = read!(&app, "GET recommendations", |session| {
        match session.recommendations_after(page.after, limit).await {
            Err(StoreError::Missing { .. }) => Ok(None),
            read => Ok(Some(read?)),
        }
    });
    let Some(mut stored) = stored? else {
        return Err(Problem::bad_request(
            "`after` is no recommendation that there is",
        ));
    };
    let last = page.limit.cut(&mut stored);
    Ok(Json(Recommendations {
        next: last.map(|last| last.id.get()),
        recommendations: stored.into_iter().map(Stored::from).collect(),
    }))
}

impl From<StoredRecommendation> for Stored {
    fn from(stored: StoredRecommendation) -> Self {
        Self {
            id: stored.id.get(),
            analysis: stored.analysis.get(),
            expert: stored.expert.get(),
            created_at: stored.created_at.to_string(),
            recommendation: stored.recommendation.into(),
        }
    }
}

impl From<Model> for Recommendation {
    fn from(one: Model) -> Self {
        Self {
            symbol: one.symbol.to_string(),
            action: one.action.as_str(),
            confidence: one.confidence.normalize().to_string(),
            risk: one.risk.as_str(),
            horizon: one.horizon.as_str(),
            expected_profit_percent: one.expected_profit_percent.normalize().to_string(),
            explanation: one.explanation,
        }
    }
}
