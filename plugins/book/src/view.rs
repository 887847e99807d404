//! The reports as views.
//!
//! Owns: titles, keys, headings and the order of blocks that the host promises
//! of the three widgets. Must not know: how a view is drawn.

use lombard_model::view::{BarSeries, Block, Cell, Column, Kind, Row, Stack, Stat, Table, View};
use lombard_model::{Account, AccountId, ExpertId};

use crate::warning::mixed_currencies;
use crate::{BalanceUsage, FloatingPl, UsageRow, Warning};

impl FloatingPl<ExpertId> {
    /// The view `Floating P/L per expert`, with at most so many rows. The
    /// accounts may be left away where nothing needs them (see
    /// [`FloatingPl::needs_accounts`]).
    #[must_use]
    pub fn into_view(self, accounts: &[Account], max_rows: Option<u32>) -> View {
        let column = column("expert", "Expert", Kind::Text);
        self.view(
            "Floating P/L per expert",
            column,
            ExpertId::get,
            accounts,
            max_rows,
        )
    }
}

impl FloatingPl<AccountId> {
    /// The view `Floating P/L per account`, with at most so many rows.
    #[must_use]
    pub fn into_view(self, accounts: &[Account], max_rows: Option<u32>) -> View {
        let column = column("account", "Account", Kind::Text);
        self.view(
            "Floating P/L per account",
            column,
            AccountId::get,
            accounts,
            max_rows,
        )
    }
}

impl<I> FloatingPl<I> {
    fn view(
        self,
        title: &str,
        subject: Column,
        number: impl Fn(I) -> u64,
        accounts: &[Account],
        max_rows: Option<u32>,
    ) -> View {
        let columns = vec![subject, column("pl", "P/L", Kind::Money)];
        let count = self.rows.len();
        let rows = self
            .rows
            .into_iter()
            .take(shown(count, max_rows))
            .map(|row| Row {
                id: Some(number(row.id)),
                cells: vec![row.label.into(), row.pl.into()],
            });
        let rows = rows.collect();
        let mut blocks = vec![Block::Table(Table { columns, rows })];
        blocks.extend(left_out(count, max_rows));
        if count == 0 {
            blocks.push(Block::Empty("no open position with a price".to_owned()));
        }
        blocks.push(stat("total", "Total P/L", self.total));
        blocks.extend(warnings(&self.warnings, &self.summed, accounts));
        View {
            title: title.to_owned(),
            blocks,
        }
    }
}

impl BalanceUsage {
    /// The view `Balance usage per expert`, with at most so many rows and
    /// bars. The accounts may be left away where nothing needs them (see
    /// [`BalanceUsage::needs_accounts`]).
    #[must_use]
    pub fn into_view(self, accounts: &[Account], max_rows: Option<u32>) -> View {
        let count = self.rows.len();
        let rows = &self.rows[..shown(count, max_rows)];
        let mut blocks = vec![Block::Table(usage_table(rows))];
        blocks.extend(left_out(count, max_rows));
        if count == 0 {
            blocks.push(Block::Empty(
                "no enabled expert and none that uses balance".to_owned(),
            ));
        } else {
            blocks.push(Block::Bars(usage_bars(rows)));
        }
        blocks.push(stat("total_filled", "Total filled", self.total_filled));
        blocks.push(stat("total_pending", "Total pending", self.total_pending));
        blocks.extend(warnings(&self.warnings, &self.summed, accounts));
        View {
            title: "Balance usage per expert".to_owned(),
            blocks,
        }
    }
}

fn usage_table(rows: &[UsageRow]) -> Table {
    let row = |row: &UsageRow| Row {
        id: Some(row.id.get()),
        cells: vec![
            row.label.as_str().into(),
            row.filled.into(),
            row.pending.into(),
            row.virtual_equity.into(),
            row.available.into(),
        ],
    };
    Table {
        columns: vec![
            column("expert", "Expert", Kind::Text),
            column("filled", "Filled", Kind::Money),
            column("pending", "Pending", Kind::Money),
            column("virtual", "Virtual equity", Kind::Money),
            column("available", "Available", Kind::Money),
        ],
        rows: rows.iter().map(row).collect(),
    }
}

fn usage_bars(rows: &[UsageRow]) -> BarSeries {
    let stack = |row: &UsageRow| Stack {
        label: row.label.clone(),
        lengths: vec![Some(row.filled), Some(row.pending), row.available],
    };
    BarSeries {
        label: "Balance usage".to_owned(),
        kind: Kind::Money,
        parts: ["Filled", "Pending", "Available"].map(str::to_owned).into(),
        stacks: rows.iter().map(stack).collect(),
    }
}

fn column(key: &str, label: &str, kind: Kind) -> Column {
    Column {
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
    }
}

fn stat(key: &str, label: &str, value: impl Into<Cell>) -> Block {
    Block::Stat(Stat {
        key: key.to_owned(),
        label: label.to_owned(),
        kind: Kind::Money,
        value: value.into(),
    })
}

/// How many of the rows there is room for.
fn shown(count: usize, max_rows: Option<u32>) -> usize {
    let room = max_rows.and_then(|max| usize::try_from(max).ok());
    room.map_or(count, |room| count.min(room))
}

fn left_out(count: usize, max_rows: Option<u32>) -> Option<Block> {
    match count - shown(count, max_rows) {
        0 => None,
        1 => Some(Block::Text("1 more row is not shown".to_owned())),
        more => Some(Block::Text(format!("{more} more rows are not shown"))),
    }
}

fn warnings(
    warnings: &[Warning],
    summed: &[AccountId],
    accounts: &[Account],
) -> impl Iterator<Item = Block> {
    let texts = warnings.iter().map(|warning| warning.text(accounts));
    texts
        .chain(mixed_currencies(summed, accounts))
        .map(Block::Warning)
}
