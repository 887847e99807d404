//! Building views.
//!
//! Owns: the fluent way to a [`View`]. Must not know: how a view is drawn.
//!
//! ```
//! use lombard_sdk::prelude::*;
//!
//! let rows = table([("symbol", "Symbol", Kind::Text), ("pl", "P/L", Kind::Money)])
//!     .row(1, ("AAPL", Decimal::new(1250, 2)))
//!     .row(None, ("MSFT", None::<Decimal>));
//! let view = view("Profit and loss")
//!     .table(rows)
//!     .stat("total", "Total P/L", Kind::Money, Decimal::new(1250, 2))
//!     .warning("no price for MSFT")
//!     .build();
//! assert_eq!(view.blocks.len(), 3);
//! ```

use lombard_model::view::{BarSeries, Block, Cell, Column, Kind, Line, LineSeries, Point, Row};
use lombard_model::view::{Stack, Stat, Table, View};
use lombard_model::{Decimal, Timestamp};

/// Begins a view with its heading.
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// let view = view("Open trades")
///     .stat("count", "Open", Kind::Integer, 0)
///     .empty("no trade is open")
///     .text("A trade is open until its last order is filled.")
///     .build();
/// assert_eq!(view.title, "Open trades");
/// ```
pub fn view(title: impl Into<String>) -> ViewBuilder {
    ViewBuilder(View {
        title: title.into(),
        blocks: Vec::new(),
    })
}

/// Begins a table with its columns: key in JSON, heading, kind. A key is unique
/// in the table, of a to z, 0 to 9 and `_`.
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// let columns = [("symbol", "Symbol", Kind::Text), ("pl", "P/L", Kind::Money)];
/// let rows = table(columns).row(7, ("AAPL", dec!(12.5))).row(8, ("MSFT", None::<Decimal>));
/// # let _ = view("").table(rows);
/// ```
pub fn table<const N: usize>(columns: [(&str, &str, Kind); N]) -> TableBuilder {
    let column = |(key, label, kind): (&str, &str, Kind)| Column {
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
    };
    TableBuilder(Table {
        columns: columns.into_iter().map(column).collect(),
        rows: Vec::new(),
    })
}

/// Begins stacked bars with what they show and the names of their parts.
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// let use_of = bars("Use of the balance", Kind::Money, ["Filled", "Pending"])
///     .bar("Alpha", [Some(dec!(400)), Some(dec!(25.5))])
///     .bar("Beta", [Some(dec!(100)), None]);
/// # let _ = view("").bars(use_of);
/// ```
pub fn bars<const N: usize>(
    label: impl Into<String>,
    kind: Kind,
    parts: [&str; N],
) -> BarsBuilder<N> {
    BarsBuilder(BarSeries {
        label: label.into(),
        kind,
        parts: parts.into_iter().map(str::to_owned).collect(),
        stacks: Vec::new(),
    })
}

/// Begins lines over time with what they show.
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// # let bars: Vec<Bar> = Vec::new();
/// let closes = bars.iter().map(|bar| (bar.day, bar.close));
/// let lines = lines("Closing prices", Kind::Money).line("AAPL", closes);
/// # let _ = view("").lines(lines);
/// ```
pub fn lines(label: impl Into<String>, kind: Kind) -> LinesBuilder {
    LinesBuilder(LineSeries {
        label: label.into(),
        kind,
        lines: Vec::new(),
    })
}

/// A view that is being built; its parts are shown in the order they are added.
#[derive(Clone, Debug)]
#[must_use]
pub struct ViewBuilder(View);

impl ViewBuilder {
    /// Adds a table.
    pub fn table(self, table: TableBuilder) -> Self {
        self.block(Block::Table(table.0))
    }

    /// Adds as much of a table as there is room for (see
    /// [`RenderRequest::max_rows`](crate::RenderRequest::max_rows)), and says how
    /// many rows are left out.
    ///
    /// ```
    /// use lombard_sdk::prelude::*;
    ///
    /// let rows = table([("symbol", "Symbol", Kind::Text)])
    ///     .row(None, ("AAPL",))
    ///     .row(None, ("MSFT",))
    ///     .row(None, ("NVDA",));
    /// let view = view("Symbols").table_within(Some(1), rows).build();
    /// assert_eq!(view.blocks[1], Block::Text("2 more rows are not shown".into()));
    /// ```
    pub fn table_within(self, max_rows: Option<u32>, mut table: TableBuilder) -> Self {
        let count = table.0.rows.len();
        let room = max_rows.and_then(|rows| usize::try_from(rows).ok());
        let room = room.map_or(count, |rows| rows.min(count));
        table.0.rows.truncate(room);
        let view = self.table(table);
        match count - room {
            0 => view,
            1 => view.text("1 more row is not shown"),
            more => view.text(format!("{more} more rows are not shown")),
        }
    }

    /// Adds one number that matters, or says that there is none (`None`).
    pub fn stat(
        self,
        key: impl Into<String>,
        label: impl Into<String>,
        kind: Kind,
        value: impl Into<Cell>,
    ) -> Self {
        self.block(Block::Stat(Stat {
            key: key.into(),
            label: label.into(),
            kind,
            value: value.into(),
        }))
    }

