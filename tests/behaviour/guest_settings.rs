//! Settings as a plugin sees them, and invariant 8: secrets never cross.
//!
//! Owns: runs of the guest `settles`, which tells what it saw. Must not know:
//! how settings are kept.

use std::sync::{Arc, Mutex};

use lombard_model::{Grant, Grants, Limit, LookUp, UseCase};
use lombard_runtime::{ExpertRun, RunRequest};
use lombard_store::SettingsOwner;
use serde_json::{Value as Json, json};
use tracing::instrument::WithSubscriber as _;

use crate::support::{Setup, TestHost, books, expert, files, in_time, probe, texts, watch};

const KEY: &str = "AK-never-crosses-1";
const SECRET: &str = "SK-never-crosses-2";
const TOKEN: &str = "TK-never-crosses-3";

struct Desk {
    host: TestHost,
}

impl Desk {
    async fn new(granted: &Grants) -> Self {
        Self::with(granted, Setup::one_connection()).await
    }

    async fn with(granted: &Grants, setup: Setup) -> Self {
        let host = setup.open().await;
        host.install(files::guest("settles"), granted.clone())
            .await
            .expect("it is installed");
        let dataset = books::expert_with_keys("guest-settles", KEY, SECRET);
        host.import(dataset).await.expect("it is imported");
        Self { host }
    }

    async fn set(&self, key: &str, value: Json) {
        let definitions = self
            .host
            .expert_definitions("guest-settles")
            .expect("its manifest is sound");
        let owner = SettingsOwner::Expert(expert(1));
        let accounts = self.host.accounts();
        accounts
            .save_setting(owner, &definitions, key, value)
            .await
            .expect("it is saved");
    }

    async fn saved(&self, key: &str) -> Option<Json> {
        let mut session = self.host.session("look");
        let loaded = self
            .host
            .accounts()
            .expert(expert(1), &mut session)
            .await
            .expect("the expert is there");
        loaded.state.settings.saved().get(key).cloned()
    }

    async fn run(&self, step: &str) -> ExpertRun {
        self.set("step", step.into()).await;
        let run = self.host.run_expert(RunRequest {
            expert: expert(1),
            symbols: vec!["S0".parse().expect("a symbol")],
            use_case: UseCase::EnterMarket,
        });
        in_time(run).await.expect("it runs")
    }

    /// What the guest saw, a line for each thing it tried.
    async fn sees(&self, step: &str) -> String {
        let run = self.run(step).await;
        run.recommendations[0].explanation.clone()
    }
}

fn has(seen: &str, line: &str) {
    assert!(
        seen.lines().any(|one| one == line),
        "no `{line}` in\n{seen}"
    );
}

fn begins(seen: &str, line: &str) {
    assert!(
        seen.lines().any(|one| one.starts_with(line)),
        "no `{line}…` in\n{seen}"
    );
}

#[tokio::test]
async fn a_text_is_what_it_is_whatever_it_looks_like() {
    let desk = Desk::new(&Grants::all()).await;
    for trick in [
        "../../../../etc/passwd",
        "{{7*7}}${7*7}<%= 7*7 %>%s%n",
        "'; DROP TABLE experts; --",
        "$(id)`id`",
        "\u{202e}\u{1b}[2J",
    ] {
        desk.set("note", trick.into()).await;
        let seen = desk.sees("read").await;
        has(&seen, &format!("note: Some({trick:?})"));
    }
}

#[tokio::test]
async fn a_plugin_sees_typed_defaults_where_nothing_was_saved() {
    let desk = Desk::new(&Grants::all()).await;
    let seen = desk.sees("read").await;
    for line in [
        "note: None",
        "days: 20",
        "share: 12.5",
        "ratio: 0.25",
        "loud: false",
        "names: [\"a\", \"b\"]",
        "extra: \"{\\\"deep\\\":[1,2]}\"",
        "min_confidence: 0",
    ] {
        has(&seen, line);
    }
    begins(&seen, "undeclared: undeclared (");
    begins(&seen, "days as text: invalid (");
}

#[tokio::test]
async fn a_plugin_sees_what_was_saved_with_its_type() {
    let desk = Desk::new(&Grants::all()).await;
    for (key, value) in [
        ("note", json!("None")),
        ("days", json!(7)),
        ("share", json!("0")),
        ("loud", json!(true)),
        ("names", json!([])),
        ("extra", json!(null)),
    ] {
        desk.set(key, value).await;
    }
    let seen = desk.sees("read").await;
    // 0 is 0 and the empty list is empty: neither falls back to its default.
    for line in [
        "note: Some(\"None\")",
        "days: 7",
        "share: 0",
        "loud: true",
        "names: []",
    ] {
        has(&seen, line);
    }
}

#[tokio::test]
async fn an_undeclared_key_is_a_typed_error() {
    let desk = Desk::new(&Grants::all()).await;
    let seen = desk.sees("read").await;
    begins(&seen, "undeclared: undeclared (");
    assert!(seen.contains("`undeclared` is not declared"), "{seen}");
    let view = probe(&desk.host, "undeclared", 1).await.unwrap().view;
    assert!(
        texts(&view).contains("`undeclared` is not declared"),
        "{view:?}"
    );
}

