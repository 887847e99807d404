//! Rows, column by column.
//!
//! Owns: how absent values stand in a column, and that a text is in a table
//! once. Must not know: which call asked for the rows.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use lombard_model as model;

use super::wire::{DecimalColumn, OrderTable, TransactionTable, status_name};
use crate::bindings::types;

/// The id of nothing.
const NO_ID: u64 = 0;
/// The time of what has none.
const NO_TIME: i64 = i64::MIN;
/// The scale of a decimal that is absent.
const NO_SCALE: u8 = u8::MAX;

/// Rows whose columns are filled one after the other: so few that they stay in
/// the processor's first cache meanwhile, where thousands would be fetched from
/// memory anew for each column.
const BLOCK: usize = 64;

impl From<&[model::Transaction]> for TransactionTable {
    fn from(rows: &[model::Transaction]) -> Self {
        let (mut table, mut texts) = (Self::default(), Texts::default());
        for block in blocks(rows) {
            block.add(&mut table.ids, |row| row.id.get());
            block.add(&mut table.experts, |row| {
                row.expert.map_or(NO_ID, model::ExpertId::get)
            });
            block.add_texts(&mut table.symbols, &mut texts, |row| row.symbol.as_str());
            block.add(&mut table.sides, |row| row.side.map(Into::into));
            block.add_decimals(&mut table.quantities, |row| Some(row.quantity));
            block.add_decimals(&mut table.open_prices, |row| row.open_price);
            block.add(&mut table.statuses, |row| row.status.into());
            block.add(&mut table.created_at, |row| row.created_at.as_micros());
        }
        table.texts = texts.list;
        table
    }
}

impl From<&[model::Order]> for OrderTable {
    fn from(rows: &[model::Order]) -> Self {
        let (mut table, mut texts) = (Self::default(), Texts::default());
        for block in blocks(rows) {
            block.add(&mut table.ids, |row| row.id.get());
            block.add(&mut table.transactions, |row| row.transaction.get());
            block.add(&mut table.accounts, |row| row.account.get());
            block.add_texts(&mut table.symbols, &mut texts, |row| row.symbol.as_str());
            block.add(&mut table.sides, |row| row.side.into());
            block.add(&mut table.order_types, |row| row.order_type.into());
            block.add(&mut table.phases, |row| row.status.phase.into());
            block.add_texts(&mut table.status_names, &mut texts, |row| {
                status_name(&row.status)
            });
            block.add_decimals(&mut table.quantities, |row| Some(row.quantity));
            block.add_decimals(&mut table.filled_quantities, |row| row.filled_quantity);
            block.add_decimals(&mut table.fill_prices, |row| row.fill_price);
            block.add_decimals(&mut table.limit_prices, |row| row.limit_price);
            block.add_decimals(&mut table.stop_prices, |row| row.stop_price);
            block.add(&mut table.depends_on, |row| {
                row.depends_on.map_or(NO_ID, model::OrderId::get)
            });
            block.add(&mut table.created_at, |row| {
                row.created_at.map_or(NO_TIME, model::Timestamp::as_micros)
            });
        }
        table.texts = texts.list;
        table
    }
}

/// Some of the rows of a table.
struct Block<'r, R> {
    rows: &'r [R],
    /// The rows of the table.
    all: usize,
}

fn blocks<R>(rows: &[R]) -> impl Iterator<Item = Block<'_, R>> {
    let all = rows.len();
    rows.chunks(BLOCK).map(move |rows| Block { rows, all })
}

