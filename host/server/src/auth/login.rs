//! Logging in and out with a browser.
//!
//! Owns: `/login` and `/logout`, and the cookie's attributes. Must not know:
//! how the page looks.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::logins::COOKIE;
use super::{Peer, attempt, cookie, origin};
use crate::app::Shared;
use crate::dashboard::{Asked, login_page};
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/login", get(page).post(login))
        .route("/logout", post(logout))
}

/// What the page sends.
#[derive(Deserialize)]
struct Shown {
    token: String,
}

async fn page(asked: Asked) -> Response {
    login_page(&asked, StatusCode::OK, None)
}

async fn login(
    State(app): State<Shared>,
    Extension(peer): Extension<Peer>,
    asked: Asked,
    headers: HeaderMap,
    Form(shown): Form<Shown>,
) -> Result<Response, Response> {
    own(&headers).map_err(Problem::into_response)?;
    let Some(token) = attempt(&app, peer, shown.token.trim()).await? else {
        let told = Some("This token is not known.");
        return Ok(login_page(&asked, StatusCode::UNAUTHORIZED, told));
    };
    let begun = app.access().logins.begin(token.id);
    let secret = begun.map_err(|error| Problem::internal(&error).into_response())?;
    tracing::info!(name = token.name, role = %token.role, "logged in");
    Ok(with_cookie("/", secret.reveal(), ""))
}

async fn logout(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Response> {
    own(&headers).map_err(Problem::into_response)?;
    if let Some(cookie) = cookie(&headers) {
        app.access().logins.end(cookie);
    }
    Ok(with_cookie("/login", "", "; Max-Age=0"))
}

/// Nobody is logged in or out by another site.
fn own(headers: &HeaderMap) -> Result<(), Problem> {
    if origin::is_own(headers) || origin::is_no_browser(headers) {
        return Ok(());
    }
    let told = "this comes from another site than the host's own pages";
    Err(Problem::forbidden(told))
}

/// Sends the browser on with another cookie, which no script can read and no
/// other site can have sent.
fn with_cookie(to: &str, value: &str, and: &str) -> Response {
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{and}");
    let mut response = Redirect::to(to).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
