//! Rows, column by column.
//!
//! Owns: how absent values stand in a column, and that a text is in a table
//! once. Must not know: which call asked for the rows.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use lombard_model as model;

use super::wire::{BookTable, DecimalColumn, OrderTable, TransactionTable, status_name};
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
        let mut texts = Texts::default();
        let mut table = Self::columns(rows, &mut texts);
        table.texts = texts.into_list();
        table
    }
}

impl From<&[model::Order]> for OrderTable {
    fn from(rows: &[model::Order]) -> Self {
        let mut texts = Texts::default();
        let mut table = Self::columns(rows, &mut texts);
        table.texts = texts.into_list();
        table
    }
}

impl BookTable {
    /// Of transactions and their orders, with one list of texts for both.
    pub(crate) fn of(transactions: &[model::Transaction], orders: &[model::Order]) -> Self {
        let mut texts = Texts::default();
        let mut table = Self {
            transactions: TransactionTable::columns(transactions, &mut texts),
            orders: OrderTable::columns(orders, &mut texts),
        };
        table.transactions.texts = texts.into_list();
        table
    }
}

impl TransactionTable {
    fn columns<'r>(rows: &'r [model::Transaction], texts: &mut Texts<'r>) -> Self {
        let mut table = Self::default();
        for block in blocks(rows) {
            block.add(&mut table.ids, |row| row.id.get());
            block.add(&mut table.experts, |row| {
                row.expert.map_or(NO_ID, model::ExpertId::get)
            });
            block.add_texts(&mut table.symbols, texts, |row| {
                Text::Shared(row.symbol.shared())
            });
            block.add(&mut table.sides, |row| row.side.map(Into::into));
            block.add_decimals(&mut table.quantities, |row| Some(row.quantity));
            block.add_decimals(&mut table.open_prices, |row| row.open_price);
            block.add(&mut table.statuses, |row| row.status.into());
            block.add(&mut table.created_at, |row| row.created_at.as_micros());
        }
        table
    }
}

impl OrderTable {
    fn columns<'r>(rows: &'r [model::Order], texts: &mut Texts<'r>) -> Self {
        let mut table = Self::default();
        for block in blocks(rows) {
            block.add(&mut table.ids, |row| row.id.get());
            block.add(&mut table.transactions, |row| row.transaction.get());
            block.add(&mut table.accounts, |row| row.account.get());
            block.add_texts(&mut table.symbols, texts, |row| {
                Text::Shared(row.symbol.shared())
            });
            block.add(&mut table.sides, |row| row.side.into());
            block.add(&mut table.order_types, |row| row.order_type.into());
            block.add(&mut table.phases, |row| row.status.phase.into());
            block.add_texts(&mut table.status_names, texts, |row| {
                Text::Word(status_name(&row.status))
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
        table
    }
}

/// Texts that are looked through one by one. Most books have no more symbols,
/// and then there is no map to make.
const FEW: usize = 24;

/// Texts of the last rows that are kept in mind.
const NEAR: usize = 16;

/// Where one of them is kept, by where it lies.
fn near_place(text: &str) -> usize {
    let at = text.as_ptr().addr();
    (at >> 4 ^ at >> 8) % NEAR
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
        text: impl Fn(&'r R) -> Text<'r>,
    ) {
        // Rows near each other mostly share their text: most are found without a
        // look at it.
        let mut near = [("", None); NEAR];
        self.add(column, |row| {
            let text = text(row);
            let (last, place) = &mut near[near_place(text.as_str())];
            match place {
                Some(place) if std::ptr::eq(text.as_str(), *last) => *place,
                _ => {
                    *last = text.as_str();
                    *place.insert(texts.place(text))
                }
            }
        });
    }
}

/// A text of a row.
#[derive(Clone, Copy)]
enum Text<'r> {
    Shared(&'r Arc<str>),
    Word(&'static str),
}

impl<'r> Text<'r> {
    fn as_str(self) -> &'r str {
        match self {
            Self::Shared(text) => text,
            Self::Word(text) => text,
        }
    }
}

/// The texts of a table and their places in it.
#[derive(Default)]
struct Texts<'t> {
    list: Vec<Text<'t>>,
    /// Of all, where they are more than a few.
    // Seeded anew in each process, but quick: a hash for each row counts.
    places: HashMap<&'t str, u32, RandomState>,
}

impl<'t> Texts<'t> {
    fn place(&mut self, text: Text<'t>) -> u32 {
        let known = match self.places.is_empty() {
            true => {
                let same = |one: &Text<'_>| one.as_str() == text.as_str();
                self.list.iter().position(same).map(place)
            }
            false => self.places.get(text.as_str()).copied(),
        };
        known.unwrap_or_else(|| self.add(text))
    }

    fn add(&mut self, text: Text<'t>) -> u32 {
        self.list.push(text);
        if self.list.len() > FEW {
            let at = self.places.len();
            let unplaced = self.list.iter().enumerate().skip(at);
            self.places
                .extend(unplaced.map(|(at, text)| (text.as_str(), place(at))));
        }
        place(self.list.len() - 1)
    }

    fn into_list(self) -> Vec<Arc<str>> {
        let shared = |text| match text {
            Text::Shared(text) => Arc::clone(text),
            Text::Word(text) => text.into(),
        };
        self.list.into_iter().map(shared).collect()
    }
}

/// There are no more texts than rows, of which a page has 100,000.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
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

    /// Beyond one block, and where there are more texts than are looked through.
    #[test]
    fn rows_keep_their_places() {
        for symbols in [3, FEW, FEW + 1, 2 * BLOCK] {
            let rows: Vec<_> = (1..=4 * BLOCK + 1)
                .map(|at| transaction(at.try_into().unwrap(), &format!("S{}", at % symbols)))
                .collect();
            of_places(&rows, symbols);
        }
    }

    fn of_places(rows: &[model::Transaction], symbols: usize) {
        let table = TransactionTable::from(rows);
        assert_eq!(table.texts.len(), symbols);
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

    fn order() -> model::Order {
        let number = |digits| model::Decimal::new(digits, 2);
        model::Order {
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
        }
    }

    #[test]
    fn each_value_of_an_order_stands_in_its_column() {
        let table = OrderTable::from([order()].as_slice());
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
    fn the_tables_of_a_book_name_texts_of_one_list() {
        let rows = ["AAPL", "MSFT"].map(|symbol| transaction(1, symbol));
        let orders = ["MSFT", "BTC/USD"].map(|symbol| model::Order {
            symbol: symbol.parse().unwrap(),
            ..order()
        });
        let book = BookTable::of(&rows, &orders);
        let texts = ["AAPL", "MSFT", "BTC/USD", "pending_new"].map(Into::into);
        assert_eq!(book.transactions.texts, texts);
        assert!(book.orders.texts.is_empty());
        assert_eq!(book.transactions.symbols, [0, 1]);
        assert_eq!(book.orders.symbols, [1, 2]);
        assert_eq!(book.orders.status_names, [3, 3]);
    }

    #[test]
    fn a_table_of_nothing_has_no_texts() {
        let table = OrderTable::from([].as_slice());
        assert!(table.texts.is_empty() && table.ids.is_empty());
    }
}
