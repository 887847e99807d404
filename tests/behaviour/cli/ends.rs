//! How a host process ends in the midst of work: told to, and killed.
//!
//! Owns: that nothing which had begun fails and nothing which was acknowledged
//! is lost, and that the next process goes on where a killed one was. Must not
//! know: what the work is.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value as Json, json};

use super::serving::Serving;
use super::{User, books, rows};
use crate::support::PATIENCE;

/// Who asks at once.
const CLIENTS: usize = 8;

/// What an answer is made of.
struct Answer {
    status: u16,
    tag: Option<String>,
    body: Json,
}

/// One request over a connection of its own. None where the host was not there
/// for it any more: it read nothing of it, or nobody listened.
fn ask(
    serving: &Serving,
    token: &str,
    line: &str,
    tag: Option<&str>,
    body: &str,
) -> Option<Answer> {
    let address = serving.address();
    let condition = tag.map_or_else(String::new, |tag| format!("If-Match: {tag}\r\n"));
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{condition}\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if answer.is_empty() {
        return None;
    }
    read.expect("an answer that has begun comes whole");
    let text = String::from_utf8(answer).expect("it is text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    let header = |name: &str| {
        let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
        pairs.find_map(|(one, value)| one.eq_ignore_ascii_case(name).then(|| value.to_owned()))
    };
    if let Some(length) = header("content-length") {
        assert_eq!(length, body.len().to_string(), "half of an answer: {text}");
    }
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().expect("a status"),
        tag: header("etag"),
        body: serde_json::from_str(body).unwrap_or(Json::Null),
    })
}

/// Renders until nobody answers; gives how often.
fn renders(serving: &Serving, token: &str, done: &AtomicUsize) -> usize {
    let mut count = 0;
    let line = "GET /api/v1/widgets/balance-usage-per-expert";
    while let Some(answer) = ask(serving, token, line, None, "") {
        assert_eq!(answer.status, 200, "{}", answer.body);
        count += 1;
        done.fetch_add(1, Ordering::Relaxed);
    }
    count
}

/// Saves one number after the other until nobody answers; gives the last one
/// that was acknowledged, and the last that was asked for.
fn saves(serving: &Serving, token: &str) -> (u64, u64) {
    let path = "/api/v1/experts/1/settings";
    let (mut acknowledged, mut asked) = (0, 0);
    while let Some(seen) = ask(serving, token, &format!("GET {path}"), None, "") {
        let tag = seen.tag.expect("a tag");
        asked += 1;
        let body = json!({"min_confidence": format!("0.{asked:06}")}).to_string();
        let save = format!("PATCH {path}");
        let Some(saved) = ask(serving, token, &save, Some(&tag), &body) else {
            break;
        };
        assert_eq!(saved.status, 200, "{}", saved.body);
        acknowledged = asked;
    }
    (acknowledged, asked)
}

#[test]
fn told_to_end_under_load_it_loses_nothing() {
    let user = User::with(&books::of(200));
    let serving = Serving::begin(&user);
    let token = serving.token().to_owned();
    let done = AtomicUsize::new(0);
    let (ended, (acknowledged, asked)) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| renders(&serving, &token, &done)))
            .collect();
        let saver = scope.spawn(|| saves(&serving, &token));
        while done.load(Ordering::Relaxed) < CLIENTS * 20 {
            thread::yield_now();
        }
        let told = Instant::now();
        serving.signal(Signal::TERM);
        for client in clients {
            assert!(client.join().expect("nothing fails") > 0);
        }
        (told, saver.join().expect("nothing fails"))
    });
    let ran = serving.ends();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // The grace, which nothing of this needs.
    assert!(ended.elapsed() < Duration::from_secs(10));
    assert!(acknowledged > 0, "nothing was saved");
    let kept = user.json(&["settings", "get", "expert/1", "min_confidence"]);
    let kept = kept["value"]
        .as_str()
        .expect("a number")
        .trim_start_matches("0.");
    let kept: u64 = format!("{kept:0<6}").parse().expect("a number");
    assert!(
        kept == acknowledged || kept == asked,
        "{kept} is there of {acknowledged}, {asked}"
    );
}

/// What became of the runs of expert 1, the newest first.
fn outcomes(serving: &Serving, token: &str) -> Vec<(String, String)> {
    let answer = ask(serving, token, "GET /api/v1/jobs/runs", None, "").expect("it is there");
    let text = |run: &Json, key: &str| run[key].as_str().expect("a text").to_owned();
    let runs = rows(&answer.body, "runs");
    runs.iter()
        .map(|run| (text(run, "trigger"), text(run, "outcome")))
        .collect()
}

#[test]
fn killed_in_the_middle_of_a_run_the_next_process_treats_it_as_its_policy_says() {
    for policy in ["skip", "run-once"] {
        let mut document = books::of(4);
        document["experts"][0]["plugin"] = json!("guest-settles");
        let user = User::with(&document);
        user.text(&["plugin", "install", &user.guest("settles"), "--grant-all"]);
        // It saves until it is stopped.
        for (key, value) in [
            ("step", "save-on"),
            ("enabled_instruments", "AAPL"),
            ("missed_runs", policy),
            ("enter_market_schedule", "0 9 * * 1"),
        ] {
            user.text(&["settings", "set", "expert/1", key, value]);
        }
        let killed = Serving::begin(&user);
        let token = killed.token().to_owned();
        let run = "POST /api/v1/jobs/1/enter-market/runs";
        let begun = ask(&killed, &token, run, None, "{}").expect("it is there");
        assert_eq!(begun.status, 202, "{}", begun.body);
        while outcomes(&killed, &token)[0].1 != "running" {}
        killed.signal(Signal::KILL);
        assert_eq!(killed.ends().code, None, "it was killed");

        let next = Serving::begin(&user);
        let hand = ("hand".to_owned(), "interrupted".to_owned());
        let is_made_up = |runs: &[(String, String)]| runs.iter().any(|run| run.0 == "catch_up");
        let mut runs = outcomes(&next, &token);
        assert_eq!(runs.last(), Some(&hand), "{policy}: {runs:?}");
        // It begins when the host does, which answers at once.
        let asked = Instant::now();
        while policy == "run-once" && !is_made_up(&runs) && asked.elapsed() < PATIENCE {
            runs = outcomes(&next, &token);
        }
        assert_eq!(is_made_up(&runs), policy == "run-once", "{runs:?}");
        let jobs = ask(&next, &token, "GET /api/v1/jobs", None, "").expect("it is there");
        let job = &rows(&jobs.body, "jobs")[0];
        assert!(job["next_run"].is_string(), "its schedule goes on: {job}");
        next.signal(Signal::TERM);
        assert_eq!(next.ends().code, Some(0));
    }
}
