//! `lombard audit`.
//!
//! Owns: what it reports of calls that were made through the binary, and when
//! it fails. Must not know: how calls are recorded.

use serde_json::{Value as Json, json};

use super::{Ran, User, books, has_keys, rows, says};

/// A user whose plugins made some calls: two good renders, two with a loop and
/// one that failed.
fn user() -> User {
    let user = User::with(&books::of(30));
    for _ in 0..2 {
        user.text(&["widget", "render", "floating-pl-per-expert"]);
        looks_up(&user, 25);
    }
    let fails = user.guest("fails");
    user.fails(&["widget", "render", &fails, "--grant-all"]);
    user
}

fn looks_up(user: &User, times: u32) {
    let probes = user.guest("probes");
    let times = format!("id={times}");
    let render = ["widget", "render", &probes, "--grant-all"];
    let params = ["--param", "what=looks_up", "--param", &times];
    user.text(&[render, [params[0], params[1], params[2], params[3]]].concat());
}

#[test]
fn without_calls_it_says_so() {
    let user = User::new();
    says(&user.text(&["audit"]), &["no calls are recorded"]);
    let none = user.json(&["audit", "--fail-on", "loops=0", "--fail-on", "failures=0"]);
    assert_eq!(none["calls"], 0);
    assert_eq!(none["sessions"]["busiest_second"], Json::Null);
    for list in ["outcomes", "callers", "loops", "near_limit", "holders"] {
        assert_eq!(none[list], json!([]), "{list}");
    }
    assert_eq!(none["thresholds"][0]["crossed"], false);
}

