//! The write-ahead log under constant load: it stays short although there is
//! never a moment without a reader, and nothing of it is lost.
//!
//! Owns: its length, from outside. Must not know: how it is cut.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_store::{
    Location, Purpose, SettingsOwner, SettingsWrite, Store, StoreOptions, TransactionFilter,
};
use serde_json::json;

use crate::support::books::Book;
use crate::support::{account, in_time};

/// The length at which the log is to be cut.
const BOUND: u64 = 256 << 10;

/// Of each of so many saves.
const SAVE: usize = 64 << 10;
const SAVES: usize = 100;

/// The longest that the log was right after a save, with readers that begin
/// the next session before they end the last.
async fn longest_log(folder: &Path, wal_bytes: u64) -> u64 {
    let file = folder.join("book.sqlite");
    let options = StoreOptions {
        wal_bytes,
        share_reads: false,
        ..StoreOptions::default()
    };
    let store = Store::open(&Location::file(file.clone()), &options).await;
    let store = store.expect("a store");
    store.import(Book::of(5).dataset()).await.expect("a book");
    let over = Arc::new(AtomicBool::new(false));
    let readers = [(); 2].map(|()| tokio::spawn(read(store.clone(), Arc::clone(&over))));

    let mut longest = 0;
    for save in 0..SAVES {
        let text = save.to_string().repeat(SAVE / save.to_string().len());
        let write = SettingsWrite {
            set: BTreeMap::from([("note".to_owned(), json!(text))]),
            ..SettingsWrite::default()
        };
        let saved = in_time(store.save_settings(SettingsOwner::Account(account(1)), write));
        saved.await.expect("a save");
        let log = std::fs::metadata(file.with_extension("sqlite-wal")).expect("a log");
        longest = longest.max(log.len());
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(in_time(reader).await.expect("a reader") > 0);
    }
    let mut session = store.session(Purpose::host("look"));
    let read = session.account(account(1)).await.expect("a read");
    let note = read.expect("the account").settings["note"].to_string();
    assert!(note.starts_with("\"99"), "the last save is not there");
    session.end();
    store.close().await;
    longest
}

async fn read(store: Store, over: Arc<AtomicBool>) -> u32 {
    let (mut reads, mut last) = (0, None);
    while !over.load(Ordering::SeqCst) {
        let mut session = store.session(Purpose::host("read"));
        let open = TransactionFilter::open();
        let open = session.transactions(&open, None, 10).await;
        assert_eq!(open.expect("a read").len(), 5);
        reads += 1;
        last = Some(session);
        tokio::task::yield_now().await;
    }
    drop(last);
    reads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short_though_there_is_always_a_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = u64::try_from(SAVE * SAVES).expect("it fits");
    let longest = longest_log(folder.path(), BOUND).await;
    assert!(longest < written / 4, "{longest} of {written} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_bound_it_grows() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = u64::try_from(SAVE * SAVES).expect("it fits");
    let longest = longest_log(folder.path(), u64::MAX).await;
    // SQLite begins to cut it at 1,000 pages, 4 MB, and comes to an end of that
    // only where there happens to be a moment without a reader.
    assert!(longest > written / 2, "{longest} of {written} bytes");
}
