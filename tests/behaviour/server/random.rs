//! Requests that nobody thought of, made from the OpenAPI document.
//!
//! Owns: that no request, valid or not, makes the host fail or say more than
//! its document. Must not know: the parts of the API.

use hyper::Method;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value as Json, json};

use super::{Answer, HIDDEN, Serving};
use crate::support::files;

/// How many requests are made.
const REQUESTS: u32 = 400;

/// An operation of the document.
#[derive(Clone, Debug)]
struct Operation {
    method: Method,
    path: String,
    /// Names with where they stand.
    params: Vec<(String, String)>,
    has_body: bool,
    responses: Vec<u16>,
}

/// What one request is made of.
#[derive(Clone, Debug)]
struct Made {
    operation: Index,
    /// Values for the parameters, in turn; none leaves out one that can be.
    values: Vec<Option<String>>,
    kind: Option<&'static str>,
    body: String,
}

fn operations(document: &Json) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let responses = operation["responses"].as_object().expect("responses");
            // One that does not end is followed elsewhere.
            if operation.to_string().contains("text/event-stream") {
                continue;
            }
            let params = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let text = |json: &Json| json.as_str().expect("a text").to_owned();
            all.push(Operation {
                method,
                path: path.clone(),
                params: params
                    .iter()
                    .map(|one| (text(&one["name"]), text(&one["in"])))
                    .collect(),
                has_body: operation["requestBody"].is_object(),
                responses: responses
                    .keys()
                    .map(|status| status.parse().expect("a status"))
                    .collect(),
            });
        }
    }
    assert!(all.len() > 20, "{all:?}");
    all
}

fn value() -> impl Strategy<Value = String> {
    let known = select(vec![
        "1",
        "2",
        "3",
        "4",
        "99",
        "0",
        "-1",
        "1.5",
        "9223372036854775807",
        "18446744073709551616",
        "floating-pl-per-expert",
        "guest-probes",
        "moving-average-cross",
        "enter-market",
        "expert/1/enter-market",
        "*",
        "\"x\"",
        "W/\"x\"",
        "",
        " ",
        "..",
        "nothing",
        "true",
        "null",
        "%",
        "{",
        "1e3",
    ]);
    prop_oneof![
        4 => known.prop_map(str::to_owned),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<String>(),
        1 => "[ -~]{0,40}",
    ]
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        value().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![
            select(vec![
                "use_case",
                "symbols",
                "most_used",
                "api_key",
                "paper_trading",
                "min_confidence",
                "enabled_instruments"
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Json>()),
        ]
    })
}

fn body() -> impl Strategy<Value = String> {
    let valid = select(vec![
        json!({}),
        json!({"most_used": 2}),
        json!({"use_case": "open_positions", "symbols": ["UP"]}),
        json!({"paper_trading": false}),
        json!({"min_confidence": "5", "enabled_instruments": ["UP"]}),
        json!({"min_confidence": null}),
    ]);
    prop_oneof![
        2 => valid.prop_map(|json| json.to_string()),
        2 => json().prop_map(|json| json.to_string()),
        1 => any::<String>(),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let kind = prop_oneof![
        6 => Just(Some("application/json")),
        1 => select(vec![None, Some("text/plain"), Some("x"), Some("application/json; a=")]),
    ];
    let values = prop::collection::vec(prop::option::weighted(0.8, value()), 6);
    (any::<Index>(), values, kind, body()).prop_map(|(operation, values, kind, body)| Made {
        operation,
        values,
        kind,
        body,
    })
}

/// As it stands in an address.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

async fn send(serving: &Serving, operation: &Operation, made: &Made) -> Answer {
    let (mut path, mut query, mut headers) = (operation.path.clone(), String::new(), Vec::new());
    for ((name, place), value) in operation.params.iter().zip(&made.values) {
        match (&**place, value) {
            ("path", value) => {
                // An empty one would be another address.
                let value = value.as_deref().filter(|value| !value.is_empty());
                path = path.replace(&format!("{{{name}}}"), &encoded(value.unwrap_or("1")));
            }
            ("query", Some(value)) => {
                let name = name.replace("KEY", "what");
                query += &format!("&{}={}", encoded(&name), encoded(value));
            }
            ("header", Some(value)) => {
                let sendable: String = value
                    .chars()
                    .filter(|one| (' '..='~').contains(one))
                    .collect();
                headers.push((name.to_lowercase(), sendable));
            }
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", &query[1..]);
    }
    headers.extend(
        made.kind
            .map(|kind| ("content-type".to_owned(), kind.to_owned())),
    );
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let body = if operation.has_body {
        made.body.clone()
    } else {
        String::new()
    };
    serving
        .send(operation.method.clone(), &path, &headers, body)
        .await
}

/// What has to hold of any answer.
fn judge(operation: &Operation, answer: &Answer) -> Result<(), TestCaseError> {
    let status = answer.status;
    // A path of dots, and one with no name, is another address.
    let is_told = operation.responses.contains(&status) || status == 404;
    prop_assert!(is_told, "{status} is not documented");
    prop_assert!(status < 500 || matches!(status, 502 | 503), "{status}");
    prop_assert_eq!(answer.header("cache-control"), Some("no-store"));
    prop_assert!(!String::from_utf8_lossy(&answer.body).contains(HIDDEN));
    if status >= 400 {
        prop_assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let problem: Json = serde_json::from_slice(&answer.body).expect("a problem");
        prop_assert_eq!(&problem["status"], status);
        prop_assert!(problem["type"].is_string() && problem["detail"].is_string());
    }
    Ok(())
}

#[test]
fn no_request_makes_the_host_fail_or_say_what_is_not_documented() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (serving, operations) = runtime.block_on(async {
        let serving = Serving::begin().await;
        serving.install_guest("probes").await;
        serving.install(files::plugin("moving-average-cross")).await;
        let document = serving.json("/openapi.json").await;
        (serving, operations(&document))
    });
    let config = Config {
        cases: REQUESTS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let ran = runner.run(&made(), |made| {
        let operation = made.operation.get(&operations);
        let answer = runtime.block_on(send(&serving, operation, &made));
        judge(operation, &answer).map_err(|error| {
            TestCaseError::fail(format!("{error}: {operation:?} was answered {answer:?}"))
        })
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
    // It is as well as before.
    runtime.block_on(async { serving.json("/accounts").await });
}
