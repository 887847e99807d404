//! The API: `/api/v1`.
//!
//! Owns: which parts it has; each file is one, with its addresses, what it
//! answers and how that is documented. Adding a part is a file and a line here.
//! Must not know: who may ask.

mod accounts;
mod binaries;
mod caches;
mod calls;
mod cost;
mod etag;
mod events;
mod experts;
mod jobs;
mod limits;
mod page;
mod pins;
mod plugins;
mod pool;
mod reading;
mod recommendations;
mod request;
mod runs;
mod settings;
mod widgets;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::events::{AsOf, DataChange};

/// What the document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lombard",
        description = "The host process: what it shows and what it can be told to do. Whatever \
            fails is told as `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // Events have data that no answer's body names.
    components(schemas(AsOf, DataChange, events::Lagged))
)]
struct Document;

fn parts() -> OpenApiRouter<Shared> {
    let parts = OpenApiRouter::new()
        .merge(accounts::routes())
        .merge(experts::routes())
        .merge(runs::routes())
        .merge(jobs::routes())
        .merge(settings::routes())
        .merge(plugins::routes())
        .merge(widgets::routes())
        .merge(recommendations::routes())
        .merge(calls::routes())
        .merge(pool::routes())
        .merge(caches::routes())
        .merge(events::routes())
        .routes(routes!(document));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", parts)
}

pub(crate) fn routes() -> Router<Shared> {
    parts().split_for_parts().0
}

/// The OpenAPI document of the API, as JSON.
#[must_use]
pub fn openapi() -> String {
    let (_, document) = parts().split_for_parts();
    // It is made of names and numbers, which serde_json can't refuse.
    document.to_pretty_json().unwrap_or_default()
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "document",
    responses((status = 200, description = "The OpenAPI document of this API", body = Object))
)]
async fn document() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi);
    (
        [(header::CONTENT_TYPE, "application/json")],
        DOCUMENT.as_str(),
    )
}
