//! From the tables of the contract to records of the model.
//!
//! Owns: putting the columns of a row together, and what stands for absent in
//! one. A host that sends columns of unlike length, or a place without a text,
//! is told so by an error. Must not know: which call the table came from.

use std::borrow::Cow;

use lombard_model::{
    Decimal, Order, OrderState, OrderStatus, Symbol, Timestamp, Transaction, WireDecimal,
};

use crate::Error;
use crate::bindings::types;
use crate::lift::{broken, checked, id, order_type, phase, side, transaction_status};

/// The scale of a decimal that is absent.
const NO_SCALE: u8 = u8::MAX;

pub(crate) fn transactions(table: &types::TransactionTable) -> Result<Vec<Transaction>, Error> {
    transactions_of(table, &mut Texts::of(&table.texts))
}

pub(crate) fn orders(table: &types::OrderTable) -> Result<Vec<Order>, Error> {
    orders_of(table, &mut Texts::of(&table.texts))
}

pub(crate) fn book(table: types::BookTable) -> Result<(Vec<Transaction>, Vec<Order>), Error> {
    let types::BookTable {
        mut transactions,
        orders,
    } = table;
    // The texts of both.
    let texts = std::mem::take(&mut transactions.texts);
    let mut texts = Texts::of(&texts);
    let rows = transactions_of(&transactions, &mut texts)?;
    // A plugin's memory is bounded, and the orders are more.
    drop(transactions);
    Ok((rows, orders_of(&orders, &mut texts)?))
}

fn transactions_of(
    table: &types::TransactionTable,
    texts: &mut Texts<'_>,
) -> Result<Vec<Transaction>, Error> {
    let rows = table.ids.len();
    let experts = column(&table.experts, rows)?;
    let symbols = column(&table.symbols, rows)?;
    let sides = column(&table.sides, rows)?;
    let quantities = Decimals::of(&table.quantities, rows)?;
    let open_prices = Decimals::of(&table.open_prices, rows)?;
    let statuses = column(&table.statuses, rows)?;
    let created_at = column(&table.created_at, rows)?;
    let mut transactions = Vec::with_capacity(rows);
    for (at, own) in table.ids.iter().enumerate() {
        transactions.push(Transaction {
            id: id(*own)?,
            expert: optional_id(experts[at])?,
            symbol: texts.symbol(symbols[at])?,
            side: sides[at].map(side),
            quantity: quantities.required(at)?,
            open_price: open_prices.optional(at)?,
            status: transaction_status(statuses[at]),
            created_at: Timestamp::from_micros(created_at[at]),
        });
    }
    Ok(transactions)
}

fn orders_of(table: &types::OrderTable, texts: &mut Texts<'_>) -> Result<Vec<Order>, Error> {
    let rows = table.ids.len();
    let transactions = column(&table.transactions, rows)?;
    let accounts = column(&table.accounts, rows)?;
    let symbols = column(&table.symbols, rows)?;
    let sides = column(&table.sides, rows)?;
    let order_types = column(&table.order_types, rows)?;
    let phases = column(&table.phases, rows)?;
    let status_names = column(&table.status_names, rows)?;
    let quantities = Decimals::of(&table.quantities, rows)?;
    let filled_quantities = Decimals::of(&table.filled_quantities, rows)?;
    let fill_prices = Decimals::of(&table.fill_prices, rows)?;
    let limit_prices = Decimals::of(&table.limit_prices, rows)?;
    let stop_prices = Decimals::of(&table.stop_prices, rows)?;
    let depends_on = column(&table.depends_on, rows)?;
    let created_at = column(&table.created_at, rows)?;
    let mut orders = Vec::with_capacity(rows);
    for (at, own) in table.ids.iter().enumerate() {
        orders.push(Order {
            id: id(*own)?,
            transaction: id(transactions[at])?,
            account: id(accounts[at])?,
            symbol: texts.symbol(symbols[at])?,
            side: side(sides[at]),
            order_type: order_type(order_types[at]),
            status: OrderStatus {
                phase: phase(phases[at]),
                name: texts.name(status_names[at])?,
            },
            quantity: quantities.required(at)?,
            filled_quantity: filled_quantities.optional(at)?,
            fill_price: fill_prices.optional(at)?,
            limit_price: limit_prices.optional(at)?,
            stop_price: stop_prices.optional(at)?,
            depends_on: optional_id(depends_on[at])?,
            created_at: optional_time(created_at[at]),
        });
    }
    Ok(orders)
}

