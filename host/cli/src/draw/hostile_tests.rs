//! What no view can do to a terminal, whatever its plugin put into it.
//!
//! Owns: those promises. Must not know: how anything is drawn.

use lombard_model::view::{
    BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Point, Row, Stack, Stat, Table, View,
};
use lombard_model::{Decimal, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{Style, key_values, table, view};

fn texts() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{9b}31m",
        "\n",
        "\r",
        "\t",
        "\u{202e}",
        "\u{200b}",
        "\u{301}",
        "東",
        "😀",
        "👩\u{200d}👧",
        "\u{fe0f}",
        "",
    ]);
    let piece = prop_oneof![
        any::<String>(),
        nasty.prop_map(String::from),
        "[a-z ]{0,30}"
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn decimals() -> impl Strategy<Value = Decimal> {
    let edges = prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1, 1]);
    (
        prop_oneof![any::<i64>(), edges, -1_000_000_i64..1_000_000],
        0_u32..=28,
    )
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn times() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros)
}

fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Absent),
        texts().prop_map(Cell::Text),
        any::<i64>().prop_map(Cell::Integer),
        decimals().prop_map(Cell::Decimal),
        times().prop_map(Cell::Time),
    ]
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL)
}

fn tables() -> impl Strategy<Value = Table> {
    let column = (texts(), kinds()).prop_map(|(label, kind)| Column {
        key: label.clone(),
        label,
        kind,
    });
    let row = vec(cells(), 0..9).prop_map(|cells| Row { id: None, cells });
    (vec(column, 0..9), vec(row, 0..6)).prop_map(|(columns, rows)| Table { columns, rows })
}

fn bars() -> impl Strategy<Value = BarSeries> {
    let stack = (texts(), vec(prop::option::of(decimals()), 0..9))
        .prop_map(|(label, lengths)| Stack { label, lengths });
    (texts(), kinds(), vec(texts(), 0..9), vec(stack, 0..5)).prop_map(
        |(label, kind, parts, stacks)| BarSeries {
            label,
            kind,
            parts,
            stacks,
        },
    )
}

fn lines() -> impl Strategy<Value = LineSeries> {
    let point = (times(), decimals()).prop_map(|(at, value)| Point { at, value });
    let line = (texts(), vec(point, 0..200)).prop_map(|(label, points)| Line { label, points });
    (texts(), kinds(), vec(line, 0..4)).prop_map(|(label, kind, lines)| LineSeries {
        label,
        kind,
        lines,
    })
}

fn blocks() -> impl Strategy<Value = Block> {
    let stat = (texts(), kinds(), cells()).prop_map(|(label, kind, value)| {
        Block::Stat(Stat {
            key: label.clone(),
            label,
            kind,
            value,
        })
    });
    prop_oneof![
        stat,
        tables().prop_map(Block::Table),
        bars().prop_map(Block::Bars),
        lines().prop_map(Block::Lines),
        texts().prop_map(Block::Text),
        texts().prop_map(Block::Empty),
        texts().prop_map(Block::Warning),
    ]
}

fn views() -> impl Strategy<Value = View> {
    (texts(), vec(blocks(), 0..6)).prop_map(|(title, blocks)| View { title, blocks })
}

fn styles() -> impl Strategy<Value = Style> {
    let widths = prop_oneof![Just(0_usize), Just(usize::MAX), 40_usize..200];
    (any::<bool>(), widths, any::<bool>()).prop_map(|(color, width, unicode)| Style {
        color,
        width,
        unicode,
    })
}

/// The text without our own colours: `ESC [ digits m` and nothing else.
fn without_colors(text: &str) -> Option<String> {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next()?.to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('m')?;
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push_str(rest);
    }
    Some(plain)
}

fn hides_or_moves(c: char) -> bool {
    let bidi =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}');
    bidi || (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn check(drawn: &str, style: Style) -> Result<(), TestCaseError> {
    if !style.color {
        prop_assert!(!drawn.contains('\u{1b}'), "{drawn:?}");
    }
    let plain =
        without_colors(drawn).ok_or_else(|| TestCaseError::fail("an escape of a stranger"))?;
    prop_assert!(!plain.contains(hides_or_moves), "{plain:?}");
    prop_assert!(style.unicode || plain.is_ascii(), "{plain:?}");
    for line in plain.lines() {
        prop_assert!(line.width() <= style.width.clamp(40, 1000), "{line:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_view_moves_the_cursor_hides_or_runs_over_the_edge(drawn in views(), style in styles()) {
        check(&view(&drawn, style), style)?;
    }

    #[test]
    fn no_list_does_either(drawn in tables(), style in styles()) {
        let columns: Vec<_> = drawn.columns.iter().map(|c| (c.label.as_str(), c.kind)).collect();
        let rows: Vec<_> = drawn.rows.iter().map(|row| row.cells.clone()).collect();
        check(&table(&columns, &rows, style), style)?;
    }

    #[test]
    fn nor_do_fields(entries in vec((texts(), kinds(), cells()), 0..6), style in styles()) {
        let entries: Vec<_> = entries.iter().map(|(l, k, c)| (l.as_str(), *k, c.clone())).collect();
        check(&key_values(&entries, style), style)?;
    }
}
