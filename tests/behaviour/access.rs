//! Who may ask the host process for what.
//!
//! Owns: that nobody unknown is answered, that a viewer changes nothing by any
//! trick, and that no other site acts for a browser. Must not know: what the API
//! answers to those who may; what hostile clients get stands in `clients`.

use std::fs;

use lombard_model::{Grant, Grants};
use lombard_server::{Server, ServerError, ServerOptions};

use crate::support::books::Book;
use crate::support::wire::{Answer, Running};
use crate::support::{Setup, TestHost, all_connections_are_back, files};

const ACCOUNTS: &str = "/api/v1/accounts";

async fn host() -> TestHost {
    Setup::default().open_with(Book::default().dataset()).await
}

fn problem(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{answer:?}"
    );
    let problem: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(problem["status"], answer.status);
    problem["type"].as_str().expect("a type").to_owned()
}

#[tokio::test]
async fn nobody_unknown_is_answered() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    for path in [
        ACCOUNTS,
        "/",
        "/metrics",
        "/api/v1/nothing",
        "/nothing",
        "/healthz/x",
    ] {
        let answer = server.ask(&format!("GET {path}"), &[], "").await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(problem(&answer), "unauthenticated");
        assert!(!answer.body.contains("A1"), "{answer:?}");
    }
    let get = format!("GET {ACCOUNTS}");
    for token in ["Bearer", "Bearer ", "Bearer lmb_0", "Basic YTpi", "lmb_0"] {
        let headers = [("Authorization", token)];
        let answer = server.ask(&get, &headers, "").await;
        assert_eq!(answer.status, 401, "{token}");
    }
    let in_query = format!("GET {ACCOUNTS}?token={}", server.operator);
    assert_eq!(server.ask(&in_query, &[], "").await.status, 401);
    // A person is shown where to log in.
    let page = server
        .ask("GET /", &[("Accept", "text/html,*/*")], "")
        .await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, Some("/login"))
    );
    // Whether it lives anybody may ask.
    for path in ["/healthz", "/readyz"] {
        let answer = server.ask(&format!("GET {path}"), &[], "").await;
        assert_eq!((answer.status, &*answer.body), (200, "ok\n"));
    }
    let known = server.ask_as(&server.viewer, &get, "").await;
    assert!(known.body.contains("A1"));
    server.stop().await.unwrap();
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn after_ten_wrong_tokens_even_the_right_one_waits() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let get = format!("GET {ACCOUNTS}");
    for _ in 0..10 {
        assert_eq!(server.ask_as("lmb_wrong", &get, "").await.status, 401);
    }
    for token in ["lmb_wrong", &server.operator] {
        let answer = server.ask_as(token, &get, "").await;
        assert_eq!(answer.status, 429);
        assert_eq!(problem(&answer), "too-many-requests");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=61).contains(&wait), "{wait}");
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("token={}", server.operator);
    let login = server.ask("POST /login", &form, &body).await;
    assert_eq!(login.status, 429);
}

/// Whatever the method, the kind of content or the header: the data does not
/// change, and the guard says so before anything else is looked at.
#[tokio::test]
async fn a_viewer_changes_nothing() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let before = host.store().data_version();
    let bearer = format!("Bearer {}", server.viewer);
    let tricks: [&[(&str, &str)]; 6] = [
        &[],
        &[("Content-Type", "application/json")],
        &[("Content-Type", "text/plain")],
        &[("X-HTTP-Method-Override", "GET"), ("X-HTTP-Method", "GET")],
        &[
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Original-URL", "/healthz"),
        ],
        &[("Sec-Fetch-Site", "same-origin"), ("X-Role", "operator")],
    ];
    let paths = [
        "/api/v1/accounts/1/settings",
        "/api/v1/experts/1/settings",
        "/api/v1/experts/1/runs",
        "/api/v1/caches",
        "/healthz/../api/v1/experts/1/settings",
        "/assets/../api/v1/experts/1/settings",
        "//api/v1/experts/1/settings",
        "/api/v1/nothing",
    ];
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get",
    ] {
        for path in paths {
            for trick in tricks {
                let mut headers = vec![("Authorization", &*bearer)];
                headers.extend_from_slice(trick);
                let line = format!("{method} {path}");
                let answer = server.ask(&line, &headers, r#"{"min_confidence":1}"#).await;
                // The way by an open path leads nowhere.
                let is_refused = matches!(answer.status, 400 | 403 | 404 | 405);
                assert!(is_refused, "{line} {trick:?}: {answer:?}");
                let is_api = path.starts_with("/api");
                assert!(!is_api || answer.status == 403, "{line}: {answer:?}");
            }
        }
    }
    for trick in ["?_method=DELETE", "?method=PATCH"] {
        let line = format!("GET {ACCOUNTS}{trick}");
        let answer = server.ask_as(&server.viewer, &line, "{}").await;
        assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    }
    assert_eq!(host.store().data_version(), before);
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    let (cookie, attributes) = set.split_once("; ").expect("attributes");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(attributes.contains(attribute), "{set}");
    }
    cookie.to_owned()
}

async fn log_in(server: &Running, token: &str) -> Answer {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    server
        .ask("POST /login", &form, &format!("token={token}"))
        .await
}

