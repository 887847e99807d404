//! The golden scenarios through `lombard import` and `lombard widget render`.
//!
//! Owns: comparing what is printed with what a scenario expects. Must not
//! know: how the numbers are calculated.

use std::fs;
use std::path::{Path, PathBuf};

use lombard_model::Decimal;
use serde_json::Value as Json;

use super::{User, rows};

#[test]
fn every_golden_scenario_is_printed_row_for_row() {
    let scenarios = scenarios();
    assert!(
        scenarios.len() >= 5,
        "scenarios are missing: {}",
        scenarios.len()
    );
    for (name, scenario) in scenarios {
        let user = User::with(&scenario["dataset"]);
        let expected = scenario["expected"].as_object().unwrap();
        assert_eq!(expected.len(), 3, "{name}");
        for (widget, expected) in expected {
            let printed = user.json(&["widget", "render", widget]);
            compare(&printed["view"], expected, &format!("{name}, {widget}"));
        }
    }
}

#[test]
fn importing_a_scenario_again_writes_nothing_and_prints_the_same() {
    for (name, scenario) in scenarios() {
        let user = User::new();
        let widgets: Vec<_> = scenario["expected"].as_object().unwrap().keys().collect();
        let views = || -> Vec<Json> {
            let view = |widget: &&String| user.json(&["widget", "render", widget])["view"].take();
            widgets.iter().map(view).collect()
        };
        let first = user.import(&scenario["dataset"]);
        assert!(first["written"].as_u64() > Some(0), "{name}: {first}");
        let before = views();
        let again = user.import(&scenario["dataset"]);
        assert_eq!(again["written"], 0, "{name}: {again}");
        assert_eq!(again["orders"], first["orders"], "{name}");
        assert_eq!(views(), before, "{name}");
    }
}

fn scenarios() -> Vec<(String, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let entries = fs::read_dir(folder).expect("the golden scenarios");
    let read = |path: PathBuf| {
        let text = fs::read(&path).expect("a scenario");
        let scenario = serde_json::from_slice(&text).expect("a scenario is JSON");
        (path.display().to_string(), scenario)
    };
    entries
        .map(|entry| read(entry.expect("an entry").path()))
        .collect()
}

pub(crate) fn compare(view: &Json, expected: &Json, place: &str) {
    let blocks = rows(view, "blocks");
    let table = blocks.iter().find(|block| block["type"] == "table");
    let printed = table.map_or(&[][..], |table| rows(table, "rows"));
    let wanted = rows(expected, "rows");
    assert_eq!(printed.len(), wanted.len(), "{place}: {printed:?}");
    for (at, (row, wanted)) in printed.iter().zip(wanted).enumerate() {
        let wanted = wanted.as_object().expect("a row");
        assert_eq!(
            row.as_object().expect("a row").len(),
            wanted.len(),
            "{place}: {row}"
        );
        for (key, wanted) in wanted {
            same(&row[key], wanted, &format!("{place}, row {at}, {key}"));
        }
    }
    let totals = expected.as_object().expect("an object").iter();
    let totals: Vec<_> = totals.filter(|(key, _)| *key != "rows").collect();
    assert!(!totals.is_empty(), "{place}: no total is expected");
    for (key, wanted) in totals {
        let stat = blocks
            .iter()
            .find(|block| block["type"] == "stat" && block["key"] == **key);
        let stat = stat.unwrap_or_else(|| panic!("{place}: no stat `{key}` in {view}"));
        same(&stat["value"], wanted, &format!("{place}, {key}"));
    }
}

/// Numbers may differ by 0.000001, all else not at all.
fn same(printed: &Json, wanted: &Json, place: &str) {
    let number = |json: &Json| json.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let equal = match (number(printed), number(wanted)) {
        (Some(printed), Some(wanted)) => (printed - wanted).abs() <= Decimal::new(1, 6),
        _ => printed == wanted,
    };
    assert!(equal, "{place}: {printed} is not {wanted}");
}
