//! What a widget shows: data, never markup.
//!
//! Owns: the shape of a view. Must not know: who made it or how it is drawn.

use crate::named::named_enum;
use crate::{Decimal, Timestamp};

named_enum! {
    /// What a value means, and so how it is written.
    "kind of value": Kind {
        /// Words.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// An amount of money.
        Money = "money",
        /// A percentage, 100 for the whole.
        Percent = "percent",
        /// An amount of an instrument.
        Quantity = "quantity",
        /// A point in time.
        Time = "time",
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// There is none.
    Absent,
    /// Words.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// A point in time.
    Time(Timestamp),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its key in JSON, unique in the table.
    pub key: String,
    /// Its heading.
    pub label: String,
    /// What its values mean.
    pub kind: Kind,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the row is about, where that has an id.
    pub id: Option<u64>,
    /// One value for each column.
    pub cells: Vec<Cell>,
}

/// Rows and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns, in the order they are shown.
    pub columns: Vec<Column>,
    /// The rows, in the order they are shown.
    pub rows: Vec<Row>,
}

/// One number that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Its key in JSON, unique in the view.
    pub key: String,
    /// What it is.
    pub label: String,
    /// What its value means.
    pub kind: Kind,
    /// The value.
    pub value: Cell,
}

/// One stacked bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// What the bar is about.
    pub label: String,
    /// One length for each part; absent counts as 0.
    pub lengths: Vec<Option<Decimal>>,
}

/// Horizontal bars, each stacked of the same parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarSeries {
    /// What it shows.
    pub label: String,
    /// What the lengths mean.
    pub kind: Kind,
    /// The names of the parts.
    pub parts: Vec<String>,
    /// The bars, in the order they are shown.
    pub stacks: Vec<Stack>,
}

/// One point of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub value: Decimal,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// Its points, by rising time.
    pub points: Vec<Point>,
}

/// Lines over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSeries {
    /// What it shows.
    pub label: String,
    /// What the values mean.
    pub kind: Kind,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A part of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// One number that matters.
    Stat(Stat),
    /// Rows and columns.
    Table(Table),
    /// Stacked bars.
    Bars(BarSeries),
    /// Lines over time.
    Lines(LineSeries),
    /// A paragraph.
    Text(String),
    /// There is nothing to show, and why.
    Empty(String),
    /// What is shown is not the whole, or not sure.
    Warning(String),
}

/// What a widget shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its heading.
    pub title: String,
    /// Its parts, in the order they are shown.
    pub blocks: Vec<Block>,
}

#[cfg(feature = "host")]
#[path = "view_json.rs"]
mod json;

#[cfg(feature = "host")]
#[path = "view_read.rs"]
mod read;

#[cfg(feature = "host")]
pub use read::ViewError;
