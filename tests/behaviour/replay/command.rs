//! `--record` and `lombard replay`, as an author drives them.
//!
//! Owns: the whole way through the binary on the demo's data. Must not know:
//! how a recording is made.

use std::fs;

use serde_json::{Value as Json, json};

use super::changed;
use crate::cli::{User, has_keys, rows, says};
use crate::support::files;

/// The experts of the demo that can be run, by their plugins.
const EXPERTS: [(&str, &str); 2] = [("1", "moving-average-cross"), ("2", "rsi-mean-reversion")];

fn demo() -> User {
    User::with(&files::demo())
}

/// The text of a file that this user has.
fn read(user: &User, name: &str) -> String {
    fs::read_to_string(user.path(name)).expect("it was written")
}

fn is_identical(replayed: &Json) {
    assert_eq!(replayed["identical"], true, "{replayed:#}");
    assert_eq!(replayed["same_binary"], true);
    assert_eq!(
        replayed["result"].to_string(),
        replayed["recording"]["result"].to_string()
    );
    for (key, none) in [("sessions", 0), ("connections", 0), ("statements", 0)] {
        assert_eq!(replayed["cost"][key], none);
    }
}

#[test]
fn an_expert_run_of_the_demo_is_replayed_to_the_same_bytes() {
    let user = demo();
    for (id, plugin) in EXPERTS {
        let run = user.json(&["expert", "run", id, "--record", "run.json"]);
        assert!(!rows(&run["runs"][0], "recommendations").is_empty());
        // Whatever becomes of the book.
        let elsewhere = User::new();
        let file = elsewhere.write("run.json", read(&user, "run.json"));
        let replayed = elsewhere.json(&["replay", &file]);
        is_identical(&replayed);
        assert_eq!(replayed["plugin"]["name"], plugin);
        let words = elsewhere.text(&["replay", &file]);
        says(&words, &[plugin, "the recorded binary", "Identical"]);
        assert!(!elsewhere.database().exists(), "it made a database");
    }
}

#[test]
fn a_render_of_each_widget_is_replayed_to_the_same_bytes() {
    let user = demo();
    for name in files::WIDGETS {
        let rendered = user.json(&["widget", "render", name, "--record", "view.json"]);
        let replayed = user.json(&["replay", "view.json"]);
        is_identical(&replayed);
        assert_eq!(replayed["result"]["view"], rendered["view"]);
    }
}

/// The expert of averages, with another default for the setting that is
/// described so.
fn with_default(of: &str, was: u32, is: u32) -> Vec<u8> {
    let line = |days| format!("{of}\"\ndefault = {days}");
    changed(files::plugin("moving-average-cross"), &line(was), &line(is))
}

#[test]
fn a_changed_plugin_shows_what_it_would_have_said() {
    let user = demo();
    user.text(&["expert", "run", "1", "--record", "run.json"]);
    let bytes = with_default("fewer than those of the slow one", 20, 10);
    let file = user.write("changed.wasm", bytes);
    let replayed = user.json(&["replay", "run.json", "--with", &file]);
    has_keys(
        &replayed,
        &[
            "recording",
            "plugin",
            "differences",
            "calls",
            "not_recorded",
            "cost",
        ],
    );
    assert_eq!(
        (&replayed["same_binary"], &replayed["identical"]),
        (&json!(false), &json!(false))
    );
    let differences = rows(&replayed, "differences");
    let confidence = differences.iter().find(|one| {
        let at = one["at"].as_str().unwrap_or_default();
        at.starts_with("recommendations[") && at.ends_with("].confidence")
    });
    let confidence = confidence.unwrap_or_else(|| panic!("{replayed:#}"));
    assert_ne!(confidence["recorded"], confidence["replayed"]);
    let words = user.text(&["replay", "run.json", "--with", &file]);
    says(
        &words,
        &["in place of", "Not the same", "confidence", "; now "],
    );
    assert!(
        words.lines().all(|line| line.chars().count() <= 100),
        "{words}"
    );

    // One that asks for what nobody recorded.
    let bytes = with_default("Trading days of the slow average", 50, 60);
    let file = user.write("slower.wasm", bytes);
    let replayed = user.json(&["replay", "run.json", "--with", &file]);
    let asked = replayed["not_recorded"].as_str().expect("it is told");
    says(asked, &["session.bars", "65"]);
    assert_eq!(rows(&replayed, "calls")[0]["asked"]["args"]["limit"], 65);
    assert_eq!(rows(&replayed, "calls")[0]["recorded"]["args"]["limit"], 55);
    // And another plugin altogether, by its name.
    let replayed = user.json(&["replay", "run.json", "--with", "rsi-mean-reversion"]);
    assert_eq!(replayed["plugin"]["name"], "rsi-mean-reversion");
}

