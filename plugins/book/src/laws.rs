//! What must hold for every book.
//!
//! Owns: the algebra of the numbers. Must not know: particular books.

use lombard_model::{Decimal, Order, OrderState, Side, Transaction};
use proptest::prelude::*;

use crate::fixtures::{account, balance, dec, expert, fill, order, quote, transaction};
use crate::{
    BalanceUsage, Book, FloatingPl, balance_usage_per_expert, floating_pl_per_account,
    floating_pl_per_expert,
};

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn an_order(id: u64) -> impl Strategy<Value = Order> {
    let created_at = prop::option::of(0_i64..3);
    (
        1_u64..6,
        1_u64..3,
        side(),
        1_i64..100,
        0_i64..3,
        1_i64..10_000,
        created_at,
    )
        .prop_map(
            move |(transaction, account, side, quantity, filled, price, created_at)| Order {
                account: account.try_into().unwrap(),
                quantity: Decimal::new(quantity * 3, 1),
                filled_quantity: (filled > 0).then(|| Decimal::new(quantity * filled, 1)),
                fill_price: (price % 7 > 0).then(|| Decimal::new(price, 2)),
                status: OrderState::PartiallyFilled.into(),
                created_at: created_at.map(lombard_model::Timestamp::from_micros),
                ..order(id, transaction, side)
            },
        )
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    (0_u64..24).prop_flat_map(|count| (1..=count).map(an_order).collect::<Vec<_>>())
}

fn transactions() -> Vec<Transaction> {
    let owned = |id: u64| Transaction {
        expert: (id > 1).then(|| (id % 2 + 1).try_into().unwrap()),
        ..transaction(id)
    };
    (1..6).map(owned).collect()
}

type Reports = (
    FloatingPl<lombard_model::ExpertId>,
    FloatingPl<lombard_model::AccountId>,
    BalanceUsage,
);

fn reports(transactions: &[Transaction], orders: &[Order]) -> Reports {
    let book = Book::of(transactions, orders);
    let (experts, accounts) = ([expert(1), expert(2)], [account(1), account(2)]);
    let quotes = [quote(1, "51.25"), quote(2, "49.5")];
    let balances = [balance(1, Some("1000"))];
    (
        floating_pl_per_expert(&book, &experts, &quotes),
        floating_pl_per_account(&book, &accounts, &quotes),
        balance_usage_per_expert(&book, &experts, &balances, &quotes),
    )
}

proptest! {
    #[test]
    fn the_order_of_records_does_not_show(
        (orders, shuffled) in orders().prop_flat_map(|o| (Just(o.clone()), Just(o).prop_shuffle())),
        others in Just(transactions()).prop_shuffle(),
    ) {
        prop_assert_eq!(reports(&transactions(), &orders), reports(&others, &shuffled));
    }

    #[test]
    fn a_fill_in_two_parts_is_the_same_fill(
        first in 1_i64..1_000_000, second in 1_i64..1_000_000,
        paid in 1_i64..1_000_000, side in side(),
    ) {
        let part = |id, quantity: i64| Order {
            filled_quantity: Some(Decimal::new(quantity, 3)),
            ..fill(id, 2, side, "1", &Decimal::new(paid, 2).to_string())
        };
        let (whole, ..) = reports(&transactions(), &[part(1, first + second)]);
        let (parts, ..) = reports(&transactions(), &[part(1, first), part(2, second)]);
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn what_one_side_wins_the_other_loses(quantity in 1_i64..1_000_000, paid in 1_i64..1_000_000) {
        let total = |side| {
            let order = fill(
                1, 2, side, &Decimal::new(quantity, 3).to_string(), &Decimal::new(paid, 2).to_string(),
            );
            reports(&transactions(), &[order]).0.total.unwrap()
        };
        prop_assert_eq!(total(Side::Buy), -total(Side::Sell));
    }

    #[test]
    fn the_total_is_the_sum_of_the_rows(orders in orders()) {
        let (per_expert, per_account, usage) = reports(&transactions(), &orders);
        let sum = per_expert.rows.iter().map(|row| row.pl).sum::<Decimal>();
        prop_assert_eq!(per_expert.total, Some(sum));
        let sum = per_account.rows.iter().map(|row| row.pl).sum::<Decimal>();
        prop_assert_eq!(per_account.total, Some(sum));
        let sum = usage.rows.iter().map(|row| row.filled).sum::<Decimal>();
        prop_assert_eq!(usage.total_filled, Some(sum));
        prop_assert!(usage.rows.iter().all(|row| row.available >= Some(Decimal::ZERO)));
    }

    #[test]
    fn an_exit_at_the_average_price_changes_no_gain_per_share(
        entered in 2_i64..1000, exited in 1_i64..1000, paid in 1_i64..10_000,
    ) {
        prop_assume!(exited < entered);
        let paid = Decimal::new(paid, 2).to_string();
        let orders = [
            fill(1, 2, Side::Buy, &entered.to_string(), &paid),
            fill(2, 2, Side::Sell, &exited.to_string(), &paid),
        ];
        let (per_expert, ..) = reports(&transactions(), &orders);
        let expected = (dec("51.25") - dec(&paid)) * Decimal::from(entered - exited);
        prop_assert_eq!(per_expert.total, Some(expected));
    }
}
