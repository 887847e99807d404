//! Invariant 4: one call sees one snapshot.
//!
//! Owns: committing in the middle of a call. Must not know: how a snapshot is
//! held.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lombard_model::view::Cell;
use lombard_store::{Session, TransactionFilter};
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::{
    Setup, account, all_connections_are_back, guest, in_time, params, probe, stat, watch,
};

async fn open_transactions(session: &mut Session) -> usize {
    let open = TransactionFilter::open();
    let open = session.transactions(&open, None, 10_000).await;
    open.expect("transactions").len()
}

#[tokio::test]
async fn all_reads_of_a_session_are_of_one_database_state() {
    let host = Setup::default().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let mut old = host.session("before the commit");
    assert_eq!(open_transactions(&mut old).await, 20);

    let mut more = Book {
        accounts: 3,
        ..Book::of(30)
    }
    .document();
    more["accounts"][0]["name"] = "renamed".into();
    host.import(crate::support::books::read(&more))
        .await
        .unwrap();

    // What it has read before, and what it looks at for the first time.
    assert_eq!(open_transactions(&mut old).await, 20);
    assert_eq!(
        old.account(account(1)).await.unwrap().unwrap().account.name,
        "A1"
    );
    assert_eq!(old.accounts().await.unwrap().len(), 2);
    let mut new = host.session("after the commit");
    assert_eq!(open_transactions(&mut new).await, 30);
    assert_eq!(new.accounts().await.unwrap().len(), 3);
    assert_eq!(open_transactions(&mut old).await, 20);
    old.end().await;
    new.end().await;
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn an_account_is_read_of_the_state_that_the_call_has_seen() {
    let host = Setup::default().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let mut old = host.session("before the commit");
    assert_eq!(open_transactions(&mut old).await, 20);
    let mut renamed = Book::of(20).document();
    renamed["accounts"][0]["name"] = "renamed".into();
    host.import(crate::support::books::read(&renamed))
        .await
        .unwrap();
    // Another call brings the new state into the cache.
    let mut new = host.session("after the commit");
    let seen = host.accounts().account(account(1), &mut new).await.unwrap();
    assert_eq!(seen.state.account.name, "renamed");
    let seen = host.accounts().account(account(1), &mut old).await.unwrap();
    assert_eq!(
        seen.state.account.name, "A1",
        "the cache broke the snapshot"
    );
    let balances = host
        .accounts()
        .balances(&[account(1)], host.clock().now(), &mut old)
        .await;
    assert_eq!(balances.unwrap().len(), 1);
}

/// The commit happens on another thread, in the middle of the guest's call of
/// the log, between its two reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_counts_the_same_before_and_after_a_commit_within_its_call() {
    let host = Setup::default().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let probes = guest(&host, "probes").await;
    let asked = params([("what", "snapshot".into())]);

    let (store, runtime) = (host.store().clone(), tokio::runtime::Handle::current());
    let commits = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&commits);
    let commit = watch::on_guest_line(move |line| {
        assert!(line.contains("read once"), "{line}");
        let (store, runtime) = (store.clone(), runtime.clone());
        let more = Book::of(50).dataset();
        let committing = std::thread::spawn(move || runtime.block_on(store.import(more)));
        committing
            .join()
            .expect("it does not panic")
            .expect("it commits");
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let rendering = host.render(&probes, &asked, None);
    let view = in_time(rendering.with_subscriber(commit))
        .await
        .unwrap()
        .view;

    assert_eq!(
        commits.load(Ordering::SeqCst),
        1,
        "nothing was committed in between"
    );
    assert_eq!(stat(&view, "first"), Cell::Integer(20));
    assert_eq!(stat(&view, "second"), Cell::Integer(20));
    let view = probe(&host, "snapshot", 1).await.unwrap().view;
    assert_eq!(stat(&view, "first"), Cell::Integer(50));
    all_connections_are_back(host.store()).await;
}
