//! Whether the process lives, and whether it can be given work.
//!
//! Owns: `/healthz` and `/readyz`. Must not know: what work there is.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::app::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
}

/// It answers, so it lives.
async fn alive() -> &'static str {
    "ok\n"
}

/// Not while it stops, and not where its scheduler or its database does not
/// answer.
async fn ready(State(app): State<Shared>) -> (StatusCode, &'static str) {
    if app.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if app.scheduler().is_some_and(|one| !one.health().is_well()) {
        tracing::warn!("not ready: the scheduler is late");
        return (StatusCode::SERVICE_UNAVAILABLE, "the scheduler is late\n");
    }
    let mut session = app.host().session("readyz");
    let opened = session.open().await;
    session.end();
    match opened {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}
