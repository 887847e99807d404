//! The OpenAPI document.
//!
//! Owns: that it names all that is answered, and that all it names is answered.
//! Must not know: what is answered.

use hyper::Method;
use serde_json::Value as Json;

use super::{API, Serving};

/// All that the API answers. A new address is a line here, so that nobody
/// changes what others rely on without seeing it.
const ANSWERED: [&str; 40] = [
    "DELETE /api/v1/accounts/{id}/settings/undeclared",
    "DELETE /api/v1/caches",
    "DELETE /api/v1/caches/accounts/{id}",
    "DELETE /api/v1/caches/accounts/{id}/settings",
    "DELETE /api/v1/caches/experts/{id}",
    "DELETE /api/v1/caches/experts/{id}/settings",
    "DELETE /api/v1/experts/{id}/pin",
    "DELETE /api/v1/experts/{id}/settings/undeclared",
    "DELETE /api/v1/plugins/{name}",
    "GET /api/v1/accounts",
    "GET /api/v1/accounts/{id}",
    "GET /api/v1/accounts/{id}/settings",
    "GET /api/v1/caches",
    "GET /api/v1/calls",
    "GET /api/v1/events",
    "GET /api/v1/experts",
    "GET /api/v1/experts/{id}",
    "GET /api/v1/experts/{id}/settings",
    "GET /api/v1/jobs",
    "GET /api/v1/jobs/runs",
    "GET /api/v1/openapi.json",
    "GET /api/v1/plugins",
    "GET /api/v1/plugins/{name}",
    "GET /api/v1/pool",
    "GET /api/v1/recommendations",
    "GET /api/v1/sessions",
    "GET /api/v1/widgets/{name}",
    "PATCH /api/v1/accounts/{id}/settings",
    "PATCH /api/v1/experts/{id}/settings",
    "POST /api/v1/caches/warm",
    "POST /api/v1/experts/{id}/runs",
    "POST /api/v1/jobs/{expert}/{use_case}/cancel",
    "POST /api/v1/jobs/{expert}/{use_case}/runs",
    "POST /api/v1/plugins/{name}/resume",
    "POST /api/v1/plugins/{name}/rollback",
    "PUT /api/v1/accounts/{id}/settings",
    "PUT /api/v1/experts/{id}/pin",
    "PUT /api/v1/experts/{id}/settings",
    "PUT /api/v1/plugins/{name}",
    "PUT /api/v1/plugins/{name}/limits",
];

/// The methods that a path may have.
const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

fn operations(document: &Json) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Json)| {
        let methods = item.as_object().expect("an item").keys();
        let methods = methods.filter(|key| {
            METHODS
                .iter()
                .any(|one| one.as_str().eq_ignore_ascii_case(key))
        });
        methods
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[tokio::test]
async fn it_is_the_one_the_library_gives_and_refers_to_nothing_that_is_not_there() {
    let serving = Serving::begin().await;
    let document = serving.json("/openapi.json").await;
    let ours: Json = serde_json::from_str(&lombard_server::openapi()).unwrap();
    assert_eq!(document, ours);
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let mut named: Vec<_> = operations(&document)
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    named.sort_unstable();
    let mut known: Vec<_> = ANSWERED.iter().map(ToString::to_string).collect();
    known.sort_unstable();
    assert_eq!(named, known);
}

#[tokio::test]
async fn all_that_is_named_is_answered_and_no_other_method() {
    let serving = Serving::begin().await;
    let document = serving.json("/openapi.json").await;
    let operations = operations(&document);
    for path in document["paths"].as_object().unwrap().keys() {
        let real = path
            .replace("{id}", "1")
            .replace("{expert}", "1")
            .replace("{use_case}", "enter-market")
            .replace("{name}", "floating-pl-per-expert");
        if real == format!("{API}/events") {
            // It does not end; it is followed elsewhere.
            continue;
        }
        for method in METHODS {
            let is_named = operations.contains(&(method.to_string(), path.clone()));
            let answer = serving.send(method.clone(), &real, &[], "").await;
            assert_eq!(
                is_named,
                answer.status != 405,
                "{method} {path}: {answer:?}"
            );
            assert_ne!(answer.status, 404, "{method} {path}");
            let item = &document["paths"][path][method.as_str().to_lowercase()];
            let told = &item["responses"][answer.status.to_string()];
            assert!(
                !is_named || told.is_object(),
                "{method} {path}: {answer:?} is not documented"
            );
        }
    }
}
