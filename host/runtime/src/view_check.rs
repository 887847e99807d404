//! Taking a view from a guest.
//!
//! Owns: what makes a view showable: rows that fit their columns, keys that
//! can be keys, numbers that are numbers, not too many or too long. Its texts may
//! hold anything: whoever draws them escapes them.

use std::collections::BTreeSet;

use lombard_model::view::{
    BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Point, Row, Stack, Stat, Table, View,
};
use lombard_model::{Decimal, DecimalError, Limit, Limits, Timestamp};

use crate::CallError;
use crate::bindings::{types, views as wit};
use crate::call::bounded_text;
use crate::limits::wide;

/// Columns of a table, parts of a bar, lines of a chart, blocks of a view.
const MAX_ACROSS: usize = 200;

/// Checks a view and takes it over, within these limits.
///
/// # Errors
/// The first fault, in words for the plugin's author.
pub(crate) fn take(view: wit::View, limits: &Limits) -> Result<View, CallError> {
    across("blocks", view.blocks.len())?;
    let mut taking = Taking { limits, rows: 0 };
    let title = taking.text(view.title)?;
    let blocks = view.blocks.into_iter().map(|one| block(one, &mut taking));
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    let keys = blocks.iter().filter_map(|block| match block {
        Block::Stat(stat) => Some(stat.key.as_str()),
        _ => None,
    });
    distinct("stats", keys)?;
    Ok(View { title, blocks })
}

/// A view that is being taken.
struct Taking<'l> {
    limits: &'l Limits,
    /// Rows, bars and points so far.
    rows: usize,
}

impl Taking<'_> {
    fn rows(&mut self, more: usize) -> Result<(), CallError> {
        self.rows = self.rows.saturating_add(more);
        match self.rows > self.limits.size(Limit::ViewRows) {
            true => Err(self
                .limits
                .exceeded(Limit::ViewRows, Some(wide(self.rows)))
                .into()),
            false => Ok(()),
        }
    }

    fn text(&self, text: String) -> Result<String, CallError> {
        bounded_text(self.limits, &text)?;
        Ok(text)
    }
}

fn across(what: &str, count: usize) -> Result<(), CallError> {
    if count > MAX_ACROSS {
        return Err(CallError::View(format!(
            "it has {count} {what}, at most {MAX_ACROSS} fit"
        )));
    }
    Ok(())
}

fn block(block: wit::Block, taking: &mut Taking<'_>) -> Result<Block, CallError> {
    Ok(match block {
        wit::Block::Stat(stat) => Block::Stat(Stat {
            key: key(stat.key)?,
            label: taking.text(stat.label)?,
            kind: kind(stat.kind),
            value: cell(stat.value, taking)?,
        }),
        wit::Block::Table(one) => Block::Table(table(one, taking)?),
        wit::Block::Bars(bars) => Block::Bars(bar_series(bars, taking)?),
        wit::Block::Lines(lines) => Block::Lines(line_series(lines, taking)?),
        wit::Block::Text(text) => Block::Text(taking.text(text)?),
        wit::Block::Empty(text) => Block::Empty(taking.text(text)?),
        wit::Block::Warning(text) => Block::Warning(taking.text(text)?),
    })
}

fn table(table: wit::Table, taking: &mut Taking<'_>) -> Result<Table, CallError> {
    across("columns", table.columns.len())?;
    taking.rows(table.rows.len())?;
    let columns = table.columns.into_iter().map(|column| {
        Ok(Column {
            key: key(column.key)?,
            label: taking.text(column.label)?,
            kind: kind(column.kind),
        })
    });
    let columns = columns.collect::<Result<Vec<_>, CallError>>()?;
    distinct("columns", columns.iter().map(|column| column.key.as_str()))?;
    let width = columns.len();
    let rows = table.rows.into_iter().map(|row| {
        if row.cells.len() != width {
            let cells = row.cells.len();
            let fault = format!("a row has {cells} cells in a table of {width} columns");
            return Err(CallError::View(fault));
        }
        let cells = row.cells.into_iter().map(|one| cell(one, taking));
        let cells = cells.collect::<Result<_, _>>()?;
        Ok(Row { id: row.id, cells })
    });
    Ok(Table {
        rows: rows.collect::<Result<_, _>>()?,
        columns,
    })
}

