//! What no view can do to a page, whatever its plugin put into it.
//!
//! Owns: those promises. Must not know: how anything is drawn.

use lombard_model::view::{
    BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Point, Row, Stack, Stat, Table, View,
};
use lombard_model::{Decimal, Timestamp};

/// Texts that would be markup, leave an attribute, or turn what stands beside.
const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</td></table></section><h1>Mine</h1>",
    "<!--",
    "]]><style>body{display:none}</style>",
    "\u{202e}txt.exe\u{0}",
];

fn everywhere(text: &str) -> View {
    let owned = || text.to_owned();
    let column = Column {
        key: owned(),
        label: owned(),
        kind: Kind::Text,
    };
    let cells = vec![Cell::Text(owned()), Cell::Text(owned())];
    let point = Point {
        at: Timestamp::from_micros(0),
        value: Decimal::ONE,
    };
    View {
        title: owned(),
        blocks: vec![
            Block::Stat(Stat {
                key: owned(),
                label: owned(),
                kind: Kind::Money,
                value: Cell::Text(owned()),
            }),
            Block::Table(Table {
                columns: vec![column.clone(), column],
                rows: vec![Row { id: None, cells }],
            }),
            Block::Bars(BarSeries {
                label: owned(),
                kind: Kind::Percent,
                parts: vec![owned()],
                stacks: vec![Stack {
                    label: owned(),
                    lengths: vec![Some(Decimal::ONE)],
                }],
            }),
            Block::Lines(LineSeries {
                label: owned(),
                kind: Kind::Money,
                lines: vec![Line {
                    label: owned(),
                    points: vec![point],
                }],
            }),
            Block::Text(owned()),
            Block::Empty(owned()),
            Block::Warning(owned()),
        ],
    }
}

/// The names of all elements and attributes, as a browser would find them:
/// values are in double quotes, always.
fn names(html: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = html;
    while let Some(begin) = rest.find('<') {
        let end = begin + rest[begin..].find('>').expect("a tag ends");
        let tag = rest[begin + 1..end].trim_start_matches('/');
        let outside = tag.split('"').step_by(2);
        names.extend(outside.flat_map(str::split_whitespace).map(str::to_owned));
        rest = &rest[end + 1..];
    }
    names
}

#[test]
fn no_text_becomes_markup_in_any_place() {
    let tame = names(&super::view(&everywhere("tame")).into_string());
    assert!(tame.len() > 50, "{tame:?}");
    for text in HOSTILE {
        let html = super::view(&everywhere(text)).into_string();
        assert_eq!(names(&html), tame, "{html}");
        assert!(
            !html.contains('\u{202e}') && !html.contains('\u{0}'),
            "{html}"
        );
    }
}
