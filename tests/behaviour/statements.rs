//! Invariant 3: statements do not grow with rows.
//!
//! Owns: rendering small and large books. Must not know: the statements.

use std::collections::BTreeSet;

use lombard_model::view::View;
use lombard_model::{CallCost, Grants};
use lombard_runtime::Host;

use crate::support::books::Book;
use crate::support::files::{self, WIDGETS};
use crate::support::{Setup, in_time, params, render};

/// At most, with nothing in the caches.
const MOST: u32 = 5;

fn books() -> impl Iterator<Item = Book> {
    let places = [(1, 1), (1, 8), (2, 8), (20, 40)];
    let small = places.map(|place| (place, 20));
    let large = places.map(|place| (place, 2_000));
    let books = small.into_iter().chain(large).chain([((20, 40), 5_000)]);
    books.map(|((accounts, experts), transactions)| Book {
        accounts,
        experts,
        transactions,
    })
}

#[tokio::test]
async fn statements_do_not_grow_with_rows_accounts_or_experts() {
    let mut cold: [BTreeSet<_>; 3] = Default::default();
    let mut warm: [BTreeSet<_>; 3] = Default::default();
    for book in books() {
        let host = Setup::one_connection().open_with(book.dataset()).await;
        // With one account there are no currencies to compare, which is one
        // statement less where the accounts are at hand.
        let one = book.accounts == 1;
        for (at, widget) in WIDGETS.into_iter().enumerate() {
            host.accounts().invalidate_all();
            let first = statements(&host, widget, book).await;
            let second = statements(&host, widget, book).await;
            assert!(
                second <= first && first <= MOST,
                "{widget} {book:?}: {first}, {second}"
            );
            cold[at].insert((one, first));
            warm[at].insert((one, second));
        }
    }
    for (at, widget) in WIDGETS.into_iter().enumerate() {
        let (cold, warm) = (&cold[at], &warm[at]);
        assert_eq!(
            (cold.len(), warm.len()),
            (2, 2),
            "{widget}: {cold:?}, {warm:?}"
        );
    }
}

/// The most statements of a plugin that looks up row by row.
const MOST_NAIVE: u32 = 6;

/// Renders the naive plugin; gives what it shows and what it cost.
async fn naive(host: &Host, look_ups: &str, strangers: u64) -> (View, CallCost) {
    let bytes = files::plugin("naive-floating-pl");
    let plugin = host
        .plugin_from(&bytes, &Grants::all())
        .await
        .expect("it works");
    let asked = params([
        ("look_ups", look_ups.into()),
        ("strangers", strangers.into()),
    ]);
    let rendered = in_time(host.render(&plugin, &asked, None))
        .await
        .expect("it works");
    (rendered.view, rendered.cost)
}

#[tokio::test]
async fn a_loop_of_look_ups_costs_as_many_statements_as_asking_well() {
    let mut statements = BTreeSet::new();
    for book in books().chain([Book {
        accounts: 20,
        experts: 40,
        transactions: 20_000,
    }]) {
        let host = Setup::one_connection().open_with(book.dataset()).await;
        let well = host.plugin(WIDGETS[0]).await.unwrap();
        let well = render(&host, &well).await.unwrap();
        // With what the SDK saves, and beside it.
        let (few, each) = (100 + book.transactions / 100, 5 * book.transactions);
        for (look_ups, calls) in [("needed", 0..few), ("raw", each..u64::MAX)] {
            host.accounts().invalidate_all();
            let (view, cost) = naive(&host, look_ups, 0).await;
            assert_eq!(view, well.view, "{book:?}");
            assert_eq!((cost.sessions, cost.connections), (1, 1));
            assert!(calls.contains(&cost.host_calls), "{book:?}: {cost:?}");
            statements.insert(cost.statements);
        }
        assert!(well.cost.statements <= MOST, "{book:?}");
    }
    let statements: Vec<_> = statements.into_iter().collect();
    assert!(
        matches!(statements[..], [one] if one <= MOST_NAIVE),
        "{statements:?}"
    );
}

/// Each kind of look-up costs its one statement, however often it is made.
#[tokio::test]
async fn every_kind_of_look_up_is_loop_proof() {
    let mut statements = BTreeSet::new();
    for (accounts, transactions) in [(2, 20), (2, 200), (2, 2_000), (20, 200)] {
        let book = Book {
            accounts,
            experts: 2 * accounts,
            transactions,
        };
        let host = Setup::one_connection().open_with(book.dataset()).await;
        let (_, cost) = naive(&host, "everything", 0).await;
        assert!(cost.host_calls > 10 * transactions, "{cost:?}");
        statements.insert(cost.statements);
    }
    let statements: Vec<_> = statements.into_iter().collect();
    assert!(
        matches!(statements[..], [one] if one <= 10),
        "{statements:?}"
    );
}

/// The guest fails where a set is not what its rows are one by one.
#[tokio::test]
async fn sets_are_what_their_rows_are_and_cost_as_much() {
    let mut statements = BTreeSet::new();
    for (accounts, transactions) in [(2, 20), (2, 2_000), (20, 200)] {
        let book = Book {
            accounts,
            experts: 2 * accounts,
            transactions,
        };
        let host = Setup::one_connection().open_with(book.dataset()).await;
        let (_, cost) = naive(&host, "sets", 0).await;
        assert!(cost.host_calls > 2 * transactions, "{cost:?}");
        statements.insert(cost.statements);
    }
    // Bars one by one, of symbols that nobody said were wanted, cost each their
    // own: ten here.
    let statements: Vec<_> = statements.into_iter().collect();
    assert!(
        matches!(statements[..], [one] if one <= 20),
        "{statements:?}"
    );
}

#[tokio::test]
async fn an_id_that_nobody_was_given_costs_one_statement_however_often() {
    let host = Setup::one_connection()
        .open_with(Book::of(20).dataset())
        .await;
    let (_, none) = naive(&host, "random", 0).await;
    host.accounts().invalidate_all();
    let (_, some) = naive(&host, "random", 50).await;
    assert!(
        some.statements <= none.statements + 50,
        "{some:?} and without: {none:?}"
    );
    assert_eq!(some.host_calls, none.host_calls + 100);
}

async fn statements(host: &Host, widget: &str, book: Book) -> u32 {
    let plugin = host.plugin(widget).await.expect("a bundled widget");
    let cost = render(host, &plugin).await.expect("a view").cost;
    assert_eq!(
        (cost.sessions, cost.connections),
        (1, 1),
        "{widget} {book:?}"
    );
    let rows = cost.rows;
    assert!(
        rows >= 3 * book.transactions,
        "{widget} {book:?}: it read {rows} rows"
    );
    cost.statements
}
