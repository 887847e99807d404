//! What calls have cost.
//!
//! Owns: `/calls`, the newest calls of this process. Must not know: how costs
//! are measured or kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use lombard_model::CallRecord;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cost::Cost;
use super::page::Limit;
use super::request::Asked;
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The record of one call.
#[derive(Debug, Serialize, ToSchema)]
struct Call {
    /// Which run of the host.
    run: String,
    /// Which call of this run, as the log names it.
    id: u64,
    /// Which plugin; `expert-` and its id where only the expert is known.
    plugin: String,
    /// Which version of it.
    version: String,
    /// The SHA-256 of its binary.
    digest: Option<String>,
    /// What was called: `render` or `analyze`.
    function: &'static str,
    /// When it began.
    began_at: String,
    /// How it ended: `ok`, `error`, `trap`, `deadline`, `refused`,
    /// `unavailable` or `cancelled`.
    outcome: &'static str,
    /// Why it did not end well.
    error: Option<String>,
    /// The limit that it did not end well for, where it was one.
    limit: Option<&'static str>,
    cost: Cost,
    /// What it looked up one by one, with how often.
    look_ups: BTreeMap<&'static str, u32>,
}

/// What has become of the records.
#[derive(Debug, Serialize, ToSchema)]
struct Records {
    /// In memory only.
    unwritten: u64,
    /// In the database.
    written: u64,
    /// Gone.
    lost: u64,
}

/// A page of calls, those that began last first.
#[derive(Debug, Serialize, ToSchema)]
struct Calls {
    calls: Vec<Call>,
    /// What `before` is for the next page; absent on the last one.
    next: Option<u64>,
    records: Records,
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
    /// Only calls with a smaller number than this.
    before: Option<u64>,
    /// Only calls of this plugin.
    plugin: Option<String>,
}

/// The newest calls of this process that have ended: those that it keeps at
/// hand. The command `lombard audit` adds up all that are recorded.
#[utoipa::path(
    get,
    path = "/calls",
    tag = "internals",
    params(Page),
    responses(
        (status = 200, description = "A page of them", body = Calls),
        (status = 400, description = "This is no page", body = Problem)
    )
)]
async fn list(State(app): State<Shared>, Asked(page): Asked<Page>) -> Result<Json<Calls>, Problem> {
    let mut recent = app.host().recent_calls();
    recent.retain(|one| {
        let is_before = page.before.is_none_or(|before| one.id.0 < before);
        let is_of = |plugin: &String| one.plugin.as_str() == plugin;
        is_before && page.plugin.as_ref().is_none_or(is_of)
    });
    // They are kept in the order in which they ended.
    recent.sort_unstable_by_key(|one| Reverse(one.id));
    let next = page.limit.cut(&mut recent).map(|last| last.id.0);
    let status = app.host().bill_status();
    Ok(Json(Calls {
        calls: recent.iter().map(|one| Call::from(&**one)).collect(),
        next,
        records: Records {
            unwritten: status.unwritten,
            written: status.written,
            lost: status.lost,
        },
    }))
}

impl From<&CallRecord> for Call {
    fn from(record: &CallRecord) -> Self {
        let look_ups = record.look_ups.iter();
        Self {
            run: record.run.to_string(),
            id: record.id.0,
            plugin: record.plugin.to_string(),
            version: record.version.clone(),
            digest: record.digest.map(|digest| digest.to_string()),
            function: record.function,
            began_at: record.began_at.to_string(),
            outcome: record.outcome.as_str(),
            error: record.error.clone(),
            limit: record.limit.map(lombard_model::Limit::as_str),
            cost: record.cost.into(),
            look_ups: look_ups
                .map(|(kind, times)| (kind.as_str(), times))
                .collect(),
        }
    }
}
