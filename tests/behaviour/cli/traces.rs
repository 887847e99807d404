//! What the process tells of itself: spans to a collector, and its log as JSON.
//!
//! Owns: a collector that keeps what it is sent. Must not know: how spans are
//! made.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value as Json;

use super::{User, books};

/// A collector of spans on this machine.
struct Collector {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<Json>>>,
}

impl Collector {
    fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
        let address = listener.local_addr().expect("an address");
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                take(stream, &kept);
            }
        });
        Self { address, bodies }
    }

    /// All spans so far, in the form of the protocol.
    fn spans(&self) -> Vec<Json> {
        let bodies = self.bodies.lock().expect("nobody panicked");
        let each = |json: &Json, key: &str| json[key].as_array().cloned().unwrap_or_default();
        let resources = bodies.iter().flat_map(|body| each(body, "resourceSpans"));
        let scopes = resources.flat_map(|one| each(&one, "scopeSpans"));
        scopes.flat_map(|one| each(&one, "spans")).collect()
    }
}

/// Reads one request, keeps what it says and only then answers it: who sent it
/// may be gone a moment later.
fn take(stream: TcpStream, kept: &Mutex<Vec<Json>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    assert_eq!(line, "POST /v1/traces HTTP/1.1\r\n");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().expect("a length"),
            "content-type" => assert_eq!(value.trim(), "application/json"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body = serde_json::from_slice(&body).expect("a document");
    kept.lock().expect("nobody panicked").push(body);
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    let mut stream = reader.into_inner();
    stream.write_all(answer.as_bytes()).expect("it reads");
}

/// The attribute of a span, as text.
fn attribute(span: &Json, key: &str) -> String {
    let all = span["attributes"].as_array().expect("attributes");
    let found = all.iter().find(|one| one["key"] == key);
    let value = &found.unwrap_or_else(|| panic!("no {key}: {span:#}"))["value"];
    let value = value.as_object().expect("a value").values().next();
    match value.expect("a value") {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn each_call_is_a_span_and_each_host_call_one_within() {
    let user = User::with(&books::of(30));
    let collector = Collector::begin();
    let url = format!("http://{}", collector.address);
    let rendered = user.json(&["widget", "render", "floating-pl-per-expert", "--otlp", &url]);
    let spans = collector.spans();
    let (calls, within): (Vec<_>, Vec<_>) = spans.iter().partition(|one| one["name"] == "render");
    let [call] = calls[..] else {
        panic!("there is one call: {spans:#?}");
    };
    let cost = &rendered["cost"];
    assert_eq!(attribute(call, "plugin"), "floating-pl-per-expert");
    assert_eq!(attribute(call, "outcome"), "ok");
    for (key, told) in [
        ("sessions", "sessions"),
        ("statements", "statements"),
        ("host_calls", "host_calls"),
        ("wait_us", "wait_us"),
    ] {
        assert_eq!(attribute(call, key), cost[told].to_string(), "{key}");
    }
    let number = |key: &str| attribute(call, key).parse::<u64>().expect("a number");
    assert!(number("host_us") > 0, "it was measured: {call:#}");
    let both = number("host_us") + number("guest_us");
    assert_eq!(both, cost["wall_us"].as_u64().expect("a number"));

    assert_eq!(within.len().to_string(), attribute(call, "host_calls"));
    let names: Vec<_> = within.iter().map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&Some("session.book-table")), "{names:?}");
    for one in &within {
        assert_eq!(one["parentSpanId"], call["spanId"], "{one:#}");
        assert_eq!(one["traceId"], call["traceId"], "{one:#}");
    }
}

#[test]
fn a_call_that_fails_is_a_span_that_says_so() {
    let user = User::with(&books::of(1));
    let collector = Collector::begin();
    let url = format!("http://{}", collector.address);
    let file = user.guest("traps");
    user.fails(&["widget", "render", &file, "--grant-all", "--otlp", &url]);
    let spans = collector.spans();
    let call = spans.iter().find(|one| one["name"] == "render");
    let call = call.expect("the span of the call");
    assert_eq!(attribute(call, "outcome"), "trap");
    // 2 is the protocol's word for an error.
    assert_eq!(call["status"]["code"], 2, "{call:#}");
}

#[test]
fn a_collector_that_is_not_there_is_told_once_and_in_nobody_s_way() {
    let user = User::with(&books::of(3));
    // A port that was free a moment ago.
    let gone = TcpListener::bind("127.0.0.1:0").expect("an address");
    let url = format!("http://{}", gone.local_addr().expect("an address"));
    drop(gone);
    let ran = user.run(&["widget", "render", "floating-pl-per-expert", "--otlp", &url]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("Floating P/L"), "{ran:?}");
    assert_eq!(ran.stderr.matches("takes no spans").count(), 1, "{ran:?}");
    for bad in ["", "collector:4318", "https://collector:4318", "http://"] {
        user.misuses(&["account", "list", "--otlp", bad]);
    }
}

#[test]
fn the_log_is_json_where_that_is_asked_for() {
    let user = User::with(&books::of(3));
    let render = ["widget", "render", "floating-pl-per-expert", "-vv"];
    let ran = user.run(&[&render[..], &["--log-format", "json"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<Json> = ran
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line["level"].is_string() && line["timestamp"].is_string())
    );
    let has = |message: &str| lines.iter().any(|line| line["message"] == message);
    assert!(
        has("the host begins") && has("session opened"),
        "{lines:#?}"
    );
    let text = user.run(&render);
    assert!(text.stderr.contains("INFO"), "{text:?}");
    user.misuses(&["account", "list", "--log-format", "xml"]);
}
