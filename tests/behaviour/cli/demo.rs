//! `lombard demo`.
//!
//! Owns: that a newcomer sees the whole of the main job. Must not know: the
//! figures of the bundled data.

use std::fs;

use serde_json::{Value as Json, json};

use super::{User, has_keys, rows, says};
use crate::support::files::WIDGETS;

#[test]
fn the_demo_shows_import_experts_widgets_and_what_each_call_cost() {
    let user = User::new();
    let words = user.text(&["demo"]);
    says(
        &words,
        &[
            "1. Imported",
            "2. Experts",
            "3. Widgets",
            "4. What each call cost",
        ],
    );
    says(
        &words,
        &[
            "Floating P/L per expert",
            "Floating P/L per account",
            "Balance usage per expert",
        ],
    );
    // What the original platform needed, to compare with.
    says(
        &words,
        &["201", "241", "63", "A session is", "a statement is"],
    );
    assert!(
        words.lines().all(|line| line.chars().count() <= 100),
        "{words}"
    );
}

#[test]
fn the_demo_is_printed_as_one_document_too() {
    let user = User::new();
    let shown = user.json(&["demo"]);
    has_keys(&shown, &["as_of", "imported", "original"]);
    let names: Vec<_> = rows(&shown, "widgets")
        .iter()
        .map(|one| one["plugin"]["name"].clone())
        .collect();
    assert_eq!(names, WIDGETS);
    assert!(rows(&shown, "experts").len() >= 2, "{shown}");
    for run in rows(&shown, "experts") {
        assert!(!rows(run, "recommendations").is_empty(), "{run}");
        costs_one_session(&run["cost"]);
    }
    for render in rows(&shown, "widgets") {
        costs_one_session(&render["cost"]);
        assert!(render["cost"]["statements"].as_u64() <= Some(5), "{render}");
    }
}

fn costs_one_session(cost: &Json) {
    assert_eq!(
        (&cost["sessions"], &cost["connections"]),
        (&json!(1), &json!(1)),
        "{cost}"
    );
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let user = User::new();
    user.text(&["demo"]);
    let left: Vec<_> = fs::read_dir(user.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