    /// Adds stacked bars.
    pub fn bars<const N: usize>(self, bars: BarsBuilder<N>) -> Self {
        self.block(Block::Bars(bars.0))
    }

    /// Adds lines over time.
    pub fn lines(self, lines: LinesBuilder) -> Self {
        self.block(Block::Lines(lines.0))
    }

    /// Adds a paragraph.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.block(Block::Text(text.into()))
    }

    /// Says that there is nothing to show, and why.
    pub fn empty(self, why: impl Into<String>) -> Self {
        self.block(Block::Empty(why.into()))
    }

    /// Says that what is shown is not the whole, or not sure, and why.
    pub fn warning(self, why: impl Into<String>) -> Self {
        self.block(Block::Warning(why.into()))
    }

    /// Adds a block that was made by other means.
    pub fn block(mut self, block: Block) -> Self {
        self.0.blocks.push(block);
        self
    }

    /// The view.
    #[must_use]
    pub fn build(self) -> View {
        self.0
    }
}

impl From<ViewBuilder> for View {
    fn from(builder: ViewBuilder) -> Self {
        builder.build()
    }
}

/// A table that is being built.
#[derive(Clone, Debug)]
#[must_use]
pub struct TableBuilder(Table);

impl TableBuilder {
    /// Adds a row: what it is about, and a cell for each column, as a tuple.
    pub fn row(mut self, id: impl Into<Option<u64>>, cells: impl IntoCells) -> Self {
        self.0.rows.push(Row {
            id: id.into(),
            cells: cells.into_cells(),
        });
        self
    }
}

/// Stacked bars that are being built.
#[derive(Clone, Debug)]
#[must_use]
pub struct BarsBuilder<const N: usize>(BarSeries);

impl<const N: usize> BarsBuilder<N> {
    /// Adds a bar with a length for each part.
    pub fn bar(mut self, label: impl Into<String>, lengths: [Option<Decimal>; N]) -> Self {
        self.0.stacks.push(Stack {
            label: label.into(),
            lengths: lengths.to_vec(),
        });
        self
    }
}

/// Lines that are being built.
#[derive(Clone, Debug)]
#[must_use]
pub struct LinesBuilder(LineSeries);

impl LinesBuilder {
    /// Adds a line of points by rising time.
    pub fn line(
        mut self,
        label: impl Into<String>,
        points: impl IntoIterator<Item = (Timestamp, Decimal)>,
    ) -> Self {
        let point = |(at, value)| Point { at, value };
        self.0.lines.push(Line {
            label: label.into(),
            points: points.into_iter().map(point).collect(),
        });
        self
    }
}

/// The cells of a row: a tuple of what cells can be made of, or cells.
///
/// A cell is made of a text, a whole number, a [`Decimal`], a [`Timestamp`], or of
/// an `Option` of one for what may be absent. One cell alone is `("AAPL",)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of cells",
    label = "not a row",
    note = "a row is a tuple with up to 8 cells such as `(\"AAPL\", price)`, or a `Vec<Cell>`; one cell alone is `(\"AAPL\",)`"
)]
pub trait IntoCells {
    /// The cells, in the order of the columns.
    fn into_cells(self) -> Vec<Cell>;
}

impl IntoCells for Vec<Cell> {
    fn into_cells(self) -> Vec<Cell> {
        self
    }
}

macro_rules! tuples {
    ($( ($($part:ident)+), )+) => { $(
        impl<$($part: Into<Cell>),+> IntoCells for ($($part,)+) {
            #[expect(non_snake_case, reason = "a type and its value share a name here")]
            fn into_cells(self) -> Vec<Cell> {
                let ($($part,)+) = self;
                vec![$($part.into()),+]
            }
        }
    )+ };
}

tuples! {
    (A),
    (A B),
    (A B C),
    (A B C D),
    (A B C D E),
    (A B C D E F),
    (A B C D E F G),
    (A B C D E F G H),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_in_the_order_they_were_added() {
        let lengths =
            bars("Use", Kind::Money, ["filled", "pending"]).bar("A-1", [Some(Decimal::ONE), None]);
        let line =
            lines("Close", Kind::Money).line("AAPL", [(Timestamp::from_micros(0), Decimal::ONE)]);
        let view = view("Title")
            .bars(lengths)
            .lines(line)
            .empty("nothing")
            .build();
        assert!(matches!(
            view.blocks.as_slice(),
            [Block::Bars(_), Block::Lines(_), Block::Empty(_)]
        ));
    }

    #[test]
    fn a_tuple_is_a_row_of_cells() {
        let cells = ("AAPL", 3_i64, Some(Decimal::ONE), None::<Decimal>).into_cells();
        assert_eq!(
            cells,
            [
                Cell::Text("AAPL".into()),
                Cell::Integer(3),
                Cell::Decimal(Decimal::ONE),
                Cell::Absent
            ]
        );
    }
}
