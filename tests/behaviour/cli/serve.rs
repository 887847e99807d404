//! `lombard serve` and `lombard token`: the host as a process.
//!
//! Owns: how it starts, is told to end and ends. Must not know: what it
//! answers.

use std::io::Write as _;
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::Value as Json;

use super::serving::Serving;
use super::{User, books, rows, says};

#[test]
fn the_first_token_is_shown_once_and_works_from_then_on() {
    let user = User::with(&books::of(3));
    let first = Serving::begin(&user);
    let token = first.said["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("lmb_"), "{token}");
    assert_eq!(first.get("/readyz", ""), 200);
    assert_eq!(first.get("/api/v1/accounts", ""), 401);
    assert_eq!(first.get("/api/v1/accounts", &token), 200);
    first.signal(Signal::TERM);
    let ran = first.ends();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains(&token), "{ran:?}");

    let second = Serving::begin(&user);
    assert_eq!(second.said["token"], Json::Null);
    assert_eq!(second.get("/api/v1/accounts", &token), 200);
    second.signal(Signal::INT);
    assert_eq!(second.ends().code, Some(0));
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let user = User::new();
    let made = user.json(&["token", "new", "screen"]);
    assert_eq!(made["role"], "viewer");
    let token = made["token"].as_str().unwrap();
    let operator = user.text(&["token", "new", "me", "--role", "operator"]);
    assert!(operator.starts_with("lmb_"), "{operator}");
    let again = user.fails(&["token", "new", "screen"]);
    says(&again, &["`screen`", "remedy"]);
    let listed = user.json(&["token", "list"]);
    let names: Vec<_> = rows(&listed, "tokens")
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["screen", "me"]);
    assert!(!listed.to_string().contains("lmb_"));

    let serving = Serving::begin(&user);
    assert_eq!(serving.said["token"], Json::Null, "there are tokens");
    assert_eq!(serving.get("/api/v1/accounts", token), 200);
    user.text(&["token", "revoke", "screen"]);
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().code, Some(0));
    let gone = user.fails(&["token", "revoke", "screen"]);
    says(&gone, &["screen", "lombard token list"]);
    for bad in ["", "a b", "\u{1b}[31m"] {
        user.misuses(&["token", "new", bad]);
    }
}

#[test]
fn where_it_can_t_listen_it_says_why() {
    let user = User::new();
    let open = user.fails(&["serve", "--listen", "0.0.0.0:0"]);
    says(&open, &["no token", "lombard token new"]);
    let serving = Serving::begin(&user);
    let twice = user.fails(&["serve", "--listen", "127.0.0.1:0"]);
    says(&twice, &["--db", "end it first"]);
    let other = User::new();
    let taken = other.fails(&["serve", "--listen", serving.address()]);
    says(
        &taken,
        &[serving.address(), "another address with --listen"],
    );
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().code, Some(0));
    for bad in ["localhost", "1.2.3.4", "127.0.0.1:70000", ""] {
        user.misuses(&["serve", "--listen", bad]);
    }
    user.misuses(&["serve", "--grace", "-1"]);
    user.misuses(&["serve", "--grace", "86400"]);
}

/// After its grace, or at once where there is a second signal.
#[test]
fn a_request_that_does_not_end_is_cut_off() {
    let user = User::new();
    for (signals, grace) in [(1, "0"), (2, "3600")] {
        let serving = Serving::begin_with(&user, &["--grace", grace]);
        // It holds its connection and says nothing.
        let _quiet = TcpStream::connect(serving.address()).expect("it listens");
        let mut slow = TcpStream::connect(serving.address()).expect("it listens");
        let begun = format!(
            "POST /login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nto",
            serving.address()
        );
        slow.write_all(begun.as_bytes()).expect("it reads");
        assert_eq!(serving.get("/healthz", ""), 200);
        for _ in 0..signals {
            serving.signal(Signal::TERM);
            // Signals that wait are one.
            while signals == 2 && TcpStream::connect(serving.address()).is_ok() {}
        }
        let ran = serving.ends();
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.stderr.contains("cut off"), signals == 1, "{ran:?}");
    }
}
