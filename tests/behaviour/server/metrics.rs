//! The metrics.
//!
//! Owns: that they can be read, tell what the host tells, and do not grow with
//! what anybody asks for. Must not know: who reads them.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::json;

use super::Serving;
use crate::support::files;

/// Every sample by its name with labels.
async fn samples(serving: &Serving) -> BTreeMap<String, String> {
    let answer = serving.send(Method::GET, "/metrics", &[], "").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .expect("a kind")
            .starts_with("application/openmetrics-text")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            let word = about.split(' ').next().expect("a word");
            assert!(["HELP", "TYPE", "UNIT", "EOF"].contains(&word), "{line}");
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a sample");
        assert!(name.starts_with("lombard_"), "{line}");
        assert!(
            name.matches('{').count() == name.matches('}').count(),
            "{line}"
        );
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let before = samples.insert(name.to_owned(), value.to_owned());
        assert_eq!(before, None, "{line} is there twice");
    }
    samples
}

#[tokio::test]
async fn they_tell_what_the_host_tells() {
    let serving = Serving::begin().await;
    for _ in 0..3 {
        serving.json("/widgets/floating-pl-per-expert").await;
    }
    serving.install_guest("fails").await;
    serving.get("/widgets/guest-fails").await;
    serving.json("/accounts/1").await;
    let samples = samples(&serving).await;
    let is = |name: &str, value: u64| {
        let told = samples
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {samples:#?}"));
        assert_eq!(*told, value.to_string(), "{name}");
    };
    is(
        r#"lombard_calls_total{plugin="floating-pl-per-expert",function="render",outcome="ok"}"#,
        3,
    );
    is(
        r#"lombard_calls_total{plugin="guest-fails",function="render",outcome="error"}"#,
        1,
    );
    is(
        r#"lombard_call_duration_seconds_count{plugin="floating-pl-per-expert",function="render"}"#,
        3,
    );
    is("lombard_call_wait_seconds_count", 4);
    let pool = serving.host.store().pool_status();
    is("lombard_sessions_opened_total", pool.sessions_opened);
    is("lombard_sessions_live", 0);
    is("lombard_pool_max", pool.max.into());
    let stats = serving.host.accounts().account_stats();
    is(
        r#"lombard_cache_misses_total{cache="accounts"}"#,
        stats.misses,
    );
    is(
        r#"lombard_cache_evictions_total{cache="experts",cause="dropped"}"#,
        0,
    );
    for there in [
        "lombard_uptime_seconds",
        "lombard_memory_bytes",
        "lombard_bill_lost_total",
        "lombard_pool_idle",
    ] {
        assert!(samples.contains_key(there), "{there}");
    }
}

#[tokio::test]
async fn they_do_not_grow_with_what_anybody_asks_for() {
    let serving = Serving::begin().await;
    serving.install(files::plugin("moving-average-cross")).await;
    let run = async |id: u64| {
        let path = format!("/experts/{id}/runs");
        serving.call(Method::POST, &path, &json!({})).await
    };
    run(1_000).await.problem(404, "not-found");
    serving.get("/widgets/nobody-0").await;
    let before = samples(&serving).await.len();
    for id in 1_001..1_050 {
        run(id).await.problem(404, "not-found");
        serving
            .get(&format!("/widgets/nobody-{id}"))
            .await
            .problem(404, "not-found");
    }
    let after = samples(&serving).await;
    assert_eq!(after.len(), before, "{after:#?}");
    let unknown =
        r#"lombard_calls_total{plugin="unknown",function="analyze",outcome="unavailable"}"#;
    assert_eq!(after[unknown], "50");
}
