//! `lombard expert` and `lombard recommendation`.
//!
//! Owns: what a run prints and stores, and how one fails. Must not know: what
//! an expert looks for.

use serde_json::{Value as Json, json};

use super::{User, books, has_keys, rows, says};

#[test]
fn a_run_prints_its_recommendations_and_stores_them() {
    let user = User::with(&books::with_bars());
    let ran = user.json(&["expert", "run", "1"]);
    let run = &rows(&ran, "runs")[0];
    has_keys(run, &["analysis", "below_confidence", "cost"]);
    assert_eq!(
        (&run["expert"], &run["symbols"]),
        (&json!(1), &json!(["DOWN", "UP"]))
    );
    assert_eq!(
        (&run["cost"]["sessions"], &run["cost"]["connections"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(rows(run, "recommendations").len(), 2);

    let listed = user.json(&["recommendation", "list"]);
    let stored = rows(&listed, "recommendations");
    assert_eq!(stored.len(), 2);
    for one in stored {
        has_keys(one, &["id", "created_at"]);
        assert_eq!(
            (&one["expert"], &one["analysis"]),
            (&json!(1), &run["analysis"])
        );
        let same = |other: &&Json| other["symbol"] == one["symbol"];
        let printed = rows(run, "recommendations").iter().find(same).unwrap();
        let keys = [
            "action",
            "confidence",
            "risk",
            "horizon",
            "expected_profit_percent",
            "explanation",
        ];
        for key in keys {
            assert_eq!(one[key], printed[key], "{key}");
        }
    }
    let one = user.json(&["recommendation", "list", "--limit", "1"]);
    assert_eq!(rows(&one, "recommendations").len(), 1);
}

#[test]
fn the_whole_explanation_can_be_read_in_a_terminal() {
    let user = User::with(&books::with_bars());
    let words = user.text(&["expert", "run", "1", "--symbol", "UP"]);
    let ran = user.json(&["expert", "run", "1", "--symbol", "UP"]);
    let explanation = rows(&rows(&ran, "runs")[0], "recommendations")[0]["explanation"].clone();
    let read: Vec<_> = words.split_whitespace().collect();
    let explanation: Vec<_> = explanation.as_str().unwrap().split_whitespace().collect();
    assert!(explanation.len() > 20, "{explanation:?}");
    let found = read
        .windows(explanation.len())
        .any(|window| window == explanation);
    assert!(found, "{explanation:?} is not in {words}");
    assert!(
        words.lines().all(|line| line.chars().count() <= 100),
        "{words}"
    );
}

#[test]
fn the_symbols_named_are_the_ones_looked_at() {
    let user = User::with(&books::with_bars());
    let symbols = |arguments: &[&str]| user.json(arguments)["runs"][0]["symbols"].take();
    assert_eq!(
        symbols(&["expert", "run", "1", "--symbol", "UP"]),
        json!(["UP"])
    );
    user.text(&["settings", "set", "expert/1", "enabled_instruments", "DOWN"]);
    assert_eq!(symbols(&["expert", "run", "1"]), json!(["DOWN"]));
    user.misuses(&["expert", "run", "1", "--symbol", "two words"]);
}

#[test]
fn an_expert_that_picks_its_symbols_has_looked_at_what_it_picked() {
    let mut document = books::with_bars();
    document["experts"][0]["plugin"] = json!("guest-picks");
    let user = User::with(&document);
    let installed = user.json(&["plugin", "install", &user.guest("picks"), "--grant-all"]);
    assert_eq!(installed["installed"]["symbols"], "picked");
    let run = |arguments: &[&str]| user.json(arguments)["runs"][0].take();
    let picked = |run: &Json| {
        let one = &rows(run, "recommendations")[0];
        (run["symbols"].clone(), one["explanation"].clone())
    };
    let free = run(&["expert", "run", "1"]);
    assert_eq!(picked(&free), (json!(["UP"]), json!("the last of 2")));
    // What its settings enable is what it may pick from.
    user.text(&["settings", "set", "expert/1", "enabled_instruments", "DOWN"]);
    let narrow = run(&["expert", "run", "1"]);
    assert_eq!(picked(&narrow), (json!(["DOWN"]), json!("the last of 1")));
    // Whoever names symbols wants them looked at.
    let named = ["expert", "run", "1", "--symbol", "UP", "--symbol", "DOWN"];
    let named = run(&named);
    assert_eq!(
        picked(&named),
        (json!(["DOWN", "UP"]), json!("the last of 2"))
    );
}

#[test]
fn all_means_those_that_can_run_and_the_others_are_told() {
    let user = User::with(&books::with_bars());
    let ran = user.run(&["expert", "run", "--all", "--json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let printed: Json = serde_json::from_str(&ran.stdout).unwrap();
    let experts: Vec<_> = rows(&printed, "runs")
        .iter()
        .map(|run| run["expert"].clone())
        .collect();
    assert_eq!(experts, [1, 2]);
    says(
        &ran.stderr,
        &["is left out: plugin `not-there` is not installed"],
    );
    says(&ran.stderr, &["is left out: it is disabled"]);
    let quiet = user.run(&["expert", "run", "--all", "-q"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_failed_run_fails_the_command_and_the_other_runs_are_printed() {
    let user = User::with(&books::with_bars());
    let mut document = books::with_bars();
    document["experts"][2]["plugin"] = json!("guest-overstates");
    user.import(&document);
    user.text(&[
        "plugin",
        "install",
        &user.guest("overstates"),
        "--grant-all",
    ]);

    let ran = user.run(&["expert", "run", "--all", "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let printed: Json = serde_json::from_str(&ran.stdout).unwrap();
    let [first, second, third] = rows(&printed, "runs") else {
        panic!("{printed}")
    };
    assert!(
        first["analysis"].is_u64() && second["analysis"].is_u64(),
        "{printed}"
    );
    says(
        third["error"].as_str().unwrap(),
        &["expert 3 failed: guest-overstates 0.1.0: ", "101"],
    );

    let words = user.run(&["expert", "run", "--all", "-q"]);
    assert_eq!(words.code, Some(1), "{words:?}");
    says(&words.stdout, &["Expert 1: ", "Expert 2: "]);
    says(
        &words.stderr,
        &["expert 3 failed: guest-overstates 0.1.0: "],
    );

    // Alone it has nothing to print.
    let message = user.fails(&["expert", "run", "3"]);
    says(
        &message,
        &["expert 3 failed: guest-overstates 0.1.0: ", "101", "remedy"],
    );
    let stored = user.json(&["recommendation", "list"]);
    let of_third = |one: &&Json| one["expert"] == 3;
    assert_eq!(
        rows(&stored, "recommendations")
            .iter()
            .filter(of_third)
            .count(),
        0
    );
}

#[test]
fn an_expert_that_cannot_run_says_why_and_what_to_do() {
    let user = User::with(&books::with_bars());
    for (id, words) in [
        (
            "3",
            ["no plugin `not-there` is installed", "plugin install"],
        ),
        ("4", ["expert 4 is disabled", "enable the expert"]),
        ("99", ["there is no expert 99", "lombard expert list"]),
    ] {
        says(&user.fails(&["expert", "run", id]), &words);
        user.fails(&["expert", "run", id, "--json"]);
    }
    user.misuses(&["expert", "run"]);
    user.misuses(&["expert", "run", "1", "--all"]);
    user.misuses(&["expert", "run", "0"]);
}

#[test]
fn experts_are_listed_whether_their_plugin_is_there_or_not() {
    let user = User::with(&books::with_bars());
    let listed = user.json(&["expert", "list"]);
    let experts = rows(&listed, "experts");
    let there = |at: usize| experts[at]["plugin_available"].clone();
    assert_eq!((there(0), there(2)), (json!(true), json!(false)));
    assert_eq!(
        (&experts[3]["enabled"], &experts[3]["id"]),
        (&json!(false), &json!(4))
    );
    says(
        &user.text(&["expert", "list"]),
        &["not-there", "moving-average-cross"],
    );
}
