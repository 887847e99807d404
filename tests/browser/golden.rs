//! The three widgets on the screen.
//!
//! Owns: that what is read there is what a scenario expects. Must not know: how
//! it is calculated.

use serde_json::{Value as Json, json};

use crate::browser::Browser;
use crate::host::{Host, golden};
use crate::pages::{WIDGETS, operator, whole};

const SCENARIOS: [&str; 5] = [
    "main",
    "healthy_small",
    "empty",
    "null_created_at",
    "position_price_null",
];

#[test]
fn the_overview_shows_the_golden_numbers() {
    let browser = Browser::open();
    for name in SCENARIOS {
        let scenario = golden(name);
        let host = Host::with(&scenario["dataset"]);
        crate::pages::log_in(&browser, &host, host.operator());
        for widget in WIDGETS {
            let expected = &scenario["expected"][widget];
            shows(&browser, widget, expected, &format!("{name}, {widget}"));
        }
        browser.go("about:blank");
    }
}

/// What somebody reads in a panel is what was expected, row for row.
fn shows(browser: &Browser, widget: &str, expected: &Json, place: &str) {
    let shown = read(browser, widget);
    let rows = shown["rows"].as_array().expect("rows");
    let wanted = expected["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), wanted.len(), "{place}: {shown}");
    for (row, wanted) in rows.iter().zip(wanted) {
        let place = format!("{place}, row {wanted}");
        let wanted = wanted.as_object().expect("a row");
        for (key, value) in wanted {
            match key.as_str() {
                "id" => assert_eq!(row["id"], value.to_string(), "{place}"),
                "expert" | "account" => assert_eq!(row["label"], *value, "{place}"),
                key => same(&row[key], value, &format!("{place}, {key}")),
            }
        }
    }
    let expected = expected.as_object().expect("what is expected");
    for (key, value) in expected.iter().filter(|(key, _)| *key != "rows") {
        same(&shown["stats"][key], value, &format!("{place}, {key}"));
    }
}

/// What stands in a panel: as it is written, and as the page has it exactly.
fn read(browser: &Browser, widget: &str) -> Json {
    let script = "
        const panel = document.getElementById(arguments[0]);
        const number = (cell) => {
          const data = cell.querySelector('data');
          return { written: cell.innerText, exact: data ? data.value : null };
        };
        const rows = [...panel.querySelectorAll('tr[data-id]')].map((line) => {
          const row = { id: line.dataset.id, label: line.querySelector('th').innerText };
          for (const cell of line.querySelectorAll('td[data-key]')) row[cell.dataset.key] = number(cell);
          return row;
        });
        const stats = {};
        for (const one of panel.querySelectorAll('.stats > div')) {
          stats[one.dataset.key] = number(one.querySelector('dd'));
        }
        return { rows, stats };";
    browser.run_with(script, &json!([format!("panel-{widget}")]))
}

/// A number as it is written says what was expected, and so does what is exact.
fn same(shown: &Json, wanted: &Json, place: &str) {
    let written = shown["written"].as_str();
    let written = written.unwrap_or_else(|| panic!("{place}: not shown: {shown}"));
    let Some(wanted) = wanted.as_str() else {
        assert_eq!(written.trim(), "–", "{place}");
        return;
    };
    let exact = shown["exact"].as_str().expect("a number");
    assert_eq!(plain(exact), plain(wanted), "{place}");
    assert_eq!(plain(written), plain(wanted), "{place}");
}

/// A number without what only makes it easier to read.
fn plain(number: &str) -> String {
    let digits = |c: &char| c.is_ascii_digit() || matches!(c, '.' | '-');
    let number: String = number.chars().filter(digits).collect();
    match number.contains('.') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number,
    }
}

/// One account that can't be reached hides no number of another's.
#[test]
fn a_broken_account_is_told_as_partial_in_words() {
    let host = Host::with(&golden("main")["dataset"]);
    let browser = operator(&host);
    let panel = "#panel-balance-usage-per-expert";
    assert_eq!(browser.text(&format!("{panel} .badge")), "Partial");
    let warnings = browser.text(&format!("{panel} .warnings"));
    assert!(warnings.contains("Broken"), "{warnings}");
    browser.go(&host.url("/accounts"));
    whole(&browser);
    let line = browser.run(
        "return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText)
           .find((text) => text.startsWith('Broken'))",
    );
    let line = line.as_str().expect("a line for it");
    assert!(line.contains("No"), "{line}");
}
