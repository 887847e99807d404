//! Views that are written, read and written again.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn decimals() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u32..=18).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL)
}

/// Any value, be it of the column's kind or not.
fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Absent),
        any::<String>().prop_map(Cell::Text),
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?".prop_map(Cell::Text),
        any::<i64>().prop_map(Cell::Integer),
        decimals().prop_map(Cell::Decimal),
        any::<i64>().prop_map(|micros| Cell::Time(Timestamp::from_micros(micros))),
    ]
}

fn tables() -> impl Strategy<Value = Block> {
    let rows = prop::collection::vec(
        (any::<Option<u64>>(), prop::collection::vec(cells(), 3)),
        0..4,
    );
    (prop::collection::vec(kinds(), 3), any::<String>(), rows).prop_map(|(kinds, label, rows)| {
        let columns = kinds.into_iter().zip(["a", "b", "c"]);
        let columns = columns.map(|(kind, key)| Column {
            key: key.to_owned(),
            label: label.clone(),
            kind,
        });
        let rows = rows.into_iter().map(|(id, cells)| Row { id, cells });
        Block::Table(Table {
            columns: columns.collect(),
            rows: rows.collect(),
        })
    })
}

fn series() -> impl Strategy<Value = Block> {
    let lengths = prop::collection::vec(prop::option::of(decimals()), 2);
    let stacks = prop::collection::vec((any::<String>(), lengths), 0..4);
    (any::<String>(), kinds(), stacks).prop_map(|(label, kind, stacks)| {
        let stacks = stacks.into_iter();
        let stacks = stacks.map(|(label, lengths)| Stack { label, lengths });
        Block::Bars(BarSeries {
            parts: vec![label.clone(), "rest".to_owned()],
            label,
            kind,
            stacks: stacks.collect(),
        })
    })
}

fn lines() -> impl Strategy<Value = Block> {
    let points = prop::collection::vec((any::<i64>(), decimals()), 0..4);
    (any::<String>(), kinds(), points).prop_map(|(label, kind, points)| {
        let points = points.into_iter().map(|(micros, value)| Point {
            at: Timestamp::from_micros(micros),
            value,
        });
        let line = Line {
            label: label.clone(),
            points: points.collect(),
        };
        let lines = vec![line];
        Block::Lines(LineSeries { label, kind, lines })
    })
}

fn views() -> impl Strategy<Value = View> {
    let stat = (any::<String>(), kinds(), cells()).prop_map(|(label, kind, value)| {
        let key = "key".to_owned();
        Block::Stat(Stat {
            key,
            label,
            kind,
            value,
        })
    });
    let block = prop_oneof![
        stat,
        tables(),
        series(),
        lines(),
        any::<String>().prop_map(Block::Text),
        any::<String>().prop_map(Block::Empty),
        any::<String>().prop_map(Block::Warning),
    ];
    (any::<String>(), prop::collection::vec(block, 0..4))
        .prop_map(|(title, blocks)| View { title, blocks })
}

proptest! {
    #[test]
    fn what_was_written_is_read_and_written_as_the_same(view in views()) {
        let written = serde_json::to_value(&view).unwrap();
        let read = View::from_json(&written).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), written.clone());
        // What was read once is read as itself.
        prop_assert_eq!(View::from_json(&written).unwrap(), read);
    }
}

fn with(block: &Json) -> Result<View> {
    View::from_json(&json!({ "title": "", "blocks": [block] }))
}

#[test]
fn cells_are_what_their_column_says_where_they_are_written_so() {
    let read = |kind: &str, value: Json| {
        let stat = json!({"type": "stat", "key": "k", "label": "", "kind": kind, "value": value});
        match with(&stat).unwrap().blocks.remove(0) {
            Block::Stat(stat) => stat.value,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read("money", json!("1.5")), Decimal::new(15, 1).into());
    assert_eq!(read("money", json!("1.50")), "1.50".into());
    assert_eq!(read("text", json!("1.5")), "1.5".into());
    assert_eq!(read("integer", json!(7)), 7_i64.into());
    assert_eq!(read("money", json!(null)), Cell::Absent);
    let noon = "2025-10-10T12:00:00Z";
    assert_eq!(
        read("time", json!(noon)),
        Timestamp::from_str(noon).unwrap().into()
    );
    assert_eq!(
        read("time", json!("2025-10-10T14:00:00+02:00")),
        "2025-10-10T14:00:00+02:00".into()
    );
}

#[test]
fn nothing_else_is_taken_for_a_view() {
    let table = |rows: Json| {
        let columns = [json!({"key": "a", "label": "A", "kind": "text"})];
        json!({"type": "table", "columns": columns, "rows": rows})
    };
    assert!(with(&table(json!([{"id": 1, "a": "x"}, {"a": null}]))).is_ok());
    let bad = [
        (json!({"type": "script", "text": "x"}), "blocks[0].type"),
        (json!({"type": "text"}), "blocks[0].text"),
        (json!({"type": "text", "text": 1}), "blocks[0].text"),
        (json!({"type": "text", "text": "x", "more": 1}), "blocks[0]"),
        (table(json!([{}])), "blocks[0].rows[0].a"),
        (table(json!([{"a": 1.5}])), "blocks[0].rows[0].a"),
        (table(json!([{"a": ["x"]}])), "blocks[0].rows[0].a"),
        (table(json!([{"a": "x", "b": "y"}])), "blocks[0].rows[0]"),
        (table(json!([{"a": "x", "id": -1}])), "blocks[0].rows[0].id"),
        (
            table(json!(vec![json!({"a": null}); MAX_ROWS + 1])),
            "blocks[0].rows",
        ),
    ];
    for (block, path) in bad {
        assert_eq!(with(&block).unwrap_err().path, path);
    }
    for bad in [json!(null), json!([]), json!({"title": "x"})] {
        assert!(View::from_json(&bad).is_err(), "{bad}");
    }
    let blocks = vec![json!({"type": "text", "text": ""}); MAX_ACROSS + 1];
    let error = View::from_json(&json!({"title": "", "blocks": blocks})).unwrap_err();
    assert_eq!(error.path, "view.blocks");
}
