//! From the generated records to those of the model.
//!
//! Owns: what comes out of the host, moved and not copied. A host that sends
//! what the contract rules out (an id of 0, say) is told so by an error.
//! Must not know: which call the records came from.

use std::borrow::Cow;
use std::fmt::Display;

use lombard_model::{
    Account, Balance, Bar, Decimal, Expert, Instrument, Order, OrderPhase, OrderStatus, OrderType,
    PastRecommendation, Position, Quote, SettingValue, Side, Symbol, Timestamp, Transaction,
    TransactionStatus, WireDecimal,
};

use crate::Error;
use crate::bindings::{session, settings, types};

/// Lifts all of them, or none.
///
/// Not by `collect`, which can't size a vector of what may fail.
pub(crate) fn all<R, T>(
    records: Vec<R>,
    mut lift: impl FnMut(R) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut lifted = Vec::with_capacity(records.len());
    for record in records {
        lifted.push(lift(record)?);
    }
    Ok(lifted)
}

pub(crate) fn transaction(raw: types::Transaction) -> Result<Transaction, Error> {
    Ok(Transaction {
        id: id(raw.id)?,
        expert: optional(raw.expert, id)?,
        symbol: symbol(raw.symbol)?,
        side: raw.side.map(side),
        quantity: decimal(raw.quantity)?,
        open_price: optional(raw.open_price, decimal)?,
        status: transaction_status(raw.status),
        created_at: Timestamp::from_micros(raw.created_at),
    })
}

pub(crate) fn order(raw: types::Order) -> Result<Order, Error> {
    Ok(Order {
        id: id(raw.id)?,
        transaction: id(raw.transaction)?,
        account: id(raw.account)?,
        symbol: symbol(raw.symbol)?,
        side: side(raw.side),
        order_type: order_type(raw.order_type),
        status: OrderStatus {
            phase: phase(raw.status.phase),
            name: Cow::Owned(raw.status.name),
        },
        quantity: decimal(raw.quantity)?,
        filled_quantity: optional(raw.filled_quantity, decimal)?,
        fill_price: optional(raw.fill_price, decimal)?,
        limit_price: optional(raw.limit_price, decimal)?,
        stop_price: optional(raw.stop_price, decimal)?,
        depends_on: optional(raw.depends_on, id)?,
        created_at: raw.created_at.map(Timestamp::from_micros),
    })
}

pub(crate) fn account(raw: types::Account) -> Result<Account, Error> {
    Ok(Account {
        id: id(raw.id)?,
        name: raw.name,
        provider: raw.provider,
        currency: raw.currency,
    })
}

pub(crate) fn expert(raw: types::Expert) -> Result<Expert, Error> {
    Ok(Expert {
        id: id(raw.id)?,
        account: id(raw.account)?,
        plugin: raw.plugin,
        alias: raw.alias,
        enabled: raw.enabled,
        virtual_equity_percent: decimal(raw.virtual_equity_percent)?,
    })
}

pub(crate) fn balance(raw: types::Balance) -> Result<Balance, Error> {
    Ok(Balance {
        account: id(raw.account)?,
        cash: optional(raw.cash, decimal)?,
        taken_at: raw.taken_at.map(Timestamp::from_micros),
    })
}

pub(crate) fn position(raw: types::Position) -> Result<Position, Error> {
    Ok(Position {
        symbol: symbol(raw.symbol)?,
        quantity: decimal(raw.quantity)?,
    })
}

/// The answer to a question for this instrument, whose text it shares.
pub(crate) fn quote(raw: types::Quote, asked: Option<&Instrument>) -> Result<Quote, Error> {
    let text = raw.instrument.symbol;
    Ok(Quote {
        instrument: Instrument {
            account: id(raw.instrument.account)?,
            symbol: match asked {
                Some(asked) if asked.symbol.as_str() == text => asked.symbol.clone(),
                _ => symbol(text)?,
            },
        },
        price: optional(raw.price, decimal)?,
        taken_at: raw.taken_at.map(Timestamp::from_micros),
    })
}

pub(crate) fn bar(raw: types::Bar) -> Result<Bar, Error> {
    Ok(Bar {
        day: Timestamp::from_micros(raw.day),
        open: decimal(raw.open)?,
        high: decimal(raw.high)?,
        low: decimal(raw.low)?,
        close: decimal(raw.close)?,
        volume: decimal(raw.volume)?,
    })
}

pub(crate) fn past_recommendation(
    raw: session::PastRecommendation,
) -> Result<PastRecommendation, Error> {
    Ok(PastRecommendation {
        expert: id(raw.expert)?,
        symbol: symbol(raw.symbol)?,
        action: checked(raw.action.parse())?,
        confidence: decimal(raw.confidence)?,
        created_at: Timestamp::from_micros(raw.created_at),
    })
}

pub(crate) fn setting(raw: settings::Value) -> Result<SettingValue, Error> {
    Ok(match raw {
        settings::Value::Str(text) => SettingValue::Str(text),
        settings::Value::Int(number) => SettingValue::Int(number),
        settings::Value::Float(number) => SettingValue::Float(number),
        settings::Value::Decimal(number) => SettingValue::Decimal(decimal(number)?),
        settings::Value::Bool(yes) => SettingValue::Bool(yes),
        settings::Value::Json(text) => SettingValue::Json(text),
        settings::Value::List(texts) => SettingValue::List(texts),
    })
}

