//! What a guest is answered from a recording is what it was answered before.

use lombard_model as model;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answers::{self, Answered};
use crate::bindings::session::SymbolBars;
use crate::bindings::settings::{Entry, Value};
use crate::bindings::types::{
    Account, Balance, Bar, BookTable, Decimal, Expert, Instrument, Order, OrderTable, Quote,
    SessionError, SettingsError, Transaction, TransactionTable,
};

/// A value after it was written and read again, by its every field.
fn again<T, E>(function: &str, answer: &Answered<T, E>) -> (String, String)
where
    T: Serialize + DeserializeOwned + std::fmt::Debug,
    E: Serialize + DeserializeOwned + std::fmt::Debug,
{
    let text = serde_json::to_string(answer).unwrap();
    answers::check(function, &text).unwrap();
    let read: Answered<T, E> = answers::read(&text).unwrap();
    (format!("{answer:?}"), format!("{read:?}"))
}

fn of_session<T>(function: &str, value: T) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + std::fmt::Debug,
{
    let (was, is) = again::<T, SessionError>(function, &Answered::Ok(value));
    prop_assert_eq!(was, is);
    Ok(())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u8..=28).prop_map(|(mantissa, scale)| Decimal { mantissa, scale })
}

fn number() -> impl Strategy<Value = model::Decimal> {
    (any::<i64>(), 0_u32..=28).prop_map(|(digits, scale)| model::Decimal::new(digits, scale))
}

fn symbol() -> impl Strategy<Value = model::Symbol> {
    "[A-Z]{1,5}".prop_map(|text| text.parse().unwrap())
}

fn time() -> impl Strategy<Value = model::Timestamp> {
    any::<i64>().prop_map(model::Timestamp::from_micros)
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

prop_compose! {
    fn transaction()(
        id in 1..u64::MAX,
        expert in proptest::option::of(1..u64::MAX),
        symbol in symbol(),
        is_buy in proptest::option::of(any::<bool>()),
        quantity in number(),
        open_price in proptest::option::of(number()),
        status in one_of(model::TransactionStatus::ALL),
        created_at in time(),
    ) -> model::Transaction {
        let side = |is_buy| if is_buy { model::Side::Buy } else { model::Side::Sell };
        model::Transaction {
            // Ids end where those of a database do.
            id: (id >> 1).max(1).try_into().unwrap(),
            expert: expert.map(|id| (id >> 1).max(1).try_into().unwrap()),
            symbol,
            side: is_buy.map(side),
            quantity,
            open_price,
            status,
            created_at,
        }
    }
}

prop_compose! {
    fn order()(
        (id, depends_on) in (1..1_u64 << 62, proptest::option::of(1..1_u64 << 62)),
        symbol in symbol(),
        order_type in one_of(model::OrderType::ALL),
        state in one_of(model::OrderState::ALL),
        quantity in number(),
        prices in proptest::collection::vec(proptest::option::of(number()), 4),
        created_at in proptest::option::of(time()),
    ) -> model::Order {
        model::Order {
            id: id.try_into().unwrap(),
            transaction: id.try_into().unwrap(),
            account: id.try_into().unwrap(),
            symbol,
            side: model::Side::Sell,
            order_type,
            status: state.into(),
            quantity,
            filled_quantity: prices[0],
            fill_price: prices[1],
            limit_price: prices[2],
            stop_price: prices[3],
            depends_on: depends_on.map(|id| id.try_into().unwrap()),
            created_at,
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::Str),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        decimal().prop_map(Value::Decimal),
        any::<bool>().prop_map(Value::Bool),
        any::<String>().prop_map(Value::Json),
        proptest::collection::vec(any::<String>(), 0..4).prop_map(Value::List),
    ]
}

proptest! {
    #[test]
    fn rows_come_back(
        transactions in proptest::collection::vec(transaction(), 0..8),
        orders in proptest::collection::vec(order(), 0..8),
    ) {
        let rows: Vec<_> = transactions.iter().map(Transaction::from).collect();
        of_session("session.transaction", rows.first().cloned())?;
        of_session("session.transactions", rows)?;
        of_session("session.transaction-table", TransactionTable::from(transactions.as_slice()))?;
        let rows: Vec<_> = orders.iter().map(Order::from).collect();
        of_session("session.orders-of", rows)?;
        of_session("session.order-table", OrderTable::from(orders.as_slice()))?;
        of_session("session.book-table", BookTable::of(&transactions, &orders))?;
    }

    #[test]
    fn the_small_records_come_back(
        id: u64,
        text: String,
        maybe in proptest::option::of(any::<String>()),
        number in decimal(),
        price in proptest::option::of(decimal()),
        time: i64,
        yes: bool,
    ) {
        let words = || text.clone();
        of_session("session.account", Some(Account {
            id, name: words(), provider: words(), currency: words(),
        }))?;
        of_session("session.experts", vec![Expert {
            id, account: id, plugin: words(), alias: maybe, enabled: yes,
            virtual_equity_percent: number,
        }])?;
        let instrument = Instrument { account: id, symbol: words().into() };
        of_session("session.quotes", vec![Quote { instrument, price, taken_at: Some(time) }])?;
        of_session("session.balances", vec![Balance { account: id, cash: price, taken_at: None }])?;
        let bar = Bar {
            day: time, open: number, high: number, low: number, close: number, volume: number,
        };
        of_session("session.bars-of", vec![SymbolBars { symbol: words(), bars: vec![bar] }])?;
        let errors = [
            SessionError::Denied(words()), SessionError::Invalid(words()),
            SessionError::Limit(words()), SessionError::Unavailable(words()),
            SessionError::Other(words()),
        ];
        for error in errors {
            let (was, is) = again::<Option<Account>, _>("session.account", &Answered::Err(error));
            prop_assert_eq!(was, is);
        }
    }

    #[test]
    fn settings_come_back(key: String, value in value(), float: f64) {
        let entries = vec![Entry { key, value }];
        let (was, is) = again::<_, SettingsError>("settings.all", &Answered::Ok(entries));
        prop_assert_eq!(was, is);
        let value = Some(Value::Float(float));
        let (was, is) = again::<_, SettingsError>("settings.get", &Answered::Ok(value));
        prop_assert_eq!(was, is);
        let none: Answered<Option<Value>, _> = Answered::Err(SettingsError::NoAccount);
        let (was, is) = again("settings.get-account", &none);
        prop_assert_eq!(was, is);
    }

    #[test]
    fn a_decimal_has_the_same_digits_and_places(mantissa: i64, scale: u8) {
        let text = super::numbers::decimal_text(mantissa, scale);
        prop_assert_eq!(super::numbers::decimal(&text), Ok((mantissa, scale)));
    }

    #[test]
    fn no_text_is_taken_for_a_decimal_that_it_is_not(text in "[-+0-9.e]{0,12}") {
        if let Ok((mantissa, scale)) = super::numbers::decimal(&text) {
            prop_assert_eq!(super::numbers::decimal_text(mantissa, scale), text);
        }
    }
}