#[test]
fn it_tells_who_called_what_looped_and_who_held() {
    let user = user();
    let audit = user.json(&["audit"]);
    assert_eq!(
        (&audit["calls"], &audit["failures"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(audit["sessions"]["total"], 5);
    has_keys(&audit["sessions"]["busiest_second"], &["at", "sessions"]);
    assert!(audit["bytes"].as_u64() > Some(1_000), "{audit}");
    assert!(audit["cache"]["misses"].as_u64() > Some(0), "{audit}");

    let callers = rows(&audit, "callers");
    assert_eq!(callers.len(), 3);
    let of = |plugin: &str| callers.iter().find(|one| one["plugin"] == plugin).unwrap();
    assert_eq!(of("guest-probes")["calls"], 2);
    assert_eq!(of("guest-fails")["failures"], 1);
    assert_eq!(of("guest-probes")["rank"]["statements"], 1);

    let loops = rows(&audit, "loops");
    assert_eq!(loops.len(), 1);
    let found = &loops[0];
    assert_eq!(found["plugin"], "guest-probes");
    assert_eq!(found["look_up"], "transaction");
    assert_eq!(
        (&found["most_in_a_call"], &found["calls"]),
        (&json!(25), &json!(2))
    );
    says(
        found["advice"].as_str().unwrap(),
        &["session.transactions("],
    );

    let ended = rows(&audit, "outcomes");
    let error = ended.iter().find(|one| one["outcome"] == "error").unwrap();
    says(
        error["last_error"].as_str().unwrap(),
        &["failed on purpose"],
    );
    let holders = rows(&audit, "holders");
    assert_eq!(holders.len(), 5);
    let held: Vec<_> = holders.iter().map(|one| one["held_us"].as_u64()).collect();
    assert!(held.is_sorted_by(|a, b| a >= b), "{held:?}");
    has_keys(
        &holders[0],
        &["plugin", "version", "function", "run", "call", "began_at"],
    );

    let words = user.text(&["audit"]);
    says(
        &words,
        &[
            "guest-probes",
            "Top callers",
            "transaction",
            "session.transactions(",
            "Held, ms",
        ],
    );
    assert!(!words.contains("Thresholds"), "{words}");
}

#[test]
fn a_loop_over_settings_of_the_own_account_is_told_with_what_to_do() {
    let user = User::new();
    let settles = user.guest("settles");
    user.text(&["plugin", "install", &settles, "--grant-all"]);
    let mut book = books::of(2);
    book["experts"][0]["plugin"] = json!("guest-settles");
    user.import(&book);
    user.text(&["settings", "set", "expert/1", "step", "account-often"]);
    user.text(&["expert", "run", "1", "--symbol", "S0"]);
    let audit = user.json(&["audit"]);
    let found = &rows(&audit, "loops")[0];
    assert_eq!(found["look_up"], "account-setting");
    assert_eq!(found["most_in_a_call"], 25);
    assert_eq!(found["set_call"], Json::Null);
    let advice = found["advice"].as_str().unwrap();
    says(advice, &["settings::account(key) once", "before the loop"]);
}

#[test]
fn a_period_a_plugin_and_a_limit_narrow_it() {
    let user = user();
    let calls = |more: &[&str]| user.json(&[&["audit"], more].concat())["calls"].clone();
    assert_eq!(calls(&["--since", "1h"]), 5);
    assert_eq!(calls(&["--since", "0s"]), 0);
    assert_eq!(calls(&["--since", "2001-01-01T00:00:00Z"]), 5);
    assert_eq!(calls(&["--since", "2999-01-01T00:00:00Z"]), 0);
    assert_eq!(calls(&["--plugin", "guest-probes"]), 2);
    assert_eq!(calls(&["--plugin", "nobody"]), 0);
    says(
        &user.text(&["audit", "--plugin", "nobody"]),
        &["no calls are recorded of nobody"],
    );
    let loops = user.json(&["audit", "--loop-limit", "25"]);
    assert_eq!(loops["loops"], json!([]));
    let loops = user.json(&["audit", "--loop-limit", "24", "--top", "1"]);
    assert_eq!(loops["loops_in_all"], 1);
    assert_eq!(rows(&loops, "holders").len(), 1);
}

#[test]
fn it_fails_where_a_threshold_is_crossed_and_names_each() {
    let user = user();
    let audit = |more: &[&str]| user.run(&[&["audit"], more].concat());
    let kept = [
        "loops=1",
        "failures=1",
        "held-ms=60000",
        "near-limit=0",
        "wait-ms=60000",
    ];
    for threshold in kept {
        let ran = audit(&["--fail-on", threshold]);
        assert_eq!(
            (ran.code, &*ran.stderr),
            (Some(0), ""),
            "{threshold}: {ran:?}"
        );
        says(&ran.stdout, &["Thresholds", "kept"]);
    }
    for (threshold, words) in [
        ("loops=0", "loops is 1, more than 0"),
        ("statements=20", "statements is "),
        ("sessions-per-second=0", "sessions-per-second is "),
        ("failures=0", "failures is 1, more than 0"),
        ("held-ms=0", "held-ms is "),
    ] {
        let ran = audit(&["--fail-on", threshold]);
        assert_eq!(ran.code, Some(1), "{threshold}: {ran:?}");
        says(&ran.stderr, &["a threshold is crossed", words, "remedy: "]);
        says(&ran.stdout, &["crossed", "Top callers"]);
    }

    let several = [
        "--fail-on",
        "failures=0",
        "--fail-on",
        "loops=9",
        "--fail-on",
        "loops=0",
    ];
    let Ran {
        code,
        stdout,
        stderr,
    } = audit(&[&several[..], &["--json"]].concat());
    assert_eq!(code, Some(1));
    let error: Json = serde_json::from_str(&stderr).unwrap();
    let words = error["error"].as_str().unwrap();
    says(words, &["2 thresholds", "failures is 1", "loops is 1"]);
    let report: Json = serde_json::from_str(&stdout).unwrap();
    let crossed: Vec<_> = rows(&report, "thresholds")
        .iter()
        .map(|one| one["crossed"].clone())
        .collect();
    assert_eq!(crossed, [json!(true), json!(false), json!(true)]);
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    let user = User::new();
    for arguments in [
        &["--since", "yesterday"][..],
        &["--since", "5"],
        &["--plugin", "No Plugin"],
        &["--loop-limit", "0"],
        &["--loop-limit", "many"],
        &["--top", "0"],
        &["--top", "1001"],
        &["--fail-on", "loops"],
        &["--fail-on", "loops=-1"],
        &["--fail-on", "luck=1"],
    ] {
        let message = user.misuses(&[&["audit"], arguments].concat());
        says(&message, &[arguments[0]]);
    }
}
