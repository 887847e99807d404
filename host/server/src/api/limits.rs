//! What a plugin may use.
//!
//! Owns: how limits are told, and `PUT` of those of one plugin. Must not know:
//! what happens at a limit.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use lombard_model::{Limit, LimitError, Limits, SetLimits, checked_limit};
use lombard_runtime::Host;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::{Name, Sent};
use crate::app::Shared;
use crate::problem::Problem;

/// What each call of a plugin may use, and what all of its calls may together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LimitsShown {
    /// By name, such as `memory_bytes`.
    #[schema(value_type = BTreeMap<String, u64>)]
    limits: Limits,
    /// Those of them that were set for this plugin.
    limits_set: Vec<&'static str>,
}

impl LimitsShown {
    pub(super) fn of(host: &Host, name: &str) -> Self {
        let set = host.set_limits_of(name);
        Self {
            limits: host.limits_of(name),
            limits_set: set.into_keys().map(Limit::as_str).collect(),
        }
    }
}

/// Limits by name, with what they are to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub(super) struct Wanted(BTreeMap<String, u64>);

/// Sets what a plugin may use from its next call on. What is not named is as it
/// is for all plugins.
#[utoipa::path(
    put,
    path = "/plugins/{name}/limits",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name")),
    request_body = Wanted,
    responses(
        (status = 200, description = "Its limits as they are now", body = LimitsShown),
        (status = 400, description = "This is no limit, or it can't be that; nothing was set", body = Problem),
        (status = 404, description = "There is no such plugin", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no JSON", body = Problem),
        (status = 502, description = "Its manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
pub(super) async fn set(
    State(app): State<Shared>,
    Name(name): Name,
    Sent(Wanted(wanted)): Sent<Wanted>,
) -> Result<Json<LimitsShown>, Problem> {
    let host = app.host();
    let plugin = host.plugin_entry(&name)?.manifest.name;
    let faulty = |fault: LimitError| Problem::bad_request(fault.to_string());
    let mut set = SetLimits::new();
    for (limit, value) in wanted {
        let limit = limit.parse::<Limit>();
        let limit = limit.map_err(|fault| faulty(fault.into()))?;
        set.insert(limit, checked_limit(limit, value).map_err(faulty)?);
    }
    host.set_limits(&plugin, set).await?;
    Ok(Json(LimitsShown::of(host, &name)))
}
