//! Records for tests, as short as they can be said.
//!
//! Owns: builders with harmless defaults. Must not know: what is tested.

use lombard_model::view::{Block, View};
use lombard_model::{
    Account, AccountId, Balance, Decimal, Expert, Instrument, Order, OrderState, OrderType, Quote,
    Side, Symbol, Timestamp, Transaction, TransactionStatus, parse_decimal,
};

/// A decimal of its text.
pub(crate) fn dec(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

/// An account `A{id}` in USD.
pub(crate) fn account(id: u64) -> Account {
    Account {
        id: id.try_into().unwrap(),
        name: format!("A{id}"),
        provider: "paper".into(),
        currency: "USD".into(),
    }
}

/// An enabled expert on account 1 with the whole balance.
pub(crate) fn expert(id: u64) -> Expert {
    Expert {
        id: id.try_into().unwrap(),
        account: AccountId::try_from(1_u64).unwrap(),
        plugin: "P".into(),
        alias: None,
        enabled: true,
        virtual_equity_percent: Decimal::ONE_HUNDRED,
    }
}

/// An opened transaction on XYZ of expert 1, its side not said.
pub(crate) fn transaction(id: u64) -> Transaction {
    Transaction {
        id: id.try_into().unwrap(),
        expert: Some(1_u64.try_into().unwrap()),
        symbol: Symbol::new("XYZ").unwrap(),
        side: None,
        quantity: Decimal::ONE,
        open_price: None,
        status: TransactionStatus::Opened,
        created_at: Timestamp::from_micros(0),
    }
}

/// A working market order for 10 on account 1, created at its id.
pub(crate) fn order(id: u64, transaction: u64, side: Side) -> Order {
    Order {
        id: id.try_into().unwrap(),
        transaction: transaction.try_into().unwrap(),
        account: AccountId::try_from(1_u64).unwrap(),
        symbol: Symbol::new("XYZ").unwrap(),
        side,
        order_type: OrderType::Market,
        status: OrderState::New.into(),
        quantity: Decimal::TEN,
        filled_quantity: None,
        fill_price: None,
        limit_price: None,
        stop_price: None,
        depends_on: None,
        created_at: Some(Timestamp::from_micros(i64::try_from(id).unwrap())),
    }
}

/// The same, executed in full.
pub(crate) fn fill(id: u64, transaction: u64, side: Side, quantity: &str, price: &str) -> Order {
    Order {
        status: OrderState::Filled.into(),
        quantity: dec(quantity),
        filled_quantity: Some(dec(quantity)),
        fill_price: Some(dec(price)),
        ..order(id, transaction, side)
    }
}

/// A price of XYZ on an account.
pub(crate) fn quote(account: u64, price: &str) -> Quote {
    Quote {
        instrument: Instrument {
            account: account.try_into().unwrap(),
            symbol: Symbol::new("XYZ").unwrap(),
        },
        price: Some(dec(price)),
        taken_at: None,
    }
}

/// The cash of an account.
pub(crate) fn balance(account: u64, cash: Option<&str>) -> Balance {
    Balance {
        account: account.try_into().unwrap(),
        cash: cash.map(dec),
        taken_at: None,
    }
}

/// What a view says in words.
pub(crate) fn texts(view: &View) -> Vec<&str> {
    fn text(block: &Block) -> Option<&str> {
        match block {
            Block::Text(text) | Block::Warning(text) => Some(text),
            _ => None,
        }
    }
    view.blocks.iter().filter_map(text).collect()
}