/// The texts of a table, each read as what a column means by it when a row first
/// names it.
struct Texts<'t> {
    texts: &'t [String],
    symbols: Vec<Option<Symbol>>,
    names: Vec<Option<Cow<'static, str>>>,
}

impl<'t> Texts<'t> {
    fn of(texts: &'t [String]) -> Self {
        Self {
            texts,
            symbols: Vec::new(),
            names: Vec::new(),
        }
    }

    fn symbol(&mut self, place: u32) -> Result<Symbol, Error> {
        once(&mut self.symbols, self.texts, place, |text| {
            let no_symbol = |_| broken(format_args!("`{text}` is no symbol"));
            Symbol::new(text).map_err(no_symbol)
        })
    }

    /// Of a state of an order; not copied where we have a word for it.
    fn name(&mut self, place: u32) -> Result<Cow<'static, str>, Error> {
        once(&mut self.names, self.texts, place, |text| {
            Ok(match text.parse::<OrderState>() {
                Ok(state) => Cow::Borrowed(state.as_str()),
                Err(_) => Cow::Owned(text.to_owned()),
            })
        })
    }
}

/// What the text at this place was read as, or is read as now.
fn once<T: Clone>(
    read: &mut Vec<Option<T>>,
    texts: &[String],
    place: u32,
    reading: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Error> {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    let Some(text) = texts.get(place) else {
        return Err(broken(format_args!("no text {place}")));
    };
    if read.is_empty() {
        read.resize_with(texts.len(), || None);
    }
    match &mut read[place] {
        Some(value) => Ok(value.clone()),
        unread => Ok(unread.insert(reading(text)?).clone()),
    }
}

/// The values of all rows, and no more.
fn column<T>(values: &[T], rows: usize) -> Result<&[T], Error> {
    match values.len() == rows {
        true => Ok(values),
        false => Err(broken("columns of unlike length")),
    }
}

struct Decimals<'t> {
    mantissas: &'t [i64],
    scales: &'t [u8],
}

impl<'t> Decimals<'t> {
    fn of(values: &'t types::DecimalColumn, rows: usize) -> Result<Self, Error> {
        Ok(Self {
            mantissas: column(&values.mantissas, rows)?,
            scales: column(&values.scales, rows)?,
        })
    }

    fn optional(&self, at: usize) -> Result<Option<Decimal>, Error> {
        match self.scales[at] {
            NO_SCALE => Ok(None),
            _ => self.required(at).map(Some),
        }
    }

    fn required(&self, at: usize) -> Result<Decimal, Error> {
        let wire = WireDecimal {
            mantissa: self.mantissas[at],
            scale: self.scales[at],
        };
        checked(wire.try_into())
    }
}

fn optional_id<I: TryFrom<u64>>(raw: u64) -> Result<Option<I>, Error> {
    match raw {
        0 => Ok(None),
        raw => id(raw).map(Some),
    }
}

