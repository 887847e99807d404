//! The changes of the data, as they are sent.
//!
//! Owns: what is sent first, what of a change and when, how many may follow,
//! and the end. Must not know: what is done with it.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request};
use serde_json::{Value as Json, json};

use super::{API, Serving};
use crate::cli::books::with_alpaca_and_bars;
use crate::support::books::{Book, read};
use crate::support::settings::{all_at, definitions, owner};
use crate::support::{Setup, in_time};

/// One who follows.
struct Follower {
    body: Incoming,
    read: String,
}

impl Follower {
    async fn of(serving: &Serving) -> Self {
        let request = Request::get(format!("{API}/events")).header("host", "localhost");
        let request = request.body(Full::<Bytes>::default());
        let request = request.expect("a request");
        let answer = serving.open(request).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(!answer.headers().contains_key("content-encoding"));
        Self {
            body: answer.into_body(),
            read: String::new(),
        }
    }

    /// The next event with its data; none at the end.
    async fn next(&mut self) -> Option<(String, Json)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| {
                    let lines = event.lines();
                    lines
                        .clone()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::trim)
                };
                // A comment keeps the connection alive.
                let Some(name) = field("event:") else {
                    continue;
                };
                let data = serde_json::from_str(field("data:").expect("data")).expect("JSON");
                return Some((name.to_owned(), data));
            }
            let frame = in_time(self.body.frame()).await?.expect("no fault");
            let data = frame.into_data().expect("data");
            self.read += std::str::from_utf8(&data).expect("a text");
        }
    }

    /// The next change.
    async fn change(&mut self) -> Json {
        let (name, data) = self.next().await.expect("no end");
        assert_eq!(name, "change", "{data}");
        data
    }
}

#[tokio::test]
async fn the_version_comes_first_and_then_what_changes_once_it_can_be_seen() {
    let serving = Serving::begin().await;
    let mut follower = Follower::of(&serving).await;
    let (name, hello) = follower.next().await.unwrap();
    let version = serving.host.store().data_version().0;
    assert_eq!(
        (&*name, hello),
        ("hello", json!({"version": version, "plans": 0}))
    );

    let mut before = serving.get("/widgets/floating-pl-per-expert").await;
    for value in 1..=20 {
        let accounts = serving.host.accounts();
        let saved = accounts
            .save_settings(owner(), &definitions(), all_at(value))
            .await;
        let saved = saved.unwrap().version.0;
        let change = follower.change().await;
        assert_eq!(change["version"], saved);
        assert_eq!(
            (&change["accounts"], &change["experts"]),
            (&json!([1]), &json!([]))
        );
        assert_eq!(change["anything"], false);
        // Whoever asks now must not be told that nothing has changed.
        let tag = before.header("etag").unwrap().to_owned();
        let path = format!("{API}/widgets/floating-pl-per-expert");
        let asked = [("if-none-match", &*tag)];
        before = serving.send(hyper::Method::GET, &path, &asked, "").await;
        assert_eq!(before.status, 200, "{value}");
    }
}

/// What of a page at this address tells what it was shown as of.
async fn as_of(serving: &Serving, path: &str) -> (String, String) {
    let page = serving.send(Method::GET, path, &[], "").await;
    let page = page.text().to_owned();
    let (_, rest) = page.split_once("data-as-of=\"").expect("a page");
    let (shown, _) = rest.split_once('"').expect("a number");
    (shown.to_owned(), page)
}

/// Regression: the plan of a job is no data, so whoever followed the data saw
/// an expert without its new schedule for as long as nothing else changed.
#[tokio::test]
async fn a_schedule_is_told_once_it_is_followed() {
    let serving = Serving::scheduled(Setup::default(), read(&with_alpaca_and_bars())).await;
    let mut follower = Follower::of(&serving).await;
    let (_, hello) = follower.next().await.unwrap();
    let written = |hello: &Json| format!("{}.{}", hello["version"], hello["plans"]);
    let (shown, page) = as_of(&serving, "/experts/1").await;
    assert_eq!(shown, written(&hello));
    assert!(page.contains("not scheduled"), "{page}");

    let schedule = json!({"enter_market_schedule": "30 9 * * *"});
    let path = format!("{API}/experts/1/settings");
    let tag = serving.get("/experts/1/settings").await;
    let headers = [
        ("content-type", "application/json"),
        ("if-match", tag.header("etag").unwrap()),
    ];
    let saved = serving.send(Method::PATCH, &path, &headers, schedule.to_string());
    assert_eq!(saved.await.status, 200);
    let change = follower.change().await;
    assert_eq!(
        (&change["experts"], &change["jobs"]),
        (&json!([1]), &json!(false))
    );
    let change = follower.change().await;
    assert_eq!(change["jobs"], true);
    let (shown, page) = as_of(&serving, "/experts/1").await;
    assert!(page.contains("09:30:00"), "{page}");
    let (_, hello) = Follower::of(&serving).await.next().await.unwrap();
    assert_eq!((&hello["plans"], written(&hello)), (&json!(1), shown));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn what_another_process_changes_may_be_anything() {
    let serving = Serving::begin().await;
    let there = Setup::default().open_in(serving.folder.path()).await;
    let mut follower = Follower::of(&serving).await;
    follower.next().await;
    there.import(Book::of(40).dataset()).await.unwrap();
    let change = follower.change().await;
    assert_eq!(change["anything"], true);
    assert_eq!(change["version"], there.store().data_version().0);
}

#[tokio::test]
async fn so_many_may_follow_and_all_are_told() {
    let serving = Serving::begin().await;
    let mut followers = Vec::new();
    for _ in 0..256 {
        let mut follower = Follower::of(&serving).await;
        follower.next().await.unwrap();
        followers.push(follower);
    }
    serving.get("/events").await.problem(503, "unavailable");
    serving.host.import(Book::of(40).dataset()).await.unwrap();
    for follower in &mut followers {
        follower.change().await;
    }
    drop(followers);
    // A place is free once the server has seen that somebody left.
    let again = in_time(async {
        loop {
            let request = Request::get(format!("{API}/events")).header("host", "localhost");
            let request = request.body(Full::<Bytes>::default()).unwrap();
            if serving.open(request).await.status() == 200 {
                return true;
            }
            tokio::task::yield_now().await;
        }
    });
    assert!(again.await);
}

#[tokio::test]
async fn it_ends_when_the_host_stops() {
    let serving = Serving::begin().await;
    let mut follower = Follower::of(&serving).await;
    follower.next().await.unwrap();
    let ends = tokio::spawn(async move { follower.next().await });
    serving.stop().await.unwrap();
    assert_eq!(in_time(ends).await.unwrap(), None);
}
