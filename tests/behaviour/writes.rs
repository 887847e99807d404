//! Writes: all or nothing, one after the other, in nobody's way, and done even
//! where the one who asked has gone.
//!
//! Owns: the store's writes as a host uses them. Must not know: statements.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_model::dataset::Dataset;
use lombard_store::{Session, SettingsOwner, SettingsWrite, StoreError, TransactionFilter};
use serde_json::json;

use crate::support::books::{self, Book};
use crate::support::futures::at_most;
use crate::support::{Setup, account, all_connections_are_back, in_time};

async fn counts(session: &mut Session) -> (usize, usize, usize) {
    let all = TransactionFilter::open();
    let transactions = session
        .transactions(&all, None, 100_000)
        .await
        .expect("transactions");
    let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
    let orders = session.orders_of(&ids).await.expect("orders");
    let accounts = session.accounts().await.expect("accounts");
    (accounts.len(), transactions.len(), orders.len())
}

#[tokio::test]
async fn an_import_that_fails_in_the_middle_leaves_nothing_and_foreign_keys_hold() {
    let host = Setup::one_connection().open().await;
    // Past the checks of a document: the database itself has to refuse it.
    let mut bad = Book::of(2_500).dataset();
    bad.orders.last_mut().unwrap().transaction_id = 99_999_u64.try_into().unwrap();
    let refused = host.store().import(bad).await.unwrap_err();
    assert!(matches!(refused, StoreError::Database(_)), "{refused:?}");
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (0, 0, 0));
    session.end();

    // One that is found only at the commit.
    let mut bad = Book::of(5).dataset();
    bad.orders[3].depends_on = Some(99_999_u64.try_into().unwrap());
    let refused = host.store().import(bad).await.unwrap_err();
    assert!(matches!(refused, StoreError::Database(_)), "{refused:?}");
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (0, 0, 0));
    session.end();

    host.import(Book::of(5).dataset()).await.unwrap();
    let mut session = host.session("look");
    assert_eq!(
        counts(&mut session).await,
        (2, 5, 10),
        "the writer did not recover"
    );
    session.end();
}

#[tokio::test]
async fn a_document_at_fault_writes_nothing() {
    let host = Setup::one_connection().open().await;
    let mut document = Book::of(5).document();
    document["orders"][9]["quantity"] = json!("NaN");
    let fault = Dataset::read(document.to_string().as_bytes()).unwrap_err();
    assert!(
        fault.to_string().starts_with("orders[9].quantity: "),
        "{fault}"
    );

    // A setting that does not fit is known only to the host.
    let mut document = Book::of(5).document();
    document["experts"][3]["settings"] = json!({"min_confidence": "much"});
    let refused = host.import(books::read(&document)).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("experts[3].settings.min_confidence: "),
        "{refused}"
    );
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (0, 0, 0));
}

#[tokio::test]
async fn an_import_that_is_repeated_writes_nothing() {
    let host = Setup::one_connection().open().await;
    let mut document = Book::of(1_500).document();
    document["accounts"][0]["settings"] = json!({"kept": [1, {"a": null}]});
    let first = host
        .store()
        .import(books::read(&document))
        .await
        .unwrap()
        .value;
    assert!(first.written >= 1_500 * 3, "{first:?}");
    let again = host.store().import(books::read(&document)).await.unwrap();
    assert_eq!((again.value.written, again.rows), (0, 0));
    assert_eq!(again.value.transactions, 1_500);
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (2, 1_500, 3_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_never_meet_a_locked_database_and_see_whole_writes() {
    let host = Arc::new(Setup::default().open().await);
    host.import(Book::of(10).dataset()).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let readers = (0..6).map(|_| {
        let (host, over) = (Arc::clone(&host), Arc::clone(&over));
        tokio::spawn(async move {
            let mut reads = 0_u32;
            while !over.load(Ordering::SeqCst) || reads == 0 {
                let mut session = host.session("read");
                let (_, transactions, orders) = counts(&mut session).await;
                assert_eq!(transactions * 2, orders, "half of an import");
                assert_eq!(transactions % 10, 0, "half of an import");
                session.end();
                reads += 1;
            }
            reads
        })
    });
    let readers: Vec<_> = readers.collect();
    let writers = (0..4_u64).map(|writer| {
        let host = Arc::clone(&host);
        tokio::spawn(async move {
            for round in 0..15 {
                let book = Book::of(10 * (1 + writer + 4 * round));
                host.store().import(book.dataset()).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        in_time(writer).await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(in_time(reader).await.unwrap() > 0);
    }
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (2, 600, 1_200));
    session.end();
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_write_is_done_even_where_the_one_who_asked_has_gone() {
    let host = Setup::one_connection().open().await;
    host.import(Book::of(1).dataset()).await.unwrap();
    let owner = SettingsOwner::Account(account(1));
    let write = |key: &str, value: i64| SettingsWrite {
        set: BTreeMap::from([(key.to_owned(), json!(value))]),
        ..SettingsWrite::default()
    };
    for polls in 1..4 {
        let store = host.store();
        let mut first = Box::pin(store.save_settings(owner, write("first", 1)));
        assert!(
            at_most(&mut first, 1).await.is_none(),
            "it was done at once"
        );
        drop(first);
        let mut import = Box::pin(store.import(Book::of(100).dataset()));
        let _ = at_most(&mut import, polls).await;
        drop(import);
        // In the order they were asked for.
        let last = in_time(store.save_settings(owner, write("last", 2)))
            .await
            .unwrap();
        assert_eq!(last.version, store.data_version(), "{last:?}");
        let mut session = host.session("look");
        assert_eq!(counts(&mut session).await.1, 100);
        let saved = session.account(account(1)).await.unwrap().unwrap().settings;
        assert_eq!((&saved["first"], &saved["last"]), (&json!(1), &json!(2)));
        session.end();
    }
}

#[tokio::test]
async fn a_store_that_is_closed_says_so_and_has_written_what_was_queued() {
    let folder = tempfile::tempdir().unwrap();
    let host = Setup::one_connection().open_in(folder.path()).await;
    let mut import = Box::pin(host.store().import(Book::of(100).dataset()));
    assert!(at_most(&mut import, 1).await.is_none());
    drop(import);
    in_time(host.close()).await;
    let refused = host
        .store()
        .import(Book::of(1).dataset())
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Closed), "{refused:?}");
    let refused = host.session("late").open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Closed), "{refused:?}");

    let host = Setup::one_connection().open_in(folder.path()).await;
    let mut session = host.session("look");
    assert_eq!(counts(&mut session).await, (2, 100, 200));
}
