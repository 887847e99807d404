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
        assert_eq!(run["sessions"], 1);
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
fn its_table_names_every_widget_and_column_in_full() {
    let user = User::new();
    let words = user.text(&["bench", "--transactions", "20", "--renders", "1"]);
    says(&words, &WIDGETS);
    says(
        &words,
        &[
            "Widget",
            "Trades",
            "Native",
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
