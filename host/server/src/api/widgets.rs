//! Widgets.
//!
//! Owns: `/widgets`, and that a view that somebody has and that can't have
//! changed is not made again. Must not know: what views show.

use std::hash::BuildHasher as _;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use lombard_accounts::SettingsPatch;
use lombard_model::PluginKind;
use lombard_model::view::View;
use lombard_runtime::{PluginRef, Rendered};
use lombard_store::DataVersion;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cost::Cost;
use super::etag::{self, Condition};
use super::request::{Asked, Name, shown};
use crate::app::{App, Shared};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(render))
}

/// Which plugin made a view.
#[derive(Debug, Serialize, ToSchema)]
struct Maker {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// The SHA-256 of its binary.
    digest: String,
}

/// A widget, rendered.
#[derive(Debug, Serialize, ToSchema)]
struct Rendering {
    plugin: Maker,
    /// What it shows: a title and blocks of tables, figures, series and text.
    #[schema(value_type = Object)]
    view: View,
    cost: Cost,
}

/// What a render is asked for with.
#[derive(Debug, Default)]
struct Wanted {
    params: Vec<(String, String)>,
    max_rows: Option<u32>,
}

/// Renders a widget.
#[utoipa::path(
    get,
    path = "/widgets/{name}",
    tag = "widgets",
    params(
        ("name" = String, Path, description = "The widget's name"),
        ("max_rows" = Option<u32>, Query, description = "Rows that a table should have at most"),
        ("param.KEY" = Option<String>, Query, description =
            "A parameter of the widget, KEY being its name; as often as there are parameters"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a view that is at hand")
    ),
    responses(
        (status = 200, description = "What it shows, and what that cost", body = Rendering,
            headers(("ETag", description = "Names the view; absent where the next one may differ \
                though the data is the same"))),
        (status = 304, description = "The view that is at hand is still what it would show"),
        (status = 400, description = "A parameter is at fault", body = Problem),
        (status = 404, description = "There is no such widget", body = Problem),
        (status = 502, description = "The widget's call failed", body = Problem),
        (status = 503, description = "The host can't serve the call now", body = Problem)
    )
)]
async fn render(
    State(app): State<Shared>,
    Name(name): Name,
    Asked(asked): Asked<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(asked)?;
    let at_hand = Condition::of(&headers, &header::IF_NONE_MATCH)?;
    let plugin = app.host().plugin(&name).await?;
    if plugin.plugin.manifest.kind != PluginKind::Widget {
        let name = shown(&name);
        return Err(Problem::not_found(format!("`{name}` is no widget")));
    }
    let params = wanted.params(&plugin)?;
    let name_at = |version| tag(&app, &plugin, &params, wanted.max_rows, version);
    // A tag was only ever given to a view that its version repeats.
    let known = name_at(app.host().store().data_version());
    if let (Some(at_hand @ Condition::OneOf(_)), Some((_, tag))) = (&at_hand, &known)
        && at_hand.has(tag)
    {
        return Ok((StatusCode::NOT_MODIFIED, AppendHeaders(known)).into_response());
    }
    let rendered = app.host().render(&plugin, &params, wanted.max_rows).await?;
    let tag = rendered.repeats_at.and_then(name_at);
    Ok((AppendHeaders(tag), Json(rendering(&plugin, rendered))).into_response())
}

impl Wanted {
    fn read(asked: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut wanted = Self::default();
        for (key, value) in asked {
            let twice = || Problem::bad_request(format!("`{}` is there twice", shown(&key)));
            if let Some(param) = key.strip_prefix("param.") {
                if wanted.params.iter().any(|(known, _)| known == param) {
                    return Err(twice());
                }
                wanted.params.push((param.to_owned(), value));
            } else if key == "max_rows" {
                let rows = value.parse().map_err(|_| {
                    Problem::bad_request("`max_rows` is a whole number from 0 to 4294967295")
                })?;
                if wanted.max_rows.replace(rows).is_some() {
                    return Err(twice());
                }
            } else {
                return Err(Problem::bad_request(format!(
                    "`{}` is not known here: there are max_rows and param.KEY",
                    shown(&key)
                )));
            }
        }
        Ok(wanted)
    }

    fn params(&self, plugin: &PluginRef) -> Result<SettingsPatch, Problem> {
        let mut params = SettingsPatch::new();
        for (key, text) in &self.params {
            let definition = plugin.plugin.definitions.get(key)?;
            let value = definition.read_text(key, text)?.to_json();
            params.insert(key.clone(), Some(value));
        }
        Ok(params)
    }
}

/// The name of what this render shows at a version of the data. It is made with
/// a key of this process: another one may have another database.
fn tag(
    app: &App,
    plugin: &PluginRef,
    params: &SettingsPatch,
    max_rows: Option<u32>,
    version: DataVersion,
) -> Option<(HeaderName, HeaderValue)> {
    let params: Vec<_> = params
        .iter()
        .map(|(key, value)| (key, value.as_ref().map(ToString::to_string)))
        .collect();
    let digest = plugin.plugin.digest;
    let name = app.tags.hash_one((
        version,
        digest,
        &plugin.grants,
        &plugin.accounts,
        params,
        max_rows,
    ));
    etag::weak(format_args!("{version}-{name:016x}"))
}

fn rendering(plugin: &PluginRef, rendered: Rendered) -> Rendering {
    let manifest = &plugin.plugin.manifest;
    Rendering {
        plugin: Maker {
            name: manifest.name.to_string(),
            version: manifest.version.clone(),
            digest: plugin.plugin.digest.to_string(),
        },
        view: rendered.view,
        cost: rendered.cost.into(),
    }
}
