//! A view back from its JSON.
//!
//! Owns: what may be taken for a view: the shape that `view_json.rs` writes and
//! no other, and no more of it than a view has. Must not know: where the JSON
//! comes from.
//!
//! JSON has one kind of text. What stands in a column of numbers or times and
//! is written exactly as one is one; everything else is words. So a view that
//! was read is written again as the same JSON, also where a cell was not of its
//! column's kind.

use std::str::FromStr;

use serde_json::{Map, Value as Json};

use super::json::shown;
use super::{
    BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Point, Row, Stack, Stat, Table, View,
};
use crate::{Decimal, Timestamp, parse_decimal};

/// Blocks of a view, columns of a table, parts of a bar, lines of a chart.
const MAX_ACROSS: usize = 200;

/// Rows, bars and points of a view together.
const MAX_ROWS: usize = 100_000;

/// JSON that is no view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}")]
pub struct ViewError {
    /// Where in the document, as `blocks[2].rows[0].pl`.
    pub path: String,
    /// What is wrong there.
    pub fault: &'static str,
}

type Result<T> = std::result::Result<T, ViewError>;

impl View {
    /// Reads a view from the JSON that it is written as.
    ///
    /// # Errors
    /// The first place that is not as it is written, or where there is more
    /// than a view has.
    pub fn from_json(json: &Json) -> Result<Self> {
        let mut reader = Reader { rows: MAX_ROWS };
        let object = Object::of("view", json, &["title", "blocks"])?;
        let blocks = object.list("blocks", MAX_ACROSS)?.iter().enumerate();
        let blocks = blocks.map(|(at, block)| reader.block(&format!("blocks[{at}]"), block));
        Ok(Self {
            title: object.text("title")?,
            blocks: blocks.collect::<Result<_>>()?,
        })
    }
}

/// What may still be read.
struct Reader {
    rows: usize,
}

impl Reader {
    fn block(&mut self, path: &str, json: &Json) -> Result<Block> {
        let kind = json.get("type").and_then(Json::as_str);
        let of = |keys: &'static [&'static str]| Object::of(path, json, keys);
        Ok(match kind {
            Some("stat") => Block::Stat(stat(&of(&["type", "key", "label", "kind", "value"])?)?),
            Some("table") => Block::Table(self.table(&of(&["type", "columns", "rows"])?)?),
            Some("bars") => {
                Block::Bars(self.bars(&of(&["type", "label", "kind", "parts", "stacks"])?)?)
            }
            Some("lines") => Block::Lines(self.lines(&of(&["type", "label", "kind", "lines"])?)?),
            Some("text") => Block::Text(of(&["type", "text"])?.text("text")?),
            Some("empty") => Block::Empty(of(&["type", "text"])?.text("text")?),
            Some("warning") => Block::Warning(of(&["type", "text"])?.text("text")?),
            _ => return Err(error(&format!("{path}.type"), "there is no such block")),
        })
    }

    fn table(&mut self, table: &Object<'_>) -> Result<Table> {
        let columns = table.objects("columns", MAX_ACROSS, &["key", "label", "kind"])?;
        let columns = columns.iter().map(|column| {
            Ok(Column {
                key: column.text("key")?,
                label: column.text("label")?,
                kind: column.kind()?,
            })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let rows = table.list("rows", self.rows)?;
        self.rows -= rows.len();
        let rows = rows.iter().enumerate();
        let rows =
            rows.map(|(at, row)| row_of(&format!("{}.rows[{at}]", table.path), row, &columns));
        Ok(Table {
            rows: rows.collect::<Result<_>>()?,
            columns,
        })
    }

    fn bars(&mut self, bars: &Object<'_>) -> Result<BarSeries> {
        let parts = bars.list("parts", MAX_ACROSS)?.iter();
        let text = |part: &Json| part.as_str().map(str::to_owned);
        let parts: Option<Vec<_>> = parts.map(text).collect();
        let parts = parts.ok_or_else(|| bars.fault("parts", "these are no texts"))?;
        let stacks = bars.objects("stacks", self.rows, &["label", "lengths"])?;
        self.rows -= stacks.len();
        let stacks = stacks.iter().map(|stack| {
            let lengths = stack.list("lengths", parts.len())?;
            if lengths.len() != parts.len() {
                return Err(stack.fault("lengths", "there is one for each part"));
            }
            let length = |length: &Json| match length {
                Json::Null => Ok(None),
                length => {
                    let number = length.as_str().and_then(exact);
                    let fault = || stack.fault("lengths", "this is no decimal");
                    number.map(Some).ok_or_else(fault)
                }
            };
            Ok(Stack {
                label: stack.text("label")?,
                lengths: lengths.iter().map(length).collect::<Result<_>>()?,
            })
        });
        Ok(BarSeries {
            label: bars.text("label")?,
            kind: bars.kind()?,
            stacks: stacks.collect::<Result<_>>()?,
            parts,
        })
    }

    fn lines(&mut self, series: &Object<'_>) -> Result<LineSeries> {
        let lines = series.objects("lines", MAX_ACROSS, &["label", "points"])?;
        let lines = lines.iter().map(|line| {
            let points = line.list("points", self.rows)?;
            self.rows -= points.len();
            let fault = || line.fault("points", "a point is a time and a decimal");
            let points = points.iter().map(|one| point(one).ok_or_else(fault));
            Ok(Line {
                label: line.text("label")?,
                points: points.collect::<Result<_>>()?,
            })
        });
        Ok(LineSeries {
            label: series.text("label")?,
            kind: series.kind()?,
            lines: lines.collect::<Result<_>>()?,
        })
    }
}

fn stat(stat: &Object<'_>) -> Result<Stat> {
    let kind = stat.kind()?;
    let value = cell(kind, stat.field("value")?);
    Ok(Stat {
        key: stat.text("key")?,
        label: stat.text("label")?,
        kind,
        value: value.ok_or_else(|| stat.fault("value", NO_VALUE))?,
    })
}

fn row_of(path: &str, json: &Json, columns: &[Column]) -> Result<Row> {
    let object = json.as_object();
    let row = object.ok_or_else(|| error(path, "this is no object"))?;
    let id = match row.get("id") {
        None => None,
        Some(id) => {
            let fault = || error(&format!("{path}.id"), "this is no id");
            Some(id.as_u64().ok_or_else(fault)?)
        }
    };
    let cells = columns.iter().map(|column| {
        let fault = |fault| error(&format!("{path}.{}", column.key), fault);
        let value = row.get(&column.key).ok_or_else(|| fault("it is missing"))?;
        cell(column.kind, value).ok_or_else(|| fault(NO_VALUE))
    });
    let cells = cells.collect::<Result<Vec<_>>>()?;
    if row.len() != columns.len() + usize::from(id.is_some()) {
        return Err(error(path, "it has more than its columns"));
    }
    Ok(Row { id, cells })
}

const NO_VALUE: &str = "this is no text, whole number or null";

/// None for what no cell is written as.
fn cell(kind: Kind, json: &Json) -> Option<Cell> {
    Some(match json {
        Json::Null => Cell::Absent,
        Json::Number(number) => Cell::Integer(number.as_i64()?),
        Json::String(text) => {
            let value = match kind {
                Kind::Text => None,
                Kind::Time => time(text).map(Cell::Time),
                Kind::Integer | Kind::Money | Kind::Percent | Kind::Quantity => {
                    exact(text).map(Cell::Decimal)
                }
            };
            value.unwrap_or_else(|| Cell::Text(text.clone()))
        }
        _ => return None,
    })
}

fn point(json: &Json) -> Option<Point> {
    let [at, value] = json.as_array()?.as_slice() else {
        return None;
    };
    Some(Point {
        at: time(at.as_str()?)?,
        value: exact(value.as_str()?)?,
    })
}

/// The number that is written as just this text.
fn exact(text: &str) -> Option<Decimal> {
    let number = parse_decimal(text).ok()?;
    (shown(number).to_string() == text).then_some(number)
}

/// The time that is written as just this text.
fn time(text: &str) -> Option<Timestamp> {
    let far = text
        .strip_suffix(" µs")
        .and_then(|micros| micros.parse().ok());
    let time = match far {
        Some(micros) => Timestamp::from_micros(micros),
        None => Timestamp::from_str(text).ok()?,
    };
    (time.to_string() == text).then_some(time)
}

/// An object that has these keys, all of them and no others.
struct Object<'a> {
    path: String,
    fields: &'a Map<String, Json>,
}

