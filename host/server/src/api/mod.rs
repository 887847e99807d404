//! The API: `/api/v1`.
//!
//! Owns: which parts it has; each file is one, with its addresses, what it
//! answers and how that is documented. Adding a part is a file and a line here.
//! Must not know: who may ask.

mod accounts;

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::Shared;

/// What the document says of itself.
#[derive(OpenApi)]
#[openapi(info(
    title = "Lombard",
    description = "The host process: what it shows and what it can be told to do.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

fn parts() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", OpenApiRouter::new().merge(accounts::routes()))
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
