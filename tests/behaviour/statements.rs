//! Invariant 3: statements do not grow with rows.
//!
//! Owns: rendering small and large books. Must not know: the statements.

use std::collections::BTreeSet;

use lombard_runtime::Host;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, render};

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
