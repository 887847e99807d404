//! The helper for plugins in C, called as a plugin calls it.
//!
//! Owns: what its decimals, texts and views have to come to. Must not know: how
//! they are made; `helper.c` makes one of each.

use std::fs;

use serde_json::{Value as Json, json};

use super::super::rows;
use super::Author;

/// The blocks that `helper.c` shows.
fn shown() -> Vec<Json> {
    let author = Author::new();
    let project = author.new_plugin("helper", "widget", "c");
    fs::write(project.join("src/plugin.c"), include_str!("helper.c")).expect("a file");
    let ran = author.json(&project, &["plugin", "run"]);
    rows(&ran["view"], "blocks").to_vec()
}

#[test]
fn decimals_are_exact_texts_whole_and_views_as_they_were_put_together() {
    let shown = shown();
    let (stats, parts) = shown.split_at(shown.len() - 5);
    let stats: Vec<_> = stats
        .iter()
        .map(|one| (&one["key"], &one["value"]))
        .collect();
    let expected = [
        ("sum", json!("0.3")),
        ("difference", json!("-0.005")),
        ("product", json!("-1.21")),
        // As many places as are shown, half to even.
        ("quotient", json!("0.666666667")),
        ("there_and_back", json!("1")),
        ("opposite", json!("-0.3")),
        ("largest", json!("9223372036854775807")),
        ("half_of_twice", json!("9223372036854775807")),
        ("too_large_to_send", json!(null)),
        ("by_zero", json!(null)),
        ("no_such_scale", json!(null)),
        ("of_no_number", json!(null)),
        ("absent", json!("0")),
        ("same", json!(0)),
        ("less", json!(-1)),
        ("more", json!(1)),
    ];
    let expected = expected.map(|(key, value)| (json!(key), value));
    let expected: Vec<_> = expected.iter().map(|(key, value)| (key, value)).collect();
    assert_eq!(stats, expected);
    assert_eq!(
        parts,
        [
            json!({
                "type": "table",
                "columns": [
                    { "key": "what", "label": "What", "kind": "text" },
                    { "key": "when", "label": "When", "kind": "time" },
                ],
                "rows": [
                    { "id": 7, "what": "AAPL has 5, 100 %", "when": "1970-01-01T00:00:00Z" },
                    { "what": "none", "when": null },
                ],
            }),
            json!({
                "type": "bars", "label": "Bars", "kind": "money", "parts": ["used", "free"],
                "stacks": [{ "label": "A", "lengths": ["1.5", null] }],
            }),
            // What is no number has no point.
            json!({
                "type": "lines", "label": "Lines", "kind": "percent",
                "lines": [{
                    "label": "L",
                    "points": [["1970-01-01T00:00:00Z", "1"], ["1970-01-01T00:00:02Z", "2"]],
                }],
            }),
            json!({ "type": "text", "text": "AAPL has 5, 100 %!" }),
            json!({ "type": "warning", "text": "not sure" }),
        ]
    );
}
