//! `lombard bench`.
//!
//! Owns: the shape of what it prints. Must not know: how fast anything is.

use serde_json::json;

use super::{User, has_keys, rows, says};
use crate::support::files::WIDGETS;

#[test]
fn every_widget_is_measured_beside_native_rust_for_each_size() {
    let user = User::new();
    let sizes = [
        "--transactions",
        "20",
        "--transactions",
        "40",
        "--renders",
        "3",
    ];
    let measured = user.json(&[&["bench"][..], &sizes].concat());
    has_keys(&measured["machine"], &["os", "arch", "cores"]);
    let runs = rows(&measured, "runs");
    let expected: Vec<_> = [20, 40]
        .into_iter()
        .flat_map(|size| WIDGETS.map(|name| (json!(name), json!(size))))
        .collect();
    let found: Vec<_> = runs
        .iter()
        .map(|run| (run["widget"].clone(), run["transactions"].clone()))
        .collect();
    assert_eq!(found, expected);
    for run in runs {
        for side in ["wasm_us", "native_us"] {
            let [p50, p99] = ["p50", "p99"].map(|at| run[side][at].as_f64().unwrap());
            assert!(0.0 < p50 && p50 <= p99, "{run}");
        }
        assert!(run["ratio"].as_f64() > Some(0.0), "{run}");
        assert_eq!((&run["sessions"], &run["accounts"]), (&json!(1), &json!(2)));
        // On data that has not changed it reads nothing.
        for zero in ["unchanged_sessions", "unchanged_statements"] {
            assert_eq!(run[zero], 0, "{run}");
        }
        assert!(run["unchanged_us"]["p50"].as_f64() > Some(0.0), "{run}");
        let is_there_row_by_row = run["widget"] == WIDGETS[0];
        assert_eq!(run.get("naive_us").is_some(), is_there_row_by_row, "{run}");
        if is_there_row_by_row {
            assert_eq!(run["naive_sessions"], 1);
            assert!(run["naive_statements"].as_u64() <= Some(6), "{run}");
        }
        assert!(
            (1..=5).contains(&run["statements"].as_u64().unwrap()),
            "{run}"
        );
    }
    assert!(
        !user.database().exists(),
        "it measures on a database of its own"
    );
}

#[test]
fn it_leaves_its_databases_where_it_is_told() {
    let user = User::new();
    let folder = user.path("kept").display().to_string();
    let sizes = ["--transactions", "20", "--renders", "1", "--keep", &folder];
    user.json(&[&["bench"][..], &sizes].concat());
    let kept = user
        .path("kept")
        .join("bench-20.sqlite")
        .display()
        .to_string();
    let accounts = user.json(&["--db", &kept, "account", "list"]);
    assert_eq!(rows(&accounts, "accounts").len(), 2);
}

#[test]
fn its_table_names_every_widget_and_column_in_full() {
    let user = User::new();
    let words = user.text(&["bench", "--transactions", "20", "--renders", "1"]);
    // Shortened where the line is full.
    says(&words, &WIDGETS.map(|name| &name[..12]));
    says(
        &words,
        &[
            "Widget",
            "Trades",
            "Native",
            "Naive",
            "Same",
            "Sessions",
            "Statements",
            "microseconds",
        ],
    );
    assert!(
        words.lines().all(|line| line.chars().count() <= 100),
        "{words}"
    );
}
