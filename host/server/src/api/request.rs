//! What a request says: ids and names in its path, its query, its body.
//!
//! Owns: that whatever does not fit is told as a problem. Must not know: what
//! the parts of the API do with it.

use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::rules::LARGEST_BODY;

/// The id that the path holds.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Name(text) = Name::from_request_parts(parts, state).await?;
        let id = text.parse().map_err(|_| {
            let most = i64::MAX;
            let text = shown(&text);
            Problem::bad_request(format!(
                "`{text}` is no id: ids are whole numbers from 1 to {most}"
            ))
        });
        id.map(Self)
    }
}

/// The name that the path holds.
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|rejection| faulty(&rejection.body_text()))?;
        Ok(Self(text))
    }
}

/// What the query asks for.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::try_from_uri(&parts.uri);
        let Query(asked) = query.map_err(|rejection| faulty(&rejection.body_text()))?;
        Ok(Self(asked))
    }
}

/// The body, from a JSON object.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // An object first: a struct would also be read from an array.
        let read = Json::<Map<String, Value>>::from_request(request, state).await;
        let Json(object) = read.map_err(|rejection| refused(&rejection))?;
        let sent = serde_json::from_value(Value::Object(object));
        sent.map(Self).map_err(|fault| faulty(&fault.to_string()))
    }
}

fn refused(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(LARGEST_BODY),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::unsupported_media_type(),
        _ => faulty(&rejection.body_text()),
    }
}

/// A text of the request's, as it may be repeated.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect()
}

/// The words of the library, which may repeat as much of the request as it has.
fn faulty(words: &str) -> Problem {
    let words = words.chars().filter(|one| !one.is_control());
    Problem::bad_request(words.take(400).collect::<String>())
}
