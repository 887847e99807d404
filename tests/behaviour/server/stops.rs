//! The end of a server.
//!
//! Owns: that what has begun is answered, that nothing new is taken, and that
//! it ends in time. Must not know: signals.

use std::time::Duration;

use lombard_server::ServerError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Serving;
use crate::support::books::Book;
use crate::support::{Setup, all_connections_are_back, in_time};

/// A request of which the server has begun to read the body.
async fn begun(serving: &Serving) -> TcpStream {
    let mut stream = TcpStream::connect(serving.address).await.expect("a server");
    let head = format!(
        "POST /api/v1/caches/warm HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\
         Expect: 100-continue\r\n\r\n",
        serving.token
    );
    let sent = stream.write_all(head.as_bytes()).await;
    sent.expect("it is sent");
    let mut answer = [0; 25];
    let read = in_time(stream.read_exact(&mut answer)).await;
    read.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

async fn nobody_listens_at(address: std::net::SocketAddr) {
    in_time(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_and_no_other_is_taken() {
    let serving = Serving::begin().await;
    let (host, address) = (serving.host.clone(), serving.address);
    let mut running = begun(&serving).await;
    let stopped = tokio::spawn(serving.stop());
    nobody_listens_at(address).await;
    running.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    in_time(running.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{"done":6,"of":6}"#), "{answer}");
    stopped.await.unwrap().unwrap();
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_request_that_does_not_end_in_time_is_cut_off() {
    let grace = Duration::from_millis(50);
    let serving = Serving::with(Setup::default(), Book::of(4).dataset(), grace).await;
    let running = begun(&serving).await;
    let stopped = serving.stop().await;
    assert!(
        matches!(stopped, Err(ServerError::CutOff { .. })),
        "{stopped:?}"
    );
    drop(running);
}