fn optional_time(micros: i64) -> Option<Timestamp> {
    (micros != i64::MIN).then(|| Timestamp::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use lombard_model::{OrderPhase, OrderType, Side};

    use super::*;

    fn decimals<const N: usize>(of: [Option<(i64, u8)>; N]) -> types::DecimalColumn {
        let wire = of.map(|one| one.unwrap_or((0, NO_SCALE)));
        let (mantissas, scales) = wire.into_iter().unzip();
        types::DecimalColumn { mantissas, scales }
    }

    fn two_orders() -> types::OrderTable {
        types::OrderTable {
            texts: vec!["BTC/USD".into(), "filled".into(), "Parked by desk".into()],
            ids: vec![11, 12],
            transactions: vec![5, 5],
            accounts: vec![1, 2],
            symbols: vec![0, 0],
            sides: vec![types::Side::Buy, types::Side::Sell],
            order_types: vec![types::OrderType::Market, types::OrderType::Other],
            phases: vec![types::OrderPhase::Filled, types::OrderPhase::Working],
            status_names: vec![1, 2],
            quantities: decimals([Some((15, 1)), Some((7, 0))]),
            filled_quantities: decimals([Some((15, 1)), None]),
            fill_prices: decimals([Some((-1, 28)), None]),
            limit_prices: decimals([None, Some((i64::MAX, 0))]),
            stop_prices: decimals([None, None]),
            depends_on: vec![0, 11],
            created_at: vec![i64::MIN, 3],
        }
    }

    #[test]
    fn a_row_is_put_together_of_its_columns() {
        let orders = orders(&two_orders()).unwrap();
        let [one, other] = orders.as_slice() else {
            panic!("two rows were sent");
        };
        assert_eq!(one.symbol.as_str(), "BTC/USD");
        assert_eq!(
            (one.id.get(), one.transaction.get(), one.account.get()),
            (11, 5, 1)
        );
        assert_eq!((one.side, one.order_type), (Side::Buy, OrderType::Market));
        assert_eq!(one.status, OrderState::Filled.into());
        assert_eq!(one.quantity, Decimal::new(15, 1));
        assert_eq!(one.fill_price, Some(Decimal::new(-1, 28)));
        assert_eq!((one.depends_on, one.created_at), (None, None));
        assert_eq!(other.status.phase, OrderPhase::Working);
        assert_eq!(other.status.name, "Parked by desk");
        assert_eq!((other.filled_quantity, other.stop_price), (None, None));
        assert_eq!(other.limit_price, Some(i64::MAX.into()));
        assert_eq!(other.depends_on, Some(one.id));
        assert_eq!(other.created_at, Some(Timestamp::from_micros(3)));
    }

    /// One transaction on a symbol of its own, and its two orders.
    fn a_book() -> types::BookTable {
        let mut orders = two_orders();
        let texts = std::mem::take(&mut orders.texts);
        types::BookTable {
            transactions: types::TransactionTable {
                texts: texts.into_iter().chain(["AAPL".into()]).collect(),
                ids: vec![5],
                experts: vec![0],
                symbols: vec![3],
                sides: vec![None],
                quantities: decimals([Some((8, 0))]),
                open_prices: decimals([None]),
                statuses: vec![types::TransactionStatus::Closing],
                created_at: vec![7],
            },
            orders,
        }
    }

    #[test]
    fn the_two_tables_of_a_book_share_their_texts() {
        let (transactions, read) = book(a_book()).unwrap();
        assert_eq!(read, orders(&two_orders()).unwrap());
        assert_eq!(transactions[0].symbol.as_str(), "AAPL");
        let mut broken = a_book();
        broken.orders.status_names[0] = 4;
        let error = book(broken).unwrap_err().to_string();
        assert!(error.contains("no text 4"), "{error}");
    }

    #[test]
    fn what_the_contract_rules_out_is_an_error() {
        let faults: [fn(&mut types::OrderTable); 7] = [
            |table| table.ids[0] = 0,
            |table| table.symbols[1] = 2,
            |table| table.symbols[1] = 3,
            |table| table.quantities.scales[0] = NO_SCALE,
            |table| table.fill_prices.scales[0] = 29,
            |table| table.accounts.truncate(1),
            |table| table.stop_prices.scales.push(0),
        ];
        for fault in faults {
            let mut table = two_orders();
            fault(&mut table);
            let error = orders(&table).unwrap_err().to_string();
            assert!(error.starts_with("the host broke the contract"), "{error}");
        }
    }
}
