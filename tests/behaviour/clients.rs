//! What hostile clients get: those that say too much, too slowly, never read,
//! or send what is no HTTP.
//!
//! Owns: that each is told or let go of and the server goes on. Must not know:
//! who may ask for what.

use std::time::Duration;

use proptest::prelude::any;
use proptest::strategy::{Strategy as _, ValueTree as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::books::Book;
use crate::support::wire::Running;
use crate::support::{Setup, TestHost, all_connections_are_back, in_time};

async fn host() -> TestHost {
    Setup::default().open_with(Book::default().dataset()).await
}

#[tokio::test]
async fn a_client_that_says_too_much_is_told_so() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let long = "a".repeat(64 << 10);
    let many: Vec<_> = (0..200).map(|at| format!("X-{at}")).collect();
    let many: Vec<_> = many.iter().map(|name| (&**name, "1")).collect();
    assert_eq!(
        server
            .ask("GET /healthz", &[("X-Long", &long)], "")
            .await
            .status,
        431
    );
    assert_eq!(server.ask("GET /healthz", &many, "").await.status, 431);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("token={}", "a".repeat(2 << 20));
    assert_eq!(server.ask("POST /login", &form, &body).await.status, 413);
    assert_eq!(server.ask("GET /healthz", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_client_that_takes_its_time_is_let_go_of() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: loc")
        .await
        .unwrap();
    // All that is left to wait for is the client.
    tokio::time::pause();
    let mut read = Vec::new();
    let begun = tokio::time::Instant::now();
    in_time(stream.read_to_end(&mut read)).await.unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(9),
        "{:?}",
        begun.elapsed()
    );
    assert!(!read.starts_with(b"HTTP/1.1 200"));
}

/// Who asks again and again and reads nothing of it has a full line before
/// long, and then the host waits so long and no longer.
#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_of() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let get = format!(
        "GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        server.viewer
    );
    // Until both sides are full: the host reads no further while it can't
    // write.
    let asked = get.repeat(50);
    let is_full = async |stream: &mut TcpStream| {
        let wrote = stream.write_all(asked.as_bytes());
        tokio::time::timeout(Duration::from_secs(1), wrote)
            .await
            .is_err()
    };
    let mut turns = 0;
    while !is_full(&mut stream).await {
        turns += 1;
        assert!(turns < 10_000, "it is never full");
    }
    // All that is left to wait for is the client.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let gone = async {
        // What is closed can't be written to.
        while stream.write_all(b"G").await.is_ok() {
            stream.writable().await.unwrap();
        }
    };
    in_time(gone).await;
    assert!(
        begun.elapsed() >= Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(server.ask("GET /healthz", &[], "").await.status, 200);
}

/// Whatever is sent, the server goes on, and nobody is let in by it.
#[tokio::test]
async fn no_bytes_get_past_the_guard() {
    let host = host().await;
    let server = Running::serve(host.shared()).await;
    let begins: [&[u8]; 3] = [
        b"",
        b"GET /api/v1/accounts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n",
    ];
    let any = proptest::collection::vec(any::<u8>(), 0..300);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..100 {
        let bytes = any.new_tree(&mut runner).unwrap().current();
        for begin in begins {
            let sent = [begin, &bytes, b"\r\n\r\n"].concat();
            let answer = server.send(&sent).await;
            let is_let_in = (200..400).contains(&answer.status);
            assert!(!is_let_in && answer.status < 500, "{sent:?}: {answer:?}");
        }
    }
    assert_eq!(server.ask("GET /healthz", &[], "").await.status, 200);
    server.stop().await.unwrap();
    all_connections_are_back(host.store()).await;
}