#[tokio::test]
async fn secrets_never_cross_into_a_plugin_nor_into_the_log() {
    let desk = Desk::new(&Grants::all()).await;
    desk.set("token", TOKEN.into()).await;
    let lines = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&lines);
    let log = watch::on_line(|_| true, move |line| kept.lock().unwrap().push_str(line));
    let run = desk.run("secrets").with_subscriber(log).await;

    let seen = &run.recommendations[0].explanation;
    for line in [
        "token: denied (",
        "save token: denied (",
        "api_key: denied (",
        "api_secret: denied (",
    ] {
        begins(seen, line);
    }
    has(seen, "paper_trading: Some(Bool(true))");
    begins(seen, "account undeclared: undeclared (");
    let keys = seen
        .lines()
        .find(|line| line.starts_with("keys: "))
        .unwrap();
    assert!(
        keys.contains("\"days\"") && !keys.contains("token"),
        "{keys}"
    );
    let logged = lines.lock().unwrap().clone();
    assert!(!logged.is_empty(), "nothing was logged");
    let told = format!("{seen}\n{logged}\n{run:?}");
    for secret in [KEY, SECRET, TOKEN] {
        assert!(!told.contains(secret), "a secret was told:\n{told}");
    }
    assert_eq!(
        desk.saved("token").await,
        Some(TOKEN.into()),
        "the plugin changed a secret"
    );
}

#[tokio::test]
async fn what_a_plugin_saves_it_reads_back_and_the_host_sees_after_it() {
    let desk = Desk::new(&Grants::all()).await;
    let run = desk.run("save").await;
    let seen = &run.recommendations[0].explanation;
    for line in ["save: ()", "days: 51", "share: 7.25"] {
        has(seen, line);
    }
    assert_eq!(desk.saved("days").await, Some(json!(51)));
    assert_eq!(desk.saved("share").await, Some(json!("7.25")));
    assert!(run.cost.connections <= 1, "{:?}", run.cost);
    assert!(
        run.cost.statements >= 3,
        "the save is not on the bill: {:?}",
        run.cost
    );
}

#[tokio::test]
async fn of_what_a_plugin_saves_all_is_saved_or_nothing() {
    let desk = Desk::new(&Grants::all()).await;
    let seen = desk.sees("save-bad").await;
    begins(&seen, "save: invalid (");
    assert!(seen.contains("`days`"), "{seen}");
    has(&seen, "days: 20");
    has(&seen, "share: 12.5");
    assert_eq!(
        (desk.saved("days").await, desk.saved("share").await),
        (None, None)
    );
}

/// All settings of an instance are read as one document, and all instances at
/// once: what is too deep to stand in it would be everybody's fault to read.
#[tokio::test]
async fn a_document_that_could_not_be_read_back_is_not_saved() {
    let desk = Desk::new(&Grants::all()).await;
    let seen = desk.sees("save-deep").await;
    begins(&seen, "save 127: invalid (");
    assert!(seen.contains("64 levels"), "{seen}");
    has(&seen, "save 64: ()");
    let mut session = desk.host.session("look");
    let experts = session.experts().await.expect("they can be read");
    assert!(experts[0].settings["extra"].is_array(), "{experts:?}");
}

#[tokio::test]
async fn a_plugin_that_replaces_its_settings_leaves_its_secrets() {
    let desk = Desk::new(&Grants::all()).await;
    desk.set("token", TOKEN.into()).await;
    desk.set("days", json!(30)).await;
    let seen = desk.sees("replace").await;
    for line in ["replace: ()", "loud: true", "days: 20"] {
        has(&seen, line);
    }
    assert_eq!(desk.saved("days").await, None);
    assert_eq!(desk.saved("token").await, Some(TOKEN.into()));
}

#[tokio::test]
async fn without_the_grant_a_plugin_saves_nothing() {
    let desk = Desk::new(&Grants::from_iter([Grant::ReadAccountSettings])).await;
    let seen = desk.sees("save").await;
    begins(&seen, "save: denied (");
    assert!(seen.contains("write:settings"), "{seen}");
    has(&seen, "days: 20");
    assert_eq!(desk.saved("days").await, None);
    begins(&desk.sees("secrets").await, "api_key: denied (");
}

#[tokio::test]
async fn without_the_grant_a_plugin_reads_nothing_of_its_account() {
    let desk = Desk::new(&Grants::from_iter([Grant::WriteSettings])).await;
    let seen = desk.sees("secrets").await;
    begins(&seen, "paper_trading: denied (");
    assert!(seen.contains("read:account-settings"), "{seen}");
}

#[tokio::test]
async fn a_loop_over_settings_of_the_account_is_a_look_up_loop() {
    let desk = Desk::new(&Grants::all()).await;
    desk.run("account-often").await;
    let record = desk.host.recent_calls().pop().unwrap();
    let looked: Vec<_> = record.look_ups.iter().collect();
    assert!(looked.contains(&(LookUp::AccountSetting, 25)), "{looked:?}");
}

#[tokio::test]
async fn saves_in_a_loop_end_at_the_limit_of_statements() {
    let desk = Desk::with(
        &Grants::all(),
        Setup::one_connection().with_limit(Limit::Statements, 40),
    )
    .await;
    let seen = desk.sees("save-often").await;
    assert!(seen.contains("the limit `statements` is 40"), "{seen}");
    let cost = desk.host.recent_calls().pop().unwrap().cost;
    assert!((40..50).contains(&cost.statements), "{cost:?}");
}