pub(crate) fn symbol(text: String) -> Result<Symbol, Error> {
    checked(Symbol::new(text))
}

pub(crate) fn id<I: TryFrom<u64>>(raw: u64) -> Result<I, Error> {
    I::try_from(raw).map_err(|_| broken(format_args!("{raw} is no id")))
}

fn decimal(raw: types::Decimal) -> Result<Decimal, Error> {
    let wire = WireDecimal {
        mantissa: raw.mantissa,
        scale: raw.scale,
    };
    checked(wire.try_into())
}

pub(crate) const fn transaction_status(raw: types::TransactionStatus) -> TransactionStatus {
    match raw {
        types::TransactionStatus::Waiting => TransactionStatus::Waiting,
        types::TransactionStatus::Opened => TransactionStatus::Opened,
        types::TransactionStatus::Closing => TransactionStatus::Closing,
        types::TransactionStatus::Closed => TransactionStatus::Closed,
    }
}

pub(crate) const fn side(raw: types::Side) -> Side {
    match raw {
        types::Side::Buy => Side::Buy,
        types::Side::Sell => Side::Sell,
    }
}

pub(crate) const fn phase(raw: types::OrderPhase) -> OrderPhase {
    match raw {
        types::OrderPhase::Unsent => OrderPhase::Unsent,
        types::OrderPhase::Working => OrderPhase::Working,
        types::OrderPhase::Filled => OrderPhase::Filled,
        types::OrderPhase::Ended => OrderPhase::Ended,
    }
}

pub(crate) const fn order_type(raw: types::OrderType) -> OrderType {
    match raw {
        types::OrderType::Market => OrderType::Market,
        types::OrderType::Limit => OrderType::Limit,
        types::OrderType::Stop => OrderType::Stop,
        types::OrderType::StopLimit => OrderType::StopLimit,
        types::OrderType::TrailingStop => OrderType::TrailingStop,
        types::OrderType::Other => OrderType::Other,
    }
}

fn optional<R, T>(
    raw: Option<R>,
    lift: impl FnOnce(R) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    raw.map(lift).transpose()
}

pub(crate) fn checked<T, E: Display>(value: Result<T, E>) -> Result<T, Error> {
    value.map_err(broken)
}

// Out of line: it is never taken where the host keeps the contract.
#[cold]
pub(crate) fn broken<E: Display>(fault: E) -> Error {
    Error::other(format!("the host broke the contract: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw_order() -> types::Order {
        types::Order {
            id: 1,
            transaction: 2,
            account: 3,
            symbol: "AAPL".into(),
            side: types::Side::Sell,
            order_type: types::OrderType::StopLimit,
            status: types::OrderStatus {
                phase: types::OrderPhase::Working,
                name: "pending_new".into(),
            },
            quantity: types::Decimal {
                mantissa: 15,
                scale: 1,
            },
            filled_quantity: None,
            fill_price: None,
            limit_price: None,
            stop_price: None,
            depends_on: Some(9),
            created_at: Some(1_000_000),
        }
    }

    #[test]
    fn an_order_arrives_as_it_was_sent() {
        let order = order(raw_order()).unwrap();
        assert_eq!(order.side, Side::Sell);
        assert_eq!(order.quantity, Decimal::new(15, 1));
        assert_eq!(order.status.name, "pending_new");
        assert_eq!(order.depends_on.unwrap().get(), 9);
        assert_eq!(order.created_at, Some(Timestamp::from_micros(1_000_000)));
    }

    #[test]
    fn a_price_is_of_what_it_says_whatever_was_asked() {
        let instrument = |symbol: &str| types::Instrument {
            account: 1,
            symbol: symbol.to_owned(),
        };
        let raw = || types::Quote {
            instrument: instrument("AAPL"),
            price: None,
            taken_at: None,
        };
        let asked = |symbol: &str| Instrument {
            account: id(1).unwrap(),
            symbol: symbol.parse().unwrap(),
        };
        for asked in [None, Some(asked("AAPL")), Some(asked("MSFT"))] {
            let quote = quote(raw(), asked.as_ref()).unwrap();
            assert_eq!(quote.instrument.symbol.as_str(), "AAPL");
        }
        let strange = types::Quote {
            instrument: instrument("no symbol"),
            ..raw()
        };
        let error = quote(strange, Some(&asked("AAPL"))).unwrap_err();
        assert!(error.to_string().starts_with("the host broke the contract"));
    }

    #[test]
    fn what_the_contract_rules_out_is_an_error() {
        let faults: [fn(&mut types::Order); 3] = [
            |order| order.id = 0,
            |order| order.symbol = "not a symbol".into(),
            |order| order.quantity.scale = 29,
        ];
        for fault in faults {
            let mut raw = raw_order();
            fault(&mut raw);
            let error = order(raw).unwrap_err().to_string();
            assert!(error.starts_with("the host broke the contract"), "{error}");
        }
    }
}
