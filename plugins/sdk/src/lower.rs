//! From the records of the model to the generated ones.
//!
//! Owns: what goes to the host. A calculated number is rounded as the host
//! shows it; a setting is sent exactly or not at all.
//! Must not know: what the numbers mean.

use lombard_model::view::{BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Row};
use lombard_model::view::{Point, Stack, Stat, Table, View};
use lombard_model::{
    Action, Decimal, Recommendation, RiskLevel, SettingValue, TimeHorizon, WireDecimal,
};

use crate::Error;
use crate::bindings::{analysis, settings, types, views};

/// Lowers all of them, or none.
///
/// Not by `collect`, whose reuse of the memory takes more room than it saves.
pub(crate) fn all<T, R>(
    values: Vec<T>,
    lower: impl Fn(T) -> Result<R, Error>,
) -> Result<Vec<R>, Error> {
    let mut lowered = Vec::with_capacity(values.len());
    for value in values {
        lowered.push(lower(value)?);
    }
    Ok(lowered)
}

pub(crate) fn view(view: View) -> Result<views::View, Error> {
    Ok(views::View {
        title: view.title,
        blocks: all(view.blocks, block)?,
    })
}

pub(crate) fn recommendation(from: Recommendation) -> Result<analysis::Recommendation, Error> {
    Ok(analysis::Recommendation {
        symbol: from.symbol.as_str().to_owned(),
        action: match from.action {
            Action::Buy => analysis::Action::Buy,
            Action::Sell => analysis::Action::Sell,
            Action::Hold => analysis::Action::Hold,
        },
        confidence: rounded(from.confidence)?,
        risk: match from.risk {
            RiskLevel::Low => analysis::RiskLevel::Low,
            RiskLevel::Medium => analysis::RiskLevel::Medium,
            RiskLevel::High => analysis::RiskLevel::High,
        },
        horizon: match from.horizon {
            TimeHorizon::ShortTerm => analysis::TimeHorizon::ShortTerm,
            TimeHorizon::MediumTerm => analysis::TimeHorizon::MediumTerm,
            TimeHorizon::LongTerm => analysis::TimeHorizon::LongTerm,
        },
        expected_profit_percent: rounded(from.expected_profit_percent)?,
        explanation: from.explanation,
    })
}

pub(crate) fn setting(value: &SettingValue) -> Result<settings::Value, Error> {
    Ok(match value {
        SettingValue::Str(text) => settings::Value::Str(text.clone()),
        SettingValue::Int(number) => settings::Value::Int(*number),
        SettingValue::Float(number) => settings::Value::Float(*number),
        SettingValue::Decimal(number) => settings::Value::Decimal(exact(*number)?),
        SettingValue::Bool(yes) => settings::Value::Bool(*yes),
        SettingValue::Json(text) => settings::Value::Json(text.clone()),
        SettingValue::List(texts) => settings::Value::List(texts.clone()),
    })
}

fn block(block: Block) -> Result<views::Block, Error> {
    Ok(match block {
        Block::Stat(block) => views::Block::Stat(stat(block)?),
        Block::Table(block) => views::Block::Table(table(block)?),
        Block::Bars(block) => views::Block::Bars(bars(block)?),
        Block::Lines(block) => views::Block::Lines(lines(block)?),
        Block::Text(text) => views::Block::Text(text),
        Block::Empty(text) => views::Block::Empty(text),
        Block::Warning(text) => views::Block::Warning(text),
    })
}

fn stat(stat: Stat) -> Result<views::Stat, Error> {
    Ok(views::Stat {
        key: stat.key,
        label: stat.label,
        kind: kind(stat.kind),
        value: cell(stat.value)?,
    })
}

fn table(table: Table) -> Result<views::Table, Error> {
    Ok(views::Table {
        columns: table.columns.into_iter().map(column).collect(),
        rows: all(table.rows, row)?,
    })
}

