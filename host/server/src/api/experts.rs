//! Expert instances.
//!
//! Owns: `/experts`. Must not know: plugins' code.

use axum::Json;
use axum::extract::State;
use lombard_accounts::AccountsError;
use lombard_model::{Expert as Instance, ExpertId};
use lombard_runtime::Host;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::pins::{self, PinnedTo};
use super::reading::read;
use super::request::Id;
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(pins::put, pins::delete))
}

/// An expert instance.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Expert {
    /// Its id.
    id: u64,
    /// The id of its account.
    account_id: u64,
    /// What it is called: its alias, or its plugin and id.
    label: String,
    /// The name of its plugin.
    plugin: String,
    /// Whether a plugin of this name is there.
    plugin_available: bool,
    /// The version that it stays with; none where it goes with what is
    /// installed.
    pinned: Option<PinnedTo>,
    /// The name that somebody gave it.
    alias: Option<String>,
    /// Whether it may be run.
    enabled: bool,
    /// Its share of the account's equity in percent, a decimal.
    virtual_equity_pct: String,
}

/// Expert instances, by id.
#[derive(Debug, Serialize, ToSchema)]
struct Experts {
    experts: Vec<Expert>,
}

/// All expert instances.
#[utoipa::path(
    get,
    path = "/experts",
    tag = "experts",
    responses(
        (status = 200, description = "All expert instances, by id", body = Experts),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn list(State(app): State<Shared>) -> Result<Json<Experts>, Problem> {
    app.host().notice_installs().await?;
    let rows = read!(&app, "GET experts", |session| {
        Ok(session.experts().await?)
    });
    let rows = rows?;
    let experts = rows.iter().map(|row| shown(app.host(), &row.expert));
    Ok(Json(Experts {
        experts: experts.collect(),
    }))
}

/// One expert instance.
#[utoipa::path(
    get,
    path = "/experts/{id}",
    tag = "experts",
    params(("id" = u64, Path, description = "The expert's id", minimum = 1)),
    responses(
        (status = 200, description = "The expert instance", body = Expert),
        (status = 400, description = "This is no id", body = Problem),
        (status = 404, description = "There is no such expert", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn one(State(app): State<Shared>, Id(id): Id<ExpertId>) -> Result<Json<Expert>, Problem> {
    read_one(&app, id).await
}

pub(super) async fn read_one(app: &Shared, id: ExpertId) -> Result<Json<Expert>, Problem> {
    app.host().notice_installs().await?;
    let row = read!(app, "GET expert", |session| {
        let row = session.expert(id).await?;
        Ok(row.ok_or(AccountsError::NoExpert(id))?)
    });
    let row = row?;
    Ok(Json(shown(app.host(), &row.expert)))
}

fn shown(host: &Host, one: &Instance) -> Expert {
    Expert {
        id: one.id.get(),
        account_id: one.account.get(),
        label: one.label(),
        plugin: one.plugin.clone(),
        plugin_available: host.has_plugin(&one.plugin),
        pinned: host.pinned(one).map(PinnedTo::from),
        alias: one.alias.clone(),
        enabled: one.enabled,
        virtual_equity_pct: one.virtual_equity_percent.normalize().to_string(),
    }
}