fn bar_series(bars: wit::BarSeries, taking: &mut Taking<'_>) -> Result<BarSeries, CallError> {
    across("parts", bars.parts.len())?;
    taking.rows(bars.stacks.len())?;
    let width = bars.parts.len();
    let stacks = bars.stacks.into_iter().map(|stack| {
        if stack.lengths.len() != width {
            let lengths = stack.lengths.len();
            let fault = format!("a bar has {lengths} lengths in a series of {width} parts");
            return Err(CallError::View(fault));
        }
        let lengths = stack
            .lengths
            .into_iter()
            .map(|length| length.map(decimal).transpose());
        Ok(Stack {
            label: taking.text(stack.label)?,
            lengths: lengths.collect::<Result<_, _>>()?,
        })
    });
    let stacks = stacks.collect::<Result<_, _>>()?;
    let parts = bars.parts.into_iter().map(|part| taking.text(part));
    Ok(BarSeries {
        label: taking.text(bars.label)?,
        kind: kind(bars.kind),
        parts: parts.collect::<Result<_, _>>()?,
        stacks,
    })
}

fn line_series(series: wit::LineSeries, taking: &mut Taking<'_>) -> Result<LineSeries, CallError> {
    across("lines", series.lines.len())?;
    let lines = series.lines.into_iter().map(|line| {
        taking.rows(line.points.len())?;
        let points = line.points.into_iter().map(|point| {
            Ok(Point {
                at: Timestamp::from_micros(point.at),
                value: decimal(point.value)?,
            })
        });
        Ok(Line {
            label: taking.text(line.label)?,
            points: points.collect::<Result<_, CallError>>()?,
        })
    });
    let lines = lines.collect::<Result<_, CallError>>()?;
    Ok(LineSeries {
        label: taking.text(series.label)?,
        kind: kind(series.kind),
        lines,
    })
}

fn decimal(number: types::Decimal) -> Result<Decimal, DecimalError> {
    number.try_into()
}

fn cell(cell: wit::Cell, taking: &Taking<'_>) -> Result<Cell, CallError> {
    Ok(match cell {
        wit::Cell::Absent => Cell::Absent,
        wit::Cell::Text(text) => Cell::Text(taking.text(text)?),
        wit::Cell::Integer(number) => Cell::Integer(number),
        wit::Cell::Decimal(number) => Cell::Decimal(decimal(number)?),
        wit::Cell::Time(micros) => Cell::Time(Timestamp::from_micros(micros)),
    })
}

fn kind(kind: wit::Kind) -> Kind {
    match kind {
        wit::Kind::Text => Kind::Text,
        wit::Kind::Integer => Kind::Integer,
        wit::Kind::Money => Kind::Money,
        wit::Kind::Percent => Kind::Percent,
        wit::Kind::Quantity => Kind::Quantity,
        wit::Kind::Time => Kind::Time,
    }
}

fn key(key: String) -> Result<String, CallError> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=64).contains(&key.len()) && key.bytes().all(good) && key != "id" {
        return Ok(key);
    }
    let shown: String = key.chars().take(64).flat_map(char::escape_debug).collect();
    let fault = format!("`{shown}` is not a key: 1 to 64 of a to z, 0 to 9 and `_`, not `id`");
    Err(CallError::View(fault))
}

fn distinct<'k>(what: &str, keys: impl Iterator<Item = &'k str>) -> Result<(), CallError> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(CallError::View(format!("two {what} have the key `{key}`")));
        }
    }
    Ok(())
}