fn column(column: Column) -> views::Column {
    views::Column {
        key: column.key,
        label: column.label,
        kind: kind(column.kind),
    }
}

fn row(row: Row) -> Result<views::Row, Error> {
    Ok(views::Row {
        id: row.id,
        cells: all(row.cells, cell)?,
    })
}

fn bars(bars: BarSeries) -> Result<views::BarSeries, Error> {
    let length = |length: Option<Decimal>| length.map(rounded).transpose();
    let stack = |stack: Stack| {
        Ok(views::Stack {
            label: stack.label,
            lengths: all(stack.lengths, length)?,
        })
    };
    Ok(views::BarSeries {
        label: bars.label,
        kind: kind(bars.kind),
        parts: bars.parts,
        stacks: all(bars.stacks, stack)?,
    })
}

fn lines(lines: LineSeries) -> Result<views::LineSeries, Error> {
    let point = |point: Point| {
        Ok(views::Point {
            at: point.at.as_micros(),
            value: rounded(point.value)?,
        })
    };
    let line = |line: Line| {
        Ok(views::Line {
            label: line.label,
            points: all(line.points, point)?,
        })
    };
    Ok(views::LineSeries {
        label: lines.label,
        kind: kind(lines.kind),
        lines: all(lines.lines, line)?,
    })
}

fn cell(cell: Cell) -> Result<views::Cell, Error> {
    Ok(match cell {
        Cell::Absent => views::Cell::Absent,
        Cell::Text(text) => views::Cell::Text(text),
        Cell::Integer(number) => views::Cell::Integer(number),
        Cell::Decimal(number) => views::Cell::Decimal(rounded(number)?),
        Cell::Time(time) => views::Cell::Time(time.as_micros()),
    })
}

const fn kind(kind: Kind) -> views::Kind {
    match kind {
        Kind::Text => views::Kind::Text,
        Kind::Integer => views::Kind::Integer,
        Kind::Money => views::Kind::Money,
        Kind::Percent => views::Kind::Percent,
        Kind::Quantity => views::Kind::Quantity,
        Kind::Time => views::Kind::Time,
    }
}

fn rounded(number: Decimal) -> Result<types::Decimal, Error> {
    let wire = WireDecimal::rounded(number)?;
    Ok(types::Decimal {
        mantissa: wire.mantissa,
        scale: wire.scale,
    })
}

/// A setting that came back as another number than was saved would be a lie.
fn exact(number: Decimal) -> Result<types::Decimal, Error> {
    let wire = WireDecimal::rounded(number)?;
    if Decimal::try_from(wire)? != number {
        let fault = format!("{number} has more digits than a setting can hold");
        return Err(Error::Other(fault));
    }
    rounded(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{table, view as build};

    fn shown(number: Decimal) -> Result<views::View, Error> {
        let rows = table([("pl", "P/L", Kind::Money)]).row(1, (number,));
        view(build("Title").table(rows).build())
    }

    #[test]
    fn a_calculated_number_is_rounded_as_it_is_shown() {
        let view = shown(Decimal::ONE / Decimal::from(3)).unwrap();
        let views::Block::Table(table) = &view.blocks[0] else {
            panic!("not a table: {view:?}");
        };
        let views::Cell::Decimal(number) = table.rows[0].cells[0] else {
            panic!("not a decimal: {table:?}");
        };
        assert_eq!((number.mantissa, number.scale), (333_333_333, 9));
    }

    #[test]
    fn a_number_that_does_not_fit_is_an_error() {
        assert!(shown(Decimal::MAX).is_err());
    }

    #[test]
    fn a_setting_is_sent_exactly_or_not_at_all() {
        let third = Decimal::ONE / Decimal::from(3);
        assert!(setting(&SettingValue::Decimal(third)).is_err());
        assert!(setting(&SettingValue::Decimal(Decimal::new(125, 1))).is_ok());
    }
}
