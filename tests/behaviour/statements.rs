//! Invariant 3: statements do not grow with rows.
//!
//! Owns: rendering small and large books. Must not know: the statements.

use std::collections::BTreeSet;

use lombard_runtime::Host;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, render};

const ROWS: [u64; 3] = [20, 2_000, 5_000];
/// Accounts and experts.
const PLACES: [(u64, u64); 4] = [(1, 1), (1, 8), (2, 8), (20, 40)];

/// A book with one account needs no comparison of currencies, which is one
/// statement less where the accounts are at hand.
const MOST: u32 = 5;

#[tokio::test]
async fn statements_do_not_grow_with_rows_accounts_or_experts() {
    for widget in WIDGETS {
        let mut cold = BTreeSet::new();
        let mut warm = BTreeSet::new();
        for (accounts, experts) in PLACES {
            for transactions in ROWS {
                let book = Book {
                    accounts,
                    experts,
                    transactions,
                };
                let (first, second) = cold_and_warm(widget, book).await;
                assert!(
                    second <= first && first <= MOST,
                    "{widget} {book:?}: {first}, {second}"
                );
                cold.insert((accounts > 1, first));
                warm.insert((accounts > 1, second));
            }
        }
        // One number for all books of one account, and one for all others.
        assert_eq!(
            (cold.len(), warm.len()),
            (2, 2),
            "{widget}: {cold:?}, {warm:?}"
        );
    }
}

/// The statements of a render with nothing in the caches, and of the next.
async fn cold_and_warm(widget: &str, book: Book) -> (u32, u32) {
    let host = Setup::one_connection().open().await;
    host.import(book.dataset()).await.expect("it is imported");
    let first = statements(&host, widget, book).await;
    host.accounts().invalidate_all();
    let again = statements(&host, widget, book).await;
    assert_eq!(again, first, "{widget} {book:?}");
    (first, statements(&host, widget, book).await)
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
