//! A view as JSON, in the shape that `widget render --json` promises.
//!
//! Owns: that shape. Must not know: who reads it.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::{
    BarSeries, Block, Cell, Column, Line, LineSeries, Point, Row, Stack, Stat, Table, View,
};
use crate::Decimal;

/// Decimals are strings, exact or rounded to this many places.
const PLACES: u32 = 9;

struct Shown(Decimal);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&shown(self.0))
    }
}

/// The number that is written for a number.
pub(super) fn shown(number: Decimal) -> Decimal {
    let number = number.round_dp(PLACES).normalize();
    // No `-0`: it would read as a loss.
    match number.is_zero() {
        true => Decimal::ZERO,
        false => number,
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => Shown(*number).serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
        }
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("column", 3)?;
        object.serialize_field("key", &self.key)?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("kind", &self.kind)?;
        object.end()
    }
}

struct KeyedRow<'a>(&'a [Column], &'a Row);

impl Serialize for KeyedRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        if let Some(id) = self.1.id {
            object.serialize_entry("id", &id)?;
        }
        for (column, cell) in self.0.iter().zip(&self.1.cells) {
            object.serialize_entry(&column.key, cell)?;
        }
        object.end()
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| KeyedRow(&self.columns, row))
            .collect();
        let mut object = serializer.serialize_struct("table", 3)?;
        object.serialize_field("type", "table")?;
        object.serialize_field("columns", &self.columns)?;
        object.serialize_field("rows", &rows)?;
        object.end()
    }
}

impl Serialize for Stat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("stat", 5)?;
        object.serialize_field("type", "stat")?;
        object.serialize_field("key", &self.key)?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("kind", &self.kind)?;
        object.serialize_field("value", &self.value)?;
        object.end()
    }
}

impl Serialize for Stack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lengths: Vec<_> = self
            .lengths
            .iter()
            .map(|length| length.map(Shown))
            .collect();
        let mut object = serializer.serialize_struct("stack", 2)?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("lengths", &lengths)?;
        object.end()
    }
}

impl Serialize for BarSeries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("bars", 5)?;
        object.serialize_field("type", "bars")?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("kind", &self.kind)?;
        object.serialize_field("parts", &self.parts)?;
        object.serialize_field("stacks", &self.stacks)?;
        object.end()
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.at, Shown(self.value)).serialize(serializer)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("line", 2)?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("points", &self.points)?;
        object.end()
    }
}

impl Serialize for LineSeries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("lines", 4)?;
        object.serialize_field("type", "lines")?;
        object.serialize_field("label", &self.label)?;
        object.serialize_field("kind", &self.kind)?;
        object.serialize_field("lines", &self.lines)?;
        object.end()
    }
}

fn words<S: Serializer>(serializer: S, kind: &str, text: &str) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("words", 2)?;
    object.serialize_field("type", kind)?;
    object.serialize_field("text", text)?;
    object.end()
}

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Stat(stat) => stat.serialize(serializer),
            Self::Table(table) => table.serialize(serializer),
            Self::Bars(bars) => bars.serialize(serializer),
            Self::Lines(lines) => lines.serialize(serializer),
            Self::Text(text) => words(serializer, "text", text),
            Self::Empty(text) => words(serializer, "empty", text),
            Self::Warning(text) => words(serializer, "warning", text),
        }
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("view", 2)?;
        object.serialize_field("title", &self.title)?;
        object.serialize_field("blocks", &self.blocks)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Kind;
    use super::*;

    #[test]
    fn a_table_is_rows_of_keys_and_decimals_are_strings() {
        let column = |key: &str, kind| Column {
            key: key.into(),
            label: key.into(),
            kind,
        };
        let table = Block::Table(Table {
            columns: vec![column("expert", Kind::Text), column("pl", Kind::Money)],
            rows: vec![
                Row {
                    id: Some(1),
                    cells: vec!["A".into(), Decimal::new(2_629_725, 3).into()],
                },
                Row {
                    id: None,
                    cells: vec!["B".into(), Cell::Absent],
                },
            ],
        });
        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(
            json["rows"],
            json!([{"id": 1, "expert": "A", "pl": "2629.725"}, {"expert": "B", "pl": null}])
        );
    }

    #[test]
    fn calculated_numbers_are_rounded_to_nine_places_without_minus_zero() {
        let shown = |number| serde_json::to_value(Shown(number)).unwrap();
        assert_eq!(shown(Decimal::ONE / Decimal::from(3)), json!("0.333333333"));
        assert_eq!(shown(Decimal::new(-1, 12)), json!("0"));
        assert_eq!(shown(Decimal::new(1_000, 2)), json!("10"));
    }
}