#[test]
fn a_binary_that_is_not_there_is_named_with_what_to_do() {
    let user = demo();
    let bytes = changed(
        files::plugin("floating-pl-per-expert"),
        "Total P/L",
        "Whole P/L",
    );
    let file = user.write("mine.wasm", bytes);
    user.text(&[
        "widget",
        "render",
        &file,
        "--grant-all",
        "--record",
        "view.json",
    ]);
    let told = user.fails(&["replay", "view.json"]);
    let recording: Json = serde_json::from_str(&read(&user, "view.json")).expect("a document");
    let digest = recording["plugin"]["digest"].as_str().expect("a digest");
    says(&told, &["floating-pl-per-expert 0.1.0", digest, "--with"]);
    is_identical(&user.json(&["replay", "view.json", "--with", &file]));
    // Installed, it is found by its digest.
    user.text(&["plugin", "install", &file, "--grant-all"]);
    is_identical(&user.json(&["replay", "view.json"]));
}

#[test]
fn a_result_that_somebody_changed_is_found_out() {
    let user = demo();
    user.text(&["expert", "run", "1", "--record", "run.json"]);
    let mut recording: Json = serde_json::from_str(&read(&user, "run.json")).expect("a document");
    recording["result"]["recommendations"][0]["confidence"] = json!("99.5");
    let file = user.write("changed.json", recording.to_string());
    let ran = user.run(&["replay", &file]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    says(&ran.stdout, &["Not the same", "was 99.5; now "]);
    says(&ran.stderr, &["did not give again what was recorded"]);
}

#[test]
fn a_call_that_fails_is_recorded_and_fails_as_it_would() {
    let user = demo();
    let file = user.guest("fails");
    let render = [
        "widget",
        "render",
        &file,
        "--grant-all",
        "--record",
        "view.json",
    ];
    let told = user.fails(&render);
    says(&told, &["failed on purpose", "recorded in view.json"]);
    is_identical(&user.json(&["replay", "view.json", "--with", &file]));
}

#[test]
fn where_nothing_can_be_recorded_nothing_is_called() {
    let user = demo();
    for arguments in [
        &["expert", "run", "1", "--record", "no/such/folder.json"][..],
        &["expert", "run", "1", "--record", "."],
        &[
            "widget",
            "render",
            files::WIDGETS[0],
            "--record",
            "no/such/folder.json",
        ],
    ] {
        user.fails(arguments);
    }
    let stored = user.json(&["recommendation", "list"]);
    assert!(rows(&stored, "recommendations").is_empty());
    // A recording is of one call.
    says(
        &user.misuses(&["expert", "run", "--all", "--record", "run.json"]),
        &["--all", "--record"],
    );
}

#[test]
fn a_document_that_is_no_recording_is_refused_with_its_path() {
    let user = User::new();
    let book = user.write("book.json", files::demo().to_string());
    says(
        &user.fails(&["replay", &book]),
        &["book.json", "format", "lombard-recording/1"],
    );
    let empty = user.write("empty.json", "");
    says(&user.fails(&["replay", &empty]), &["EOF"]);
    says(
        &user.fails(&["replay", "gone.json"]),
        &["gone.json", "check the path"],
    );
    says(&user.fails(&["replay", "."]), &["can't be read"]);
    assert!(!user.database().exists());
}
