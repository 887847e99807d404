//! Sessions and connections.
//!
//! Owns: `/sessions` and `/pool`. Must not know: what sessions read.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(sessions))
        .routes(routes!(pool))
}

/// A session that holds a connection.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Its number within this process.
    id: u64,
    /// On whose behalf: a plugin, or `host`.
    who: String,
    /// The call or the task.
    call: String,
    /// How long it has held its connection so far, in microseconds.
    held_us: u64,
}

/// Sessions that hold a connection, the longest first.
#[derive(Debug, Serialize, ToSchema)]
struct Sessions {
    sessions: Vec<Session>,
}

/// How the connections are used.
#[derive(Debug, Serialize, ToSchema)]
struct Pool {
    /// Sessions that hold a connection.
    live_sessions: u32,
    /// Connections that are open.
    size: u32,
    /// Of these, free ones.
    idle: u64,
    /// The most there can be.
    max: u32,
    /// Sessions that took a connection since the start.
    sessions_opened: u64,
    /// The newest version of the data that is known.
    data_version: u64,
}

/// Who holds a connection now.
#[utoipa::path(
    get,
    path = "/sessions",
    tag = "internals",
    responses((status = 200, description = "All of them, the longest first", body = Sessions))
)]
async fn sessions(State(app): State<Shared>) -> Json<Sessions> {
    let live = app.host().store().live_sessions();
    let sessions = live.iter().map(|one| Session {
        id: one.id.0,
        who: one.purpose.who.to_string(),
        call: one.purpose.call.clone(),
        held_us: u64::try_from(one.since.elapsed().as_micros()).unwrap_or(u64::MAX),
    });
    Json(Sessions {
        sessions: sessions.collect(),
    })
}

/// How the connections are used now.
#[utoipa::path(
    get,
    path = "/pool",
    tag = "internals",
    responses((status = 200, description = "How they are used", body = Pool))
)]
async fn pool(State(app): State<Shared>) -> Json<Pool> {
    let store = app.host().store();
    let status = store.pool_status();
    Json(Pool {
        live_sessions: status.live_sessions,
        size: status.size,
        idle: u64::try_from(status.idle).unwrap_or(u64::MAX),
        max: status.max,
        sessions_opened: status.sessions_opened,
        data_version: store.data_version().0,
    })
}
