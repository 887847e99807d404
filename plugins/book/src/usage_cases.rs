//! The rules of balance usage, one test each.
//!
//! Owns: what each rule means for a small book. Must not know: how it is done.

use lombard_model::view::Block;
use lombard_model::{Decimal, Expert, Order, OrderState, Quote, Side, Transaction};

use crate::fixtures::{account, balance, dec, expert, fill, order, quote, texts, transaction};
use crate::{
    BalanceUsage, Book, accounts_to_ask, balance_usage_per_expert, floating_pl_per_account,
};

fn usage(orders: &[Order], experts: &[Expert], quotes: &[Quote]) -> BalanceUsage {
    let transactions = [transaction(1)];
    let book = Book::of(&transactions, orders);
    balance_usage_per_expert(&book, experts, &[balance(1, Some("1000"))], quotes)
}

#[test]
fn a_trade_by_hand_uses_no_experts_balance() {
    let by_hand = [Transaction {
        expert: None,
        ..transaction(1)
    }];
    let orders = [fill(1, 1, Side::Buy, "1", "100"), order(2, 1, Side::Buy)];
    let book = Book::of(&by_hand, &orders);
    let report = balance_usage_per_expert(&book, &[expert(1)], &[], &[quote(1, "120")]);
    assert_eq!(report.total_filled, Some(Decimal::ZERO));
    assert_eq!(report.total_pending, Some(Decimal::ZERO));
}

#[test]
fn only_the_working_rest_on_its_side_without_dependency_is_pending() {
    let with = |change: fn(&mut Order)| {
        let mut order = Order {
            limit_price: Some(Decimal::TWO),
            stop_price: Some(Decimal::ONE),
            ..order(1, 1, Side::Buy)
        };
        change(&mut order);
        let first = fill(9, 1, Side::Buy, "1", "1");
        let first = Order {
            created_at: None,
            ..first
        };
        let report = usage(&[first, order], &[expert(1)], &[quote(1, "3")]);
        report.total_pending.unwrap()
    };
    assert_eq!(with(|_| {}), dec("20"));
    assert_eq!(with(|order| order.limit_price = None), dec("10"));
    assert_eq!(
        with(|order| (order.limit_price, order.stop_price) = (None, None)),
        dec("30")
    );
    assert_eq!(
        with(|order| order.limit_price = Some(Decimal::ZERO)),
        dec("0")
    );
    assert_eq!(
        with(|order| order.filled_quantity = Some(dec("4"))),
        dec("12")
    );
    assert_eq!(with(|order| order.side = Side::Sell), dec("0"));
    assert_eq!(with(|order| order.depends_on = Some(order.id)), dec("0"));
    assert_eq!(
        with(|order| order.status = OrderState::WaitingTrigger.into()),
        dec("0")
    );
    assert_eq!(
        with(|order| order.status = OrderState::Held.into()),
        dec("20")
    );
}

#[test]
fn pending_without_any_price_is_nothing_and_told() {
    let report = usage(&[order(1, 1, Side::Buy)], &[expert(1)], &[]);
    assert_eq!(report.total_pending, Some(Decimal::ZERO));
    let warnings: Vec<_> = report.warnings.iter().map(|w| w.text(&[])).collect();
    assert_eq!(warnings, ["transaction 1: no price for XYZ on account 1"]);
}

#[test]
fn zero_percent_is_zero_and_what_is_over_leaves_nothing() {
    let none = Expert {
        virtual_equity_percent: Decimal::ZERO,
        ..expert(1)
    };
    let row = usage(&[], &[none], &[]).rows.remove(0);
    assert_eq!(row.virtual_equity, Some(Decimal::ZERO));
    assert_eq!(row.available, Some(Decimal::ZERO));
    let used = [fill(1, 1, Side::Buy, "3", "400")];
    let row = usage(&used, &[expert(1)], &[]).rows.remove(0);
    assert_eq!(
        (row.filled, row.available),
        (dec("1200"), Some(Decimal::ZERO))
    );
}

#[test]
fn an_unreachable_account_leaves_its_figures_absent() {
    let transactions = [];
    let book = Book::of(&transactions, &[]);
    let report = balance_usage_per_expert(&book, &[expert(1)], &[balance(1, None)], &[]);
    assert_eq!(report.rows[0].virtual_equity, None);
    assert_eq!(report.rows[0].available, None);
    let view = report.into_view(&[account(1)], None);
    assert_eq!(texts(&view), ["expert 1: no balance of account A1 (1)"]);
}

#[test]
fn a_disabled_expert_has_a_row_only_while_it_uses_balance() {
    let disabled = Expert {
        enabled: false,
        ..expert(1)
    };
    let used = [fill(1, 1, Side::Buy, "1", "100")];
    assert_eq!(
        usage(&used, std::slice::from_ref(&disabled), &[])
            .rows
            .len(),
        1
    );
    assert_eq!(
        usage(&[], std::slice::from_ref(&disabled), &[]).rows.len(),
        0
    );
    let transactions = [transaction(1)];
    let book = Book::of(&transactions, &used);
    assert_eq!(
        accounts_to_ask(&book, std::slice::from_ref(&disabled)),
        [disabled.account]
    );
    let idle = Book::of(&[], &[]);
    assert!(accounts_to_ask(&idle, &[disabled]).is_empty());
}

#[test]
fn blocks_stand_in_the_promised_order() {
    let report = usage(&[order(1, 1, Side::Buy)], &[expert(1)], &[]);
    assert!(matches!(
        report.into_view(&[], None).blocks.as_slice(),
        [
            Block::Table(_),
            Block::Bars(_),
            Block::Stat(_),
            Block::Stat(_),
            Block::Warning(_)
        ]
    ));
    let nothing = floating_pl_per_account(&Book::of(&[], &[]), &[], &[]);
    assert!(matches!(
        nothing.into_view(&[], None).blocks.as_slice(),
        [Block::Table(_), Block::Empty(_), Block::Stat(_)]
    ));
}