impl<'r, R> Block<'r, R> {
    fn add<T>(&self, column: &mut Vec<T>, value: impl FnMut(&'r R) -> T) {
        if column.is_empty() {
            column.reserve_exact(self.all);
        }
        column.extend(self.rows.iter().map(value));
    }

    fn add_decimals(
        &self,
        column: &mut DecimalColumn,
        value: impl Fn(&R) -> Option<model::Decimal>,
    ) {
        let scales = &mut column.scales;
        if scales.is_empty() {
            scales.reserve_exact(self.all);
        }
        self.add(&mut column.mantissas, |row| {
            let absent = types::Decimal {
                mantissa: 0,
                scale: NO_SCALE,
            };
            let wire = value(row).map_or(absent, Into::into);
            scales.push(wire.scale);
            wire.mantissa
        });
    }

    fn add_texts(
        &self,
        column: &mut Vec<u32>,
        texts: &mut Texts<'r>,
        text: impl Fn(&'r R) -> &'r str,
    ) {
        // Rows beside each other mostly share their text.
        let (mut last, mut place) = ("", u32::MAX);
        self.add(column, |row| {
            let text = text(row);
            if place == u32::MAX || !std::ptr::eq(text, last) {
                (last, place) = (text, texts.place(text));
            }
            place
        });
    }
}

/// The texts of a table and their places in it.
#[derive(Default)]
struct Texts<'t> {
    list: Vec<Arc<str>>,
    // Seeded anew in each process, but quick: a hash for each row counts.
    places: HashMap<&'t str, u32, RandomState>,
}

impl<'t> Texts<'t> {
    fn place(&mut self, text: &'t str) -> u32 {
        *self.places.entry(text).or_insert_with(|| {
            self.list.push(text.into());
            // There are no more texts than rows, of which a page has 100,000.
            u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(id: u64, symbol: &str) -> model::Transaction {
        model::Transaction {
            id: id.try_into().unwrap(),
            expert: None,
            symbol: symbol.parse().unwrap(),
            side: None,
            quantity: model::Decimal::new(15, 1),
            open_price: None,
            status: model::TransactionStatus::Opened,
            created_at: model::Timestamp::from_micros(7),
        }
    }

    #[test]
    fn a_text_is_in_a_table_once() {
        let rows = ["AAPL", "MSFT", "MSFT", "AAPL"].map(|symbol| transaction(1, symbol));
        let table = TransactionTable::from(rows.as_slice());
        assert_eq!(table.texts, ["AAPL".into(), "MSFT".into()]);
        assert_eq!(table.symbols, [0, 1, 1, 0]);
    }

    #[test]
    fn rows_beyond_one_block_keep_their_places() {
        let symbols = ["AAPL", "MSFT", "NVDA"];
        let rows: Vec<_> = (1..=2 * BLOCK + 1)
            .map(|at| transaction(at.try_into().unwrap(), symbols[at % 3]))
            .collect();
        let table = TransactionTable::from(rows.as_slice());
        assert_eq!(table.quantities.scales, vec![1; rows.len()]);
        for (row, (id, place)) in rows.iter().zip(table.ids.iter().zip(&table.symbols)) {
            assert_eq!(row.id.get(), *id);
            let text = &table.texts[usize::try_from(*place).unwrap()];
            assert_eq!(row.symbol.as_str(), &**text);
        }
    }

    #[test]
    fn what_is_absent_is_no_value_that_could_be() {
        let table = TransactionTable::from([transaction(1, "AAPL")].as_slice());
        assert_eq!(table.experts, [0]);
        assert_eq!(table.quantities.mantissas, [15]);
        assert_eq!(table.quantities.scales, [1]);
        assert_eq!(table.open_prices.mantissas, [0]);
        assert_eq!(table.open_prices.scales, [255]);
        assert!(table.sides[0].is_none());
    }

    #[test]
    fn each_value_of_an_order_stands_in_its_column() {
        let number = |digits| model::Decimal::new(digits, 2);
        let order = model::Order {
            id: 1_u64.try_into().unwrap(),
            transaction: 2_u64.try_into().unwrap(),
            account: 3_u64.try_into().unwrap(),
            symbol: "AAPL".parse().unwrap(),
            side: model::Side::Sell,
            order_type: model::OrderType::StopLimit,
            status: model::OrderState::PendingNew.into(),
            quantity: number(11),
            filled_quantity: Some(number(12)),
            fill_price: Some(number(13)),
            limit_price: Some(number(14)),
            stop_price: Some(number(15)),
            depends_on: Some(4_u64.try_into().unwrap()),
            created_at: Some(model::Timestamp::from_micros(5)),
        };
        let table = OrderTable::from([order].as_slice());
        let names = [
            table.ids,
            table.transactions,
            table.accounts,
            table.depends_on,
        ];
        assert_eq!(names.concat(), [1, 2, 3, 4]);
        let digits = [
            table.quantities,
            table.filled_quantities,
            table.fill_prices,
            table.limit_prices,
            table.stop_prices,
        ]
        .map(|column| (column.mantissas, column.scales));
        let expected = [11, 12, 13, 14, 15].map(|digits| (vec![digits], vec![2]));
        assert_eq!(digits, expected);
        assert_eq!(table.texts, ["AAPL".into(), "pending_new".into()]);
        assert_eq!([table.symbols[0], table.status_names[0]], [0, 1]);
        assert_eq!(table.created_at, [5]);
        assert!(matches!(table.sides[0], types::Side::Sell));
        assert!(matches!(table.order_types[0], types::OrderType::StopLimit));
        assert!(matches!(table.phases[0], types::OrderPhase::Working));
    }

    #[test]
    fn a_table_of_nothing_has_no_texts() {
        let table = OrderTable::from([].as_slice());
        assert!(table.texts.is_empty() && table.ids.is_empty());
    }
}
