//! Changes of the data, as they happen.
//!
//! Owns: `/events`, and how a change is written as a server-sent event. Must
//! not know: what is done with it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::events::{DataChange, Follower, NoPlace, Told};
use crate::problem::Problem;

/// How often something is sent where there is nothing to tell.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// The data of the event `lagged`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Lagged {
    /// How many changes were not told.
    missed: u64,
}

/// Follows the changes of the data. First comes an event `hello` with what can
/// be seen (see `AsOf`), then an event `change` (see `DataChange`) for each newer
/// one, or for several at once, when it can be seen. Whoever reads too slowly
/// is sent `lagged` and has to load anew what it shows. It ends when the host
/// does.
#[utoipa::path(
    get,
    path = "/events",
    tag = "events",
    responses(
        (status = 200, description = "Server-sent events: `hello`, `change`, `lagged`",
            body = String, content_type = "text/event-stream"),
        (status = 503, description = "Too many follow already, or the host ends", body = Problem)
    )
)]
async fn follow(State(app): State<Shared>) -> Result<Response, Problem> {
    let follower = app.events.follow().map_err(|why| match why {
        NoPlace::Full => Problem::unavailable("as many as there may be follow the events already"),
        NoPlace::Ended => Problem::unavailable("the host is stopping"),
    })?;
    let alive = KeepAlive::new().interval(KEEP_ALIVE);
    let events = Sse::new(events(follower)).keep_alive(alive);
    // In place of what the library says, which lets them be kept.
    let never: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
    Ok((never, events).into_response())
}

fn events(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(follower, async |mut follower| {
        let told = follower.next().await?;
        Some((Ok(written(&told)), follower))
    })
}

fn written(told: &Told) -> Event {
    match told {
        Told::Hello(as_of) => event("hello", as_of).id(as_of.version.to_string()),
        Told::Change(change) => {
            event::<DataChange>("change", change).id(change.version.to_string())
        }
        Told::Lagged(missed) => event("lagged", &Lagged { missed: *missed }),
    }
}

fn event<T: Serialize>(name: &str, data: &T) -> Event {
    // It is made of names and numbers, which serde_json can't refuse.
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
