//! What only a host that runs has: its caches, jobs and sessions.

use serde_json::{Value as Json, json};

use super::super::serving::Serving;
use super::super::{User, books, has_keys, rows, says};

/// Everything that needs one.
const NEEDING: [&[&str]; 12] = [
    &["cache", "stats"],
    &["cache", "warm"],
    &["cache", "warm", "--most-used", "2"],
    &["cache", "invalidate", "account/1"],
    &["cache", "clear"],
    &["plugin", "resume", "floating-pl-per-expert"],
    &["job", "list"],
    &["job", "run", "expert/1/enter-market"],
    &["job", "cancel", "expert/1/enter-market"],
    &["job", "history"],
    &["session", "list"],
    &["top", "--once"],
];

#[test]
fn without_a_host_it_is_said_how_to_begin_one() {
    let user = User::new();
    for arguments in NEEDING {
        let told = user.fails(arguments);
        says(
            &told,
            &["no host has this database open", "lombard serve", "--host"],
        );
    }
    // Nothing was made of a database that was not there.
    assert!(!user.database().exists());
}

#[test]
fn what_can_t_be_meant_is_refused() {
    let user = User::new();
    for bad in [
        &["cache", "invalidate", "widget/1"][..],
        &["cache", "invalidate", "account/0"],
        &["cache", "warm", "--most-used", "many"],
        &["job", "run", "expert/1"],
        &["job", "run", "expert/1/enter_market"],
        &["job", "cancel", "\u{1b}[2J"],
        &["job", "history", "--limit", "0"],
        &["job", "history", "--limit", "1001"],
        &["top", "--every", "0"],
        &["top", "--every", "never"],
        &["session"],
    ] {
        user.misuses(bad);
    }
}

#[test]
fn a_plugin_that_kept_failing_is_called_again_when_somebody_says_so() {
    let user = User::with(&books::of(4));
    user.text(&["plugin", "install", &user.guest("traps"), "--grant-all"]);
    let serving = Serving::begin(&user);
    let render = || user.fails(&["widget", "render", "guest-traps"]);
    for _ in 0..5 {
        says(&render(), &["trapped"]);
    }
    says(&render(), &["5 times in a row", "lombard plugin resume"]);
    let resumed = user.json(&["plugin", "resume", "guest-traps"]);
    assert_eq!(resumed, json!({"resumed": "guest-traps"}));
    says(&render(), &["trapped"]);
    says(&user.fails(&["plugin", "resume", "nobody"]), &["nobody"]);
    serving.stop();
}

#[test]
fn the_caches_are_those_of_the_host() {
    let user = User::with(&books::of(4));
    let serving = Serving::begin(&user);
    let stats = || user.json(&["cache", "stats"]);
    let hits = |of: &Json| of["accounts"]["hits"].as_u64().unwrap();
    has_keys(&stats(), &["accounts", "experts"]);

    let warmed = user.json(&["cache", "warm"]);
    assert_eq!(warmed["done"], warmed["of"]);
    let held = stats()["accounts"]["instances"].as_u64().unwrap();
    assert!(held >= 2, "{held}");
    let before = hits(&stats());
    user.through(&["account", "list"]);
    assert!(hits(&stats()) > before, "{}", stats());

    let words = user.text(&["cache", "invalidate", "account/1", "--settings"]);
    says(&words, &["the settings of account/1"]);
    let dropped = user.json(&["cache", "invalidate", "expert/1"]);
    assert_eq!(
        dropped,
        json!({"invalidated": "expert/1", "settings_only": false})
    );
    assert!(stats()["accounts"]["evictions"]["dropped"].as_u64() > Some(0));
    assert_eq!(user.json(&["cache", "clear"]), json!({"cleared": true}));
    assert_eq!(stats()["accounts"]["instances"], 0);
    says(
        &user.text(&["cache", "stats"]),
        &["hits of a thousand", "Experts"],
    );
    serving.stop();
}

#[test]
fn a_job_is_run_and_stands_in_the_history() {
    let user = User::with(&books::with_bars());
    let serving = Serving::begin(&user);
    let listed = user.json(&["job", "list"]);
    let jobs = rows(&listed, "jobs");
    assert!(
        jobs.iter().any(|one| one["job"] == "expert/1/enter-market"),
        "{listed}"
    );
    assert_eq!(listed["scheduler"]["is_well"], true);

    let job = "expert/1/enter-market";
    let ran = user.json(&["job", "run", job, "--symbol", "UP", "--wait"]);
    assert_eq!(
        (&ran["outcome"], &ran["symbols"]),
        (&json!("ok"), &json!(["UP"]))
    );
    let stored = user.json(&["recommendation", "list"]);
    assert_eq!(
        rows(&stored, "recommendations")[0]["analysis"],
        ran["analysis"]
    );
    let begun = user.json(&["job", "run", "expert/2/open-positions"]);
    has_keys(&begun, &["job", "run"]);

    let history = user.json(&["job", "history", job]);
    assert_eq!(rows(&history, "runs"), [ran]);
    assert_eq!(
        rows(&user.json(&["job", "history", "--limit", "1"]), "runs")[0]["run"],
        begun["run"]
    );
    says(&user.text(&["job", "history"]), &[job, "hand"]);
    says(&user.text(&["job", "list"]), &[job, "ok"]);

    // The plugin of expert 3 is not there.
    let failed = user.fails(&["job", "run", "expert/3/enter-market", "--wait"]);
    says(&failed, &["not-there", "lombard job history"]);
    let unknown = user.fails(&["job", "run", "expert/99/enter-market"]);
    says(&unknown, &["expert/99/enter-market", "lombard job list"]);
    let idle = user.fails(&["job", "cancel", job]);
    says(&idle, &[job]);
    serving.stop();
}

#[test]
fn sessions_that_hold_a_connection_are_listed() {
    let user = User::with(&books::of(2));
    let serving = Serving::begin(&user);
    let listed = user.json(&["session", "list"]);
    // A short moment of the host's own may be caught.
    assert!(
        rows(&listed, "sessions")
            .iter()
            .all(|one| one["who"] == "host"),
        "{listed}"
    );
    user.text(&["session", "list"]);
    serving.stop();
}
