//! Invariant 4: one call sees one snapshot.
//!
//! Owns: committing in the middle of a call. Must not know: how a snapshot is
//! held.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use lombard_model::dataset::Dataset;
use lombard_model::view::Cell;
use lombard_runtime::{Host, PluginRef};
use lombard_store::{Session, StoreError, TransactionFilter};
use tracing::Subscriber;
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::{
    Setup, TestHost, account, all_connections_are_back, guest, in_time, params, probe, stat, watch,
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
    old.end();
    new.end();
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
    let balances = host.accounts().balances(&[account(1)], &mut old).await;
    assert_eq!(balances.unwrap().len(), 1);
}

/// Writes this dataset at the first line that a guest writes, on another
/// thread and before the guest goes on; counts the lines.
fn committing(host: &Host, dataset: Dataset, lines: &Arc<AtomicU32>) -> impl Subscriber {
    let (store, runtime) = (host.store().clone(), tokio::runtime::Handle::current());
    let (lines, dataset) = (Arc::clone(lines), Mutex::new(Some(dataset)));
    watch::on_guest_line(move |line| {
        assert!(line.contains("read once"), "{line}");
        lines.fetch_add(1, Ordering::SeqCst);
        let Some(dataset) = dataset.lock().expect("nobody panicked").take() else {
            return;
        };
        let (store, runtime) = (store.clone(), runtime.clone());
        let committing = std::thread::spawn(move || runtime.block_on(store.import(dataset)));
        let committed = committing.join().expect("it does not panic");
        committed.expect("it commits");
    })
}

fn renamed(transactions: u64) -> Dataset {
    let mut document = Book::of(transactions).document();
    document["accounts"][0]["name"] = "renamed".into();
    crate::support::books::read(&document)
}

/// A host whose cache has an account, and the plugin that asks for it.
async fn with_account_at_hand() -> (TestHost, PluginRef) {
    let host = Setup::one_connection();
    let host = host.open_with(Book::of(20).dataset()).await;
    probe(&host, "account", 1).await.expect("it reads");
    let probes = guest(&host, "probes").await;
    (host, probes)
}

/// A call that was given an account from the cache, before a commit and before
/// it read from the database, begins anew: it sees one state all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_from_a_cache_is_of_the_state_that_the_call_reads() {
    for (id, reads) in [(1, "the database"), (2, "the cache again")] {
        let asked = params([("what", "cached".into()), ("id", id.into())]);
        // Without a commit it takes what is at hand and begins once.
        let (host, probes) = with_account_at_hand().await;
        let lines = Arc::new(AtomicU32::new(0));
        let quiet = Arc::clone(&lines);
        let watching = watch::on_guest_line(move |_| {
            quiet.fetch_add(1, Ordering::SeqCst);
        });
        let rendering = host.render(&probes, &asked, None);
        let rendered = in_time(rendering.with_subscriber(watching)).await.unwrap();
        assert_eq!(lines.load(Ordering::SeqCst), 1);
        assert_eq!(rendered.cost.sessions, if id == 1 { 1 } else { 0 });

        // A host that has not seen it yet: it would read ahead.
        let (host, probes) = with_account_at_hand().await;
        let commit = committing(&host, renamed(50), &lines);
        let rendering = host.render(&probes, &asked, None);
        let rendered = in_time(rendering.with_subscriber(commit)).await.unwrap();
        assert_eq!(
            lines.load(Ordering::SeqCst),
            3,
            "it did not begin anew: {reads}"
        );
        let (view, cost) = (rendered.view, rendered.cost);
        assert_eq!(stat(&view, "first"), Cell::Text("renamed".to_owned()));
        assert_eq!(stat(&view, "second"), stat(&view, "first"), "{reads}");
        if id == 1 {
            assert_eq!(stat(&view, "count"), Cell::Integer(50));
        }
        assert_eq!((cost.sessions, cost.connections), (1, 1), "{cost:?}");
        all_connections_are_back(host.store()).await;
    }
}

/// A session that was given something is told when it can't go on with it, and
/// can begin anew as it is.
#[tokio::test]
async fn a_session_that_was_given_an_older_state_is_told() {
    let host = Setup::one_connection().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let mut first = host.session("brings it into the cache");
    host.accounts()
        .account(account(1), &mut first)
        .await
        .unwrap();
    first.end();

    let mut session = host.session("is given it");
    let one = host.accounts().account(account(1), &mut session).await;
    assert_eq!(one.unwrap().state.account.name, "A1");
    assert!(!session.is_open());
    let seen = session.version().expect("it has seen something");
    host.import(renamed(20)).await.unwrap();
    let found = host.store().data_version();
    assert!(seen < found);
    let error = session.accounts().await.unwrap_err();
    assert!(
        matches!(error, StoreError::Moved { seen: a, found: b } if (a, b) == (seen, found)),
        "{error:?}"
    );
    assert_eq!(session.version(), Some(found));
    assert_eq!(session.accounts().await.unwrap()[0].account.name, "renamed");
    session.end();
    all_connections_are_back(host.store()).await;
}

/// The commit happens on another thread, in the middle of the guest's call of
/// the log, between its two reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_counts_the_same_before_and_after_a_commit_within_its_call() {
    let host = Setup::default().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let probes = guest(&host, "probes").await;
    let asked = params([("what", "snapshot".into())]);

    let commits = Arc::new(AtomicU32::new(0));
    let commit = committing(&host, Book::of(50).dataset(), &commits);
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

/// What a call asked before it began anew has not happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_began_anew_is_recorded_from_there() {
    let (host, probes) = with_account_at_hand().await;
    let asked = params([("what", "cached".into()), ("id", 1.into())]);
    let lines = Arc::new(AtomicU32::new(0));
    let commit = committing(&host, renamed(50), &lines);
    let rendering = host.render_recorded(&probes, &asked, None);
    let recorded = in_time(rendering.with_subscriber(commit)).await.unwrap();
    assert_eq!(lines.load(Ordering::SeqCst), 2, "it did not begin anew");
    let recording = recorded.recording.unwrap();
    let logged = recording
        .asked()
        .filter(|one| one.function() == "log.write");
    assert_eq!(logged.count(), 1);
    let replayed = host.replay(&probes, &recording).await.unwrap();
    assert!(replayed.is_identical(), "{replayed:?}");
}
