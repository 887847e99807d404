//! Requests that can't be answered.
//!
//! Owns: that each is told as a problem of its kind, and that methods and
//! headers mean what HTTP says. Must not know: what is answered otherwise.

use hyper::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{API, Answer, Serving};
use crate::support::{Setup, in_time};

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    let serving = Serving::begin().await;
    for path in [
        "/nothing",
        "/api/v2/accounts",
        "/api/v1",
        "/api/v1/",
        "/api/v1/accounts/1/2",
        "/api/v1/accounts/",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = serving.send(method, path, &[], "").await;
            answer.problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn another_method_is_told_with_those_that_there_are() {
    let serving = Serving::begin().await;
    let cases = [
        (Method::POST, "/accounts", "GET,HEAD"),
        (Method::DELETE, "/accounts/1", "GET,HEAD"),
        (Method::POST, "/experts/1/settings", "GET,HEAD,PATCH,PUT"),
        (Method::GET, "/experts/1/runs", "POST"),
        (Method::OPTIONS, "/caches", "GET,HEAD,DELETE"),
        (Method::PATCH, "/../../metrics", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let path = match path.strip_prefix("/../..") {
            Some(outside) => outside.to_owned(),
            None => format!("{API}{path}"),
        };
        let answer = serving.send(method, &path, &[], "").await;
        answer.problem(405, "method-not-allowed");
        let mut told: Vec<_> = answer
            .header("allow")
            .expect("methods")
            .split(',')
            .collect();
        let mut wanted: Vec<_> = allowed.split(',').collect();
        told.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "{path}");
    }
}

#[tokio::test]
async fn an_id_that_is_none_is_told() {
    let serving = Serving::begin().await;
    for id in [
        "0",
        "-1",
        "x",
        "1.5",
        "9223372036854775808",
        "%00",
        "%F0%9F%92%A9",
        "1%2F2",
        "%20",
        "%1b%5b31m",
    ] {
        for path in ["accounts", "experts"] {
            let answer = serving.get(&format!("/{path}/{id}")).await;
            let words = answer.problem(400, "bad-request");
            assert!(
                !words.contains('\u{1b}') && !words.contains('\0'),
                "{words:?}"
            );
        }
    }
    // What is no UTF-8 is no text.
    serving
        .get("/accounts/%ff")
        .await
        .problem(400, "bad-request");
    serving.get("/accounts/99").await.problem(404, "not-found");
    serving
        .get("/plugins/%1b%5b31m")
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_told() {
    let serving = Serving::begin().await;
    for bad in [
        "recommendations?limit=0",
        "recommendations?limit=1001",
        "recommendations?limit=x",
        "recommendations?after=0",
        "recommendations?after=77",
        "recommendations?page=1",
        "calls?limit=-1",
        "calls?before=x",
        "calls?limit=1&limit=2",
    ] {
        serving
            .get(&format!("/{bad}"))
            .await
            .problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_told() {
    let serving = Serving::begin().await;
    let send = async |kind: Option<&str>, body: Vec<u8>| -> Answer {
        let kind: Vec<_> = kind
            .map(|kind| ("content-type", kind))
            .into_iter()
            .collect();
        let path = format!("{API}/caches/warm");
        serving.send(Method::POST, &path, &kind, body).await
    };
    let json = Some("application/json");
    for bad in [
        "",
        "{",
        "[1",
        "{\"most_used\": 1e999}",
        "\"x\"",
        "{\"most_used\": -1}",
        "{\"most\": 1}",
        "\u{0}",
    ] {
        send(json, bad.into()).await.problem(400, "bad-request");
    }
    send(json, b"{\"most_used\": \xff}".to_vec())
        .await
        .problem(400, "bad-request");
    let deep = "[".repeat(100_000);
    send(json, deep.into()).await.problem(400, "bad-request");
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("\""),
    ] {
        let answer = send(kind, b"{}".to_vec()).await;
        answer.problem(415, "unsupported-media-type");
    }
    send(Some("application/json; charset=utf-8"), b"{}".to_vec())
        .await
        .json(200);
    send(json, vec![b' '; (1 << 20) + 1])
        .await
        .problem(413, "too-large");
    let mut largest = vec![b' '; (1 << 20) - 2];
    largest.extend(b"{}");
    send(json, largest).await.json(200);
}

#[tokio::test]
async fn an_address_may_be_so_long() {
    let serving = Serving::begin().await;
    let long = "x".repeat(9_000);
    for path in [format!("/plugins/{long}"), format!("/calls?plugin={long}")] {
        serving.get(&path).await.problem(414, "address-too-long");
    }
    let most = "x".repeat(8_000);
    serving
        .get(&format!("/plugins/{most}"))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn head_is_answered_as_get_is_without_the_body() {
    let serving = Serving::begin().await;
    for path in [
        "/accounts",
        "/experts/1/settings",
        "/openapi.json",
        "/accounts/99",
        "/nothing",
    ] {
        let path = format!("{API}{path}");
        let got = serving.send(Method::GET, &path, &[], "").await;
        let head = serving.send(Method::HEAD, &path, &[], "").await;
        assert_eq!((head.status, head.body.len()), (got.status, 0), "{path}");
        for name in ["content-type", "cache-control", "etag"] {
            assert_eq!(head.header(name), got.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn where_no_connection_is_free_it_is_told() {
    let setup = Setup {
        acquire_timeout: std::time::Duration::from_millis(50),
        ..Setup::one_connection()
    };
    let serving = Serving::of(setup, crate::support::books::Book::of(4).dataset()).await;
    // Who asks is known by then: that takes a connection the first time.
    serving.json("/pool").await;
    crate::support::all_connections_are_back(serving.host.store()).await;
    let mut held = serving.host.session("in the way");
    held.open().await.unwrap();
    for path in [
        "/accounts",
        "/experts",
        "/recommendations",
        "/widgets/floating-pl-per-expert",
    ] {
        serving.get(path).await.problem(503, "unavailable");
    }
    let answer = serving.call(Method::POST, "/caches/warm", &json!({})).await;
    answer.problem(503, "unavailable");
    // What needs none is told all the same.
    for path in ["/sessions", "/pool", "/caches", "/calls", "/plugins"] {
        serving.get(path).await.json(200);
    }
    held.end();
    serving.json("/accounts").await;
}

#[tokio::test]
async fn what_is_no_http_harms_nobody() {
    let serving = Serving::begin().await;
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/caches/warm HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let mut stream = TcpStream::connect(serving.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // It may be closed on us, which is an answer too.
        let _ = in_time(stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    serving.json("/accounts").await;
}
