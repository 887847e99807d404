//! The rules of floating P/L, one test each.
//!
//! Owns: what each rule means for a small book. Must not know: how it is done.

use lombard_model::{Account, Decimal, Order, OrderState, Side, Symbol, Timestamp};
use lombard_model::{Transaction, TransactionStatus};

use crate::fixtures::{account, dec, expert, fill, order, quote, texts, transaction};
use crate::{Book, Holders, floating_pl_per_account, floating_pl_per_expert};

/// The total P/L of everyone and the warnings, with XYZ at 120 on account 1.
fn pl(transactions: &[Transaction], orders: &[Order]) -> (Option<Decimal>, Vec<String>) {
    let book = Book::of(transactions, orders);
    let accounts = [account(1), account(2)];
    let report = floating_pl_per_account(&book, &accounts, &[quote(1, "120")]);
    let warnings = report
        .warnings
        .iter()
        .map(|warning| warning.text(&accounts))
        .collect();
    (report.total, warnings)
}

fn sum(number: &str) -> (Option<Decimal>, Vec<String>) {
    (Some(dec(number)), Vec::new())
}

#[test]
fn closing_still_holds_its_position_and_closed_holds_none() {
    let orders = [fill(1, 1, Side::Buy, "2", "100")];
    for (status, expected) in [
        (TransactionStatus::Waiting, "40"),
        (TransactionStatus::Opened, "40"),
        (TransactionStatus::Closing, "40"),
        (TransactionStatus::Closed, "0"),
    ] {
        let transaction = Transaction {
            status,
            ..transaction(1)
        };
        assert_eq!(pl(&[transaction], &orders), sum(expected), "{status}");
    }
}

#[test]
fn its_own_side_wins_over_that_of_its_earliest_order() {
    let orders = [
        fill(1, 1, Side::Sell, "1", "130"),
        fill(2, 1, Side::Buy, "3", "100"),
    ];
    // Said to be long: 3 in, 1 out. Else the first order says short: 1 in,
    // 3 out, which is no position.
    let long = Transaction {
        side: Some(Side::Buy),
        ..transaction(1)
    };
    assert_eq!(pl(&[long], &orders), sum("40"));
    assert_eq!(pl(&[transaction(1)], &orders), sum("0"));
}

#[test]
fn the_earliest_order_is_by_creation_unknown_first_then_by_id() {
    let sell = fill(7, 1, Side::Sell, "1", "130");
    let buy = fill(5, 1, Side::Buy, "3", "100");
    let with = |order: &Order, at: Option<i64>| Order {
        created_at: at.map(Timestamp::from_micros),
        ..order.clone()
    };
    let long = sum("40");
    let none = sum("0");
    for (buy_at, sell_at, expected) in [
        (Some(1), Some(2), &long),
        (Some(2), Some(1), &none),
        (None, Some(1), &long),
        (Some(1), None, &none),
        (Some(1), Some(1), &long),
        (None, None, &long),
    ] {
        let orders = [with(&sell, sell_at), with(&buy, buy_at)];
        assert_eq!(
            &pl(&[transaction(1)], &orders),
            expected,
            "{buy_at:?} {sell_at:?}"
        );
    }
}

#[test]
fn an_exit_reduces_the_position_at_the_average_of_the_entries() {
    let orders = [
        fill(1, 1, Side::Buy, "1", "100"),
        fill(2, 1, Side::Buy, "3", "104"),
        fill(3, 1, Side::Sell, "2", "130"),
    ];
    // (120 − 103) × 2.
    assert_eq!(pl(&[transaction(1)], &orders), sum("34"));
}

#[test]
fn a_cancelled_order_keeps_its_partial_fill() {
    let order = Order {
        status: OrderState::Canceled.into(),
        quantity: dec("10"),
        ..fill(1, 1, Side::Buy, "0.001", "100")
    };
    assert_eq!(pl(&[transaction(1)], &[order]), sum("0.02"));
}

#[test]
fn each_order_is_booked_to_its_own_account() {
    let other = Order {
        account: account(2).id,
        ..fill(2, 1, Side::Buy, "1", "100")
    };
    let orders = [fill(1, 1, Side::Buy, "1", "100"), other];
    let transactions = [transaction(1)];
    let book = Book::of(&transactions, &orders);
    let accounts = [account(1), account(2)];
    let quotes = [quote(1, "120"), quote(2, "90")];
    let report = floating_pl_per_account(&book, &accounts, &quotes);
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|row| (row.label.as_str(), row.pl))
        .collect();
    assert_eq!(rows, [("A1", dec("20")), ("A2", dec("-10"))]);
    assert_eq!(book.instruments(Holders::Everyone).len(), 2);
}

