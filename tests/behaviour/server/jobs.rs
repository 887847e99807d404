//! Jobs over HTTP: what there is, running one, stopping one, what became of it.
//!
//! Owns: that the API does with jobs what the scheduler does. Must not know:
//! when jobs are due.

use hyper::Method;
use lombard_model::dataset::Dataset;
use serde_json::{Value as Json, json};

use super::{Serving, list};
use crate::cli::books::with_alpaca_and_bars;
use crate::support::books::read;
use crate::support::{Setup, files};

const JOB: &str = "expert/1/enter-market";

const RUNS: &str = "/jobs/1/enter-market/runs";

fn dataset() -> Dataset {
    read(&with_alpaca_and_bars())
}

/// What became of a run, once nothing more comes of it.
async fn over(serving: &Serving, run: &Json) -> Json {
    loop {
        let answer = serving.json(&format!("/jobs/runs?job={JOB}")).await;
        let runs = list(&answer, "runs");
        let one = runs.iter().find(|one| one["run"] == *run);
        let one = one.unwrap_or_else(|| panic!("no run {run}: {answer}"));
        let outcome = one["outcome"].as_str().expect("an outcome");
        if !["waiting", "running"].contains(&outcome) {
            return one.clone();
        }
    }
}

fn of<'a>(jobs: &'a Json, name: &str) -> &'a Json {
    let mut all = list(jobs, "jobs").iter();
    let found = all.find(|one| one["job"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {jobs}"))
}

#[tokio::test]
async fn a_job_is_run_now_and_its_history_is_paged() {
    let serving = Serving::scheduled(Setup::default(), dataset()).await;
    serving.install(files::plugin("moving-average-cross")).await;
    let jobs = serving.json("/jobs").await;
    assert_eq!(jobs["scheduler"]["is_well"], true, "{jobs}");
    // Two for each expert that is enabled.
    assert_eq!(list(&jobs, "jobs").len(), 6, "{jobs}");
    let before = of(&jobs, JOB);
    assert_eq!(before["expert"], 1);
    assert!(before["expression"].is_null() && before["last_run"].is_null());

    let mut runs = Vec::new();
    for _ in 0..3 {
        let wanted = json!({"symbols": ["AAPL"]});
        let begun = serving.call(Method::POST, RUNS, &wanted).await.json(202);
        assert_eq!(begun["job"], JOB);
        let ended = over(&serving, &begun["run"]).await;
        assert_eq!(ended["outcome"], "ok", "{ended}");
        assert_eq!(ended["trigger"], "hand");
        assert_eq!(ended["symbols"], json!(["AAPL"]));
        assert!(ended["analysis"].is_u64() && ended["ended_at"].is_string());
        runs.push(ended);
    }
    let jobs = serving.json("/jobs").await;
    assert_eq!(of(&jobs, JOB)["last_run"], runs[2]);
    let analyses: Vec<_> = runs.iter().map(|run| run["analysis"].as_u64()).collect();
    assert!(
        analyses.is_sorted_by(|one, next| one < next),
        "{analyses:?}"
    );

    let first = serving.json("/jobs/runs?limit=2").await;
    assert_eq!(list(&first, "runs"), [runs[2].clone(), runs[1].clone()]);
    let next = format!("/jobs/runs?limit=2&before={}", first["next"]);
    let second = serving.json(&next).await;
    assert_eq!(list(&second, "runs"), [runs[0].clone()]);
    assert!(second["next"].is_null(), "{second}");
    let other = serving.json("/jobs/runs?job=expert/2/enter-market").await;
    assert!(list(&other, "runs").is_empty(), "{other}");
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_run_under_way_is_shown_is_the_only_one_and_can_be_stopped() {
    let serving = Serving::scheduled(Setup::one_connection(), dataset()).await;
    serving.install(files::plugin("moving-average-cross")).await;
    serving.json("/jobs").await;
    // The run waits for a connection.
    let mut held = serving.host.session("in the way");
    held.open().await.unwrap();
    let begun = serving.call(Method::POST, RUNS, &json!({})).await.json(202);
    let jobs = serving.json("/jobs").await;
    let under_way = &of(&jobs, JOB)["under_way"];
    assert_eq!(under_way["trigger"], "hand", "{jobs}");
    assert_eq!(jobs["scheduler"]["under_way"], 1);
    let again = serving.call(Method::POST, RUNS, &json!({})).await;
    assert!(again.problem(409, "conflict").contains(JOB));
    let cancel = "/jobs/1/enter-market/cancel";
    let cancelled = serving.call(Method::POST, cancel, &json!({})).await;
    assert_eq!(cancelled.status, 204);
    held.end();
    let ended = over(&serving, &begun["run"]).await;
    assert_eq!(ended["outcome"], "cancelled", "{ended}");
    let twice = serving.call(Method::POST, cancel, &json!({})).await;
    assert!(twice.problem(409, "conflict").contains("not under way"));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_told() {
    let serving = Serving::scheduled(Setup::default(), dataset()).await;
    for path in [
        "/jobs/99/enter-market/runs",
        "/jobs/0/enter-market/runs",
        "/jobs/01/enter-market/runs",
        "/jobs/1/enter_market/runs",
        "/jobs/1/%3Cb%3E/runs",
        "/jobs/x/y/runs",
        "/jobs/x/y/cancel",
    ] {
        let answer = serving.call(Method::POST, path, &json!({})).await;
        answer.problem(404, "not-found");
    }
    for body in [
        json!({"symbols": "AAPL"}),
        json!({"symbols": [""]}),
        json!({"symbols": vec!["AAPL"; 10_001]}),
        json!({"symbol": ["AAPL"]}),
        json!([]),
    ] {
        let answer = serving.call(Method::POST, RUNS, &body).await;
        answer.problem(400, "bad-request");
    }
    for query in ["job=1", "limit=0", "limit=1001", "before=x", "what=1"] {
        let answer = serving.get(&format!("/jobs/runs?{query}")).await;
        answer.problem(400, "bad-request");
    }
    let history = serving.json("/jobs/runs").await;
    assert!(list(&history, "runs").is_empty(), "{history}");
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_host_that_runs_nothing_by_itself_says_so() {
    let serving = Serving::begin().await;
    let jobs = serving.json("/jobs").await;
    assert!(jobs["scheduler"].is_null() && list(&jobs, "jobs").is_empty());
    let run = serving.call(Method::POST, RUNS, &json!({})).await;
    assert!(run.problem(409, "conflict").contains("by itself"));
    serving.get("/jobs/runs").await.problem(409, "conflict");
}

#[tokio::test]
async fn the_scheduler_s_health_is_among_the_metrics_and_decides_on_readiness() {
    let serving = Serving::scheduled(Setup::default(), dataset()).await;
    let metrics = serving.send(Method::GET, "/metrics", &[], "").await;
    let text = metrics.text();
    for line in [
        "lombard_jobs 6",
        "lombard_job_runs_under_way 0",
        "lombard_scheduler_task_late{task=\"planner\"} 0",
    ] {
        assert!(text.contains(&format!("{line}\n")), "no {line}: {text}");
    }
    assert!(
        text.contains("lombard_scheduler_task_silent_seconds{task="),
        "{text}"
    );
    let ready = serving.send(Method::GET, "/readyz", &[], "").await;
    assert_eq!((ready.status, ready.text()), (200, "ok\n"));
    // Its tasks end, as they would by a panic.
    serving.end_scheduler().await;
    let ready = serving.send(Method::GET, "/readyz", &[], "").await;
    assert_eq!(
        (ready.status, ready.text()),
        (503, "the scheduler is late\n")
    );
    let metrics = serving.send(Method::GET, "/metrics", &[], "").await;
    let late = "lombard_scheduler_task_late{task=\"planner\"} 1\n";
    assert!(metrics.text().contains(late), "{}", metrics.text());
    serving.stop().await.unwrap();
}
