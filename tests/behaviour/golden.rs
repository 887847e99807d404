//! The numbers: every golden scenario through the real widgets.
//!
//! Owns: comparing a view with what a scenario expects. Must not know: how the
//! numbers are calculated.

use lombard_model::view::{Block, Cell, Table, View};
use lombard_model::{CallCost, Decimal};
use lombard_runtime::Host;
use serde_json::Value as Json;

use crate::support::files::{WIDGETS, goldens};
use crate::support::{Setup, all_connections_are_back, render, stat};

#[tokio::test]
async fn every_golden_scenario_comes_out_row_for_row() {
    let goldens = goldens();
    assert!(
        goldens.len() >= 5,
        "scenarios are missing: {}",
        goldens.len()
    );
    for golden in goldens {
        let host = Setup::one_connection().open().await;
        host.import(golden.dataset).await.unwrap();
        for widget in WIDGETS {
            let (view, cost) = show(&host, widget).await;
            let place = format!("{} / {widget}", golden.name);
            compare(&view, &golden.expected[widget], &place);
            lean(&cost, &place);
        }
        all_connections_are_back(host.store()).await;
    }
}

#[tokio::test]
async fn importing_a_scenario_again_writes_nothing_and_changes_no_view() {
    for golden in goldens() {
        let host = Setup::one_connection().open().await;
        let first = host.import(golden.dataset.clone()).await.unwrap();
        assert!(first.written > 0, "{}: nothing was imported", golden.name);
        let before = show_all(&host).await;
        let again = host.import(golden.dataset).await.unwrap();
        assert_eq!(again.written, 0, "{}", golden.name);
        assert_eq!(again.orders, first.orders, "{}", golden.name);
        assert_eq!(show_all(&host).await, before, "{}", golden.name);
    }
}

async fn show(host: &Host, widget: &str) -> (View, CallCost) {
    let plugin = host.plugin(widget).await.expect("a bundled widget");
    let rendered = render(host, &plugin).await.expect("a view");
    (rendered.view, rendered.cost)
}

async fn show_all(host: &Host) -> Vec<View> {
    let mut views = Vec::new();
    for widget in WIDGETS {
        views.push(show(host, widget).await.0);
    }
    views
}

fn lean(cost: &CallCost, place: &str) {
    assert_eq!(
        (cost.sessions, cost.connections),
        (1, 1),
        "{place}: {cost:?}"
    );
    assert!((1..=5).contains(&cost.statements), "{place}: {cost:?}");
}

fn compare(view: &View, expected: &Json, place: &str) {
    let wanted = expected["rows"].as_array().expect("rows");
    let rows = table(view).map_or_else(Vec::new, rows_of);
    assert_eq!(rows.len(), wanted.len(), "{place}: {rows:?}");
    for (at, (row, wanted)) in rows.iter().zip(wanted).enumerate() {
        let wanted = wanted.as_object().expect("a row");
        assert_eq!(row.len(), wanted.len(), "{place}, row {at}: {row:?}");
        for (key, cell) in row {
            let wanted = wanted
                .get(key)
                .unwrap_or_else(|| panic!("{place}: `{key}` is new"));
            same(cell, wanted, &format!("{place}, row {at}, {key}"));
        }
    }
    let totals = expected.as_object().expect("an object");
    let totals: Vec<_> = totals.iter().filter(|(key, _)| *key != "rows").collect();
    assert!(!totals.is_empty(), "{place}: no total is expected");
    for (key, wanted) in totals {
        same(&stat(view, key), wanted, &format!("{place}, {key}"));
    }
}

fn table(view: &View) -> Option<&Table> {
    view.blocks.iter().find_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}

fn rows_of(table: &Table) -> Vec<Vec<(String, Cell)>> {
    let rows = table.rows.iter().map(|row| {
        let id = row.id.expect("a row has an id");
        let id = Cell::Integer(id.try_into().expect("a small id"));
        let keys = table.columns.iter().map(|column| column.key.clone());
        let cells = keys.zip(row.cells.iter().cloned());
        std::iter::once(("id".to_owned(), id))
            .chain(cells)
            .collect()
    });
    rows.collect()
}

fn same(cell: &Cell, wanted: &Json, place: &str) {
    let equal = match (cell, wanted) {
        (Cell::Absent, Json::Null) => true,
        (Cell::Integer(number), Json::Number(wanted)) => Some(*number) == wanted.as_i64(),
        (Cell::Decimal(number), Json::String(wanted)) => {
            let wanted: Decimal = wanted.parse().expect("a decimal");
            (*number - wanted).abs() <= Decimal::new(1, 6)
        }
        (Cell::Text(text), Json::String(wanted)) => text == wanted,
        _ => false,
    };
    assert!(equal, "{place}: {cell:?} is not {wanted}");
}