#[test]
fn no_price_is_told_once_and_takes_nothing_from_the_others() {
    let abc = Symbol::new("ABC").unwrap();
    let unpriced = Transaction {
        symbol: abc,
        ..transaction(2)
    };
    let orders = [
        fill(1, 1, Side::Buy, "1", "100"),
        fill(2, 2, Side::Buy, "1", "100"),
        fill(3, 2, Side::Buy, "1", "101"),
    ];
    let (total, warnings) = pl(&[transaction(1), unpriced], &orders);
    assert_eq!(total, Some(dec("20")));
    assert_eq!(
        warnings,
        ["transaction 2: no price for ABC on account A1 (1)"]
    );
}

#[test]
fn a_price_of_nothing_is_no_price() {
    let orders = [fill(1, 1, Side::Buy, "1", "100")];
    let transactions = [transaction(1)];
    let book = Book::of(&transactions, &orders);
    for price in ["0", "-1"] {
        let report = floating_pl_per_expert(&book, &[expert(1)], &[quote(1, price)]);
        assert!(report.rows.is_empty());
        assert_eq!(report.warnings.len(), 1);
    }
}

#[test]
fn fills_without_a_price_are_told_once() {
    let without = |id| Order {
        fill_price: None,
        ..fill(id, 1, Side::Buy, "1", "1")
    };
    let orders = [without(1), without(2), fill(3, 1, Side::Buy, "1", "100")];
    let (total, warnings) = pl(&[transaction(1)], &orders);
    assert_eq!(total, Some(dec("20")));
    assert_eq!(
        warnings,
        ["transaction 1: a fill without a price on account A1 (1) is left out"]
    );
}

#[test]
fn what_is_too_large_takes_nothing_from_the_others() {
    let huge = i64::MAX.to_string();
    let orders = [
        fill(1, 1, Side::Buy, &huge, &huge),
        fill(2, 2, Side::Buy, "1", "100"),
        fill(3, 3, Side::Buy, &huge, "1"),
    ];
    let (total, warnings) = pl(&[transaction(1), transaction(2), transaction(3)], &orders);
    assert_eq!(total, Some(dec("20")));
    assert_eq!(
        warnings,
        [
            "transaction 1: left out, its numbers on account A1 (1) are too large",
            "transaction 3: left out, its numbers on account A1 (1) are too large",
        ]
    );
}

#[test]
fn rows_go_from_highest_to_lowest_and_ties_by_id() {
    let of = |id: u64| Transaction {
        expert: Some(id.try_into().unwrap()),
        ..transaction(id)
    };
    let transactions = [of(1), of(2), of(3)];
    let orders = [
        fill(1, 1, Side::Buy, "1", "110"),
        fill(2, 2, Side::Buy, "1", "100"),
        fill(3, 3, Side::Buy, "1", "110"),
    ];
    let experts = [expert(1), expert(2), expert(3)];
    let book = Book::of(&transactions, &orders);
    let report = floating_pl_per_expert(&book, &experts, &[quote(1, "120")]);
    let labels: Vec<_> = report.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["P-2", "P-1", "P-3"]);
    let view = report.into_view(&[], Some(1));
    assert_eq!(texts(&view), ["2 more rows are not shown"]);
}

#[test]
fn a_trade_by_hand_is_its_accounts_but_no_experts() {
    let transactions = [Transaction {
        expert: None,
        ..transaction(1)
    }];
    let orders = [fill(1, 1, Side::Buy, "1", "100"), order(2, 1, Side::Buy)];
    let book = Book::of(&transactions, &orders);
    let quotes = [quote(1, "120")];
    assert!(book.instruments(Holders::Experts).is_empty());
    assert!(book.pending_instruments(Holders::Experts).is_empty());
    assert!(
        floating_pl_per_expert(&book, &[expert(1)], &quotes)
            .rows
            .is_empty()
    );
    assert_eq!(
        floating_pl_per_account(&book, &[account(1)], &quotes).total,
        Some(dec("20"))
    );
}

#[test]
fn totals_over_currencies_say_so() {
    let euros = Account {
        currency: "EUR".into(),
        ..account(2)
    };
    let other = Order {
        account: euros.id,
        ..fill(2, 1, Side::Buy, "1", "100")
    };
    let orders = [fill(1, 1, Side::Buy, "1", "100"), other];
    let transactions = [transaction(1)];
    let book = Book::of(&transactions, &orders);
    let quotes = [quote(1, "120"), quote(2, "120")];
    let report = floating_pl_per_expert(&book, &[expert(1)], &quotes);
    assert!(report.needs_accounts());
    let warning = "amounts in different currencies are added up without conversion: EUR, USD";
    assert_eq!(
        texts(&report.into_view(&[account(1), euros], None)),
        [warning]
    );
}
