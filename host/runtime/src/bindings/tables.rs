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

impl From<&[model::Transaction]> for TransactionTable {
    fn from(rows: &[model::Transaction]) -> Self {
        let mut texts = Texts::default();
        Self {
            ids: column(rows, |row| row.id.get()),
            experts: column(rows, |row| row.expert.map_or(NO_ID, model::ExpertId::get)),
            symbols: texts.column(rows, |row| row.symbol.as_str()),
            sides: column(rows, |row| row.side.map(Into::into)),
            quantities: decimals(rows, |row| Some(row.quantity)),
            open_prices: decimals(rows, |row| row.open_price),
            statuses: column(rows, |row| row.status.into()),
            created_at: column(rows, |row| row.created_at.as_micros()),
            texts: texts.list,
        }
    }
}

impl From<&[model::Order]> for OrderTable {
    fn from(rows: &[model::Order]) -> Self {
        let mut texts = Texts::default();
        Self {
            ids: column(rows, |row| row.id.get()),
            transactions: column(rows, |row| row.transaction.get()),
            accounts: column(rows, |row| row.account.get()),
            symbols: texts.column(rows, |row| row.symbol.as_str()),
            sides: column(rows, |row| row.side.into()),
            order_types: column(rows, |row| row.order_type.into()),
            phases: column(rows, |row| row.status.phase.into()),
            status_names: texts.column(rows, |row| status_name(&row.status)),
            quantities: decimals(rows, |row| Some(row.quantity)),
            filled_quantities: decimals(rows, |row| row.filled_quantity),
            fill_prices: decimals(rows, |row| row.fill_price),
            limit_prices: decimals(rows, |row| row.limit_price),
            stop_prices: decimals(rows, |row| row.stop_price),
            depends_on: column(rows, |row| {
                row.depends_on.map_or(NO_ID, model::OrderId::get)
            }),
            created_at: column(rows, |row| {
                row.created_at.map_or(NO_TIME, model::Timestamp::as_micros)
            }),
            texts: texts.list,
        }
    }
}

fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn decimals<R>(rows: &[R], value: impl Fn(&R) -> Option<model::Decimal>) -> DecimalColumn {
    let wire = |row| match value(row) {
        Some(number) => {
            let types::Decimal { mantissa, scale } = number.into();
            (mantissa, scale)
        }
        None => (0, NO_SCALE),
    };
    let (mantissas, scales) = rows.iter().map(wire).unzip();
    DecimalColumn { mantissas, scales }
}

/// The texts of a table and their places in it.
#[derive(Default)]
struct Texts<'t> {
    list: Vec<Arc<str>>,
    // Seeded anew in each process, but quick: a hash for each row counts.
    places: HashMap<&'t str, u32, RandomState>,
}

impl<'t> Texts<'t> {
    fn column<R>(&mut self, rows: &'t [R], text: impl Fn(&'t R) -> &'t str) -> Vec<u32> {
        // Rows beside each other mostly share their text.
        let (mut last, mut place) = ("", u32::MAX);
        let place_of = |row| {
            let text = text(row);
            if place == u32::MAX || !std::ptr::eq(text, last) {
                (last, place) = (text, self.place(text));
            }
            place
        };
        rows.iter().map(place_of).collect()
    }

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
