//! What holds for every request and every answer.
//!
//! Owns: how long an address and a body may be, that nothing is stored that
//! does not say it may be, and what is said where nobody else answers. Must not
//! know: addresses.

use std::any::Any;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;

/// The largest body, in bytes.
pub(crate) const LARGEST_BODY: usize = 1 << 20;

/// The longest path with its query, in bytes.
const LONGEST_ADDRESS: usize = 8 << 10;

/// How long an answer may take to begin.
const LONGEST: Duration = Duration::from_secs(60);

/// Lets a request through, and what answers it out.
pub(crate) async fn apply(request: Request, next: Next) -> Response {
    let address = request.uri().path_and_query();
    let is_long = address.is_some_and(|address| address.as_str().len() > LONGEST_ADDRESS);
    let mut response = match is_long {
        true => Problem::address_too_long(LONGEST_ADDRESS).into_response(),
        false => match tokio::time::timeout(LONGEST, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::unavailable("this takes too long").into_response(),
        },
    };
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        let never = HeaderValue::from_static("no-store");
        headers.insert(header::CACHE_CONTROL, never);
    }
    response
}

/// Whether somebody looks who wants a page: a browser says so.
pub(crate) fn wants_a_page(method: &Method, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT);
    let accepts = accepts.and_then(|value| value.to_str().ok());
    method == Method::GET && accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// For an address that is none.
pub(crate) fn nothing_here() -> Problem {
    Problem::not_found(
        "there is nothing at this address: /api/v1/openapi.json names those of the API",
    )
}

/// For an address that does not answer this method. The router adds which ones
/// it does.
pub(crate) async fn not_with_this_method() -> Problem {
    Problem::method_not_allowed()
}

/// For a request whose code panicked.
pub(crate) fn panicked(_left: Box<dyn Any + Send>) -> Response {
    Problem::panicked().into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_as_the_host_s_fault_and_not_repeated() {
        let fails = || async {
            assert!(std::env::args().len() == usize::MAX, "secret words");
        };
        let layer = CatchPanicLayer::custom(panicked);
        let router: Router = Router::new().route("/", get(fails)).layer(layer);
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), 500);
        let kind = &answer.headers()[header::CONTENT_TYPE];
        assert_eq!(kind, "application/problem+json");
        let body = axum::body::to_bytes(answer.into_body(), 4_096)
            .await
            .unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.contains("internal") && !body.contains("secret"),
            "{body}"
        );
    }
}