#[tokio::test]
async fn a_browser_is_known_by_its_cookie_until_it_logs_out() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let answer = log_in(&server, &server.viewer).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = cookie_of(&answer);
    assert!(!cookie.contains(&server.viewer));
    let get = format!("GET {ACCOUNTS}");
    let with = [("Cookie", &*cookie)];
    assert_eq!(server.ask(&get, &with, "").await.status, 200);
    // A viewer is one with a cookie too.
    let own = [("Cookie", &*cookie), ("Sec-Fetch-Site", "same-origin")];
    let answer = server.ask("POST /api/v1/nothing", &own, "").await;
    assert_eq!((answer.status, &*problem(&answer)), (403, "forbidden"));
    let out = server.ask("POST /logout", &own, "").await;
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(server.ask(&get, &with, "").await.status, 401);
    assert_eq!(log_in(&server, "lmb_wrong").await.status, 401);
}

#[tokio::test]
async fn no_other_site_acts_with_a_cookie() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let cookie = cookie_of(&log_in(&server, &server.operator).await);
    let own = format!("http://{}", server.address);
    let post = "POST /api/v1/nothing";
    for (origin, status) in [
        (vec![], 403),
        (vec![("Origin", "https://evil.example")], 403),
        (vec![("Origin", "null")], 403),
        (
            vec![("Sec-Fetch-Site", "cross-site"), ("Origin", &own)],
            403,
        ),
        (vec![("Sec-Fetch-Site", "same-site")], 403),
        // Through the guard, and then nothing has this address.
        (vec![("Sec-Fetch-Site", "same-origin")], 404),
        (vec![("Origin", &*own)], 404),
    ] {
        let mut headers = origin.clone();
        headers.push(("Cookie", &cookie));
        assert_eq!(
            server.ask(post, &headers, "{}").await.status,
            status,
            "{origin:?}"
        );
    }
    // Nor logs somebody in or out.
    let evil = [
        ("Origin", "https://evil.example"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Cookie", &*cookie),
    ];
    let body = format!("token={}", server.operator);
    assert_eq!(server.ask("POST /login", &evil, &body).await.status, 403);
    assert_eq!(server.ask("POST /logout", &evil, "").await.status, 403);
    // Nor reaches the host under a name of its own.
    for name in [
        "evil.example",
        "evil.example:7878",
        "127.0.0.1.evil.example",
    ] {
        let headers = [("Host", name), ("Cookie", &*cookie)];
        let answer = server.ask(&format!("GET {ACCOUNTS}"), &headers, "").await;
        assert_eq!((answer.status, &*problem(&answer)), (421, "misdirected"));
    }
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_worth_nothing_at_once() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let cookie = cookie_of(&log_in(&server, &server.viewer).await);
    let get = format!("GET {ACCOUNTS}");
    let with = [("Cookie", &*cookie)];
    assert_eq!(server.ask(&get, &with, "").await.status, 200);
    let removed = host.store().remove_access_token("a viewer".to_owned());
    removed.await.unwrap();
    assert_eq!(server.ask(&get, &with, "").await.status, 401);
    assert_eq!(server.ask_as(&server.viewer, &get, "").await.status, 401);
    assert_eq!(server.ask_as(&server.operator, &get, "").await.status, 200);
}

#[tokio::test]
async fn no_token_is_in_the_database() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    log_in(&server, &server.operator).await;
    server.stop().await.unwrap();
    let (folder, operator) = (host.folder().to_owned(), server_token(&host).await);
    host.close().await;
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let found = bytes.windows(4).any(|four| four == b"lmb_");
        assert!(!found, "a token was kept");
    }
    assert!(operator.starts_with("sha256:"));
}

async fn server_token(host: &TestHost) -> String {
    let mut session = host.session("test");
    let tokens = session.access_tokens().await.expect("tokens");
    session.end();
    tokens[0].hash.to_string()
}

/// A render is a GET, so a viewer may have it made: a widget must have nothing
/// to save with, whatever it was granted.
#[tokio::test]
async fn no_widget_changes_anything_for_who_looks() {
    let host = host().await;
    let installed = host.install(files::guest("probes"), Grants::all()).await;
    assert!(
        installed
            .unwrap()
            .manifest
            .grants
            .allows(Grant::WriteSettings)
    );
    let server = Running::serve(host.shared()).await;
    let before = host.store().data_version();
    let get = "GET /api/v1/widgets/guest-probes?param.what=saves";
    let answer = server.ask_as(&server.viewer, get, "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("write:settings"), "{answer:?}");
    assert_eq!(host.store().data_version(), before, "something was written");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn it_listens_to_others_only_where_somebody_could_log_in() {
    let host = host().await;
    let options = ServerOptions {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..ServerOptions::default()
    };
    let refused = Server::bind(host.shared().clone(), &options).await;
    assert!(
        matches!(refused, Err(ServerError::Open { .. })),
        "{refused:?}"
    );
    // It has given tokens out by then.
    let server = Running::serve_with(host.shared(), &options).await;
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_browser_is_told_what_it_may_do_with_every_answer() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    for line in [
        "GET /healthz",
        "GET /api/v1/accounts",
        "GET /nothing",
        "POST /login",
        "BREW /",
    ] {
        for token in ["", &server.operator] {
            let answer = server.ask_as(token, line, "").await;
            let policy = answer.header("content-security-policy").expect(line);
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{line}");
        }
    }
}