impl<'a> Object<'a> {
    fn of(path: &str, json: &'a Json, keys: &[&str]) -> Result<Self> {
        let object = json.as_object();
        let fields = object.ok_or_else(|| error(path, "this is no object"))?;
        let path = path.to_owned();
        if fields.len() > keys.len() {
            return Err(error(&path, "it has more than it should"));
        }
        let object = Self { path, fields };
        for key in keys {
            object.field(key)?;
        }
        Ok(object)
    }

    fn field(&self, key: &str) -> Result<&'a Json> {
        let field = self.fields.get(key);
        field.ok_or_else(|| self.fault(key, "it is missing"))
    }

    fn text(&self, key: &str) -> Result<String> {
        let text = self.field(key)?.as_str();
        let text = text.ok_or_else(|| self.fault(key, "this is no text"))?;
        Ok(text.to_owned())
    }

    fn kind(&self) -> Result<Kind> {
        let kind = self.field("kind")?.as_str();
        let kind = kind.and_then(|kind| kind.parse().ok());
        kind.ok_or_else(|| self.fault("kind", "there is no such kind"))
    }

    fn list(&self, key: &str, most: usize) -> Result<&'a [Json]> {
        let list = self.field(key)?.as_array();
        let list = list.ok_or_else(|| self.fault(key, "this is no list"))?;
        match list.len() <= most {
            true => Ok(list),
            false => Err(self.fault(key, "it is longer than in any view")),
        }
    }

    fn objects(&self, key: &str, most: usize, keys: &[&str]) -> Result<Vec<Self>> {
        let list = self.list(key, most)?.iter().enumerate();
        list.map(|(at, one)| Self::of(&format!("{}.{key}[{at}]", self.path), one, keys))
            .collect()
    }

    fn fault(&self, key: &str, fault: &'static str) -> ViewError {
        error(&format!("{}.{key}", self.path), fault)
    }
}

fn error(path: &str, fault: &'static str) -> ViewError {
    ViewError {
        path: path.to_owned(),
        fault,
    }
}

#[cfg(test)]
#[path = "view_read_tests.rs"]
mod tests;
