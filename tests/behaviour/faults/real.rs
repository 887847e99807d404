//! Faults under the store that are brought about and not asked for: a database
//! that may not grow, and one that another process keeps.
//!
//! Owns: bringing them about. What is asked for stands in `store`.

use std::time::Duration;

use lombard_store::{Fault, Faults, Location, Point, SettingsOwner, SettingsWrite, Store};
use lombard_store::{StoreError, StoreOptions};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::{Desk, Work, is_told_as, kept};
use crate::support::books::Book;
use crate::support::{PATIENCE, Setup, account, all_connections_are_back, in_time};

/// Room for a desk, and not for a large book.
const MOST: u64 = 4 << 20;

/// A write that needs room fails, however often; what needs none is served. A
/// transaction that the database itself has given up is one of these.
#[tokio::test]
async fn a_full_database_refuses_what_needs_room_and_serves_the_rest() {
    let mut desk = Desk::new(Setup {
        max_bytes: Some(MOST),
        ..Setup::one_connection()
    })
    .await;
    let before = kept(&desk.host).await;
    for _ in 0..3 {
        let large = Book::of(20_000).dataset();
        let error = desk.host.import(large).await.expect_err("there is no room");
        is_told_as(Fault::Full, &error);
        assert_eq!(kept(&desk.host).await, before);
        all_connections_are_back(desk.host.store()).await;
        desk.does(Work::Render).await.expect("who reads is served");
    }
    desk.is_done(Work::Save).await;
    let folder = desk.host.folder().to_owned();
    let size = std::fs::metadata(folder.join("book.sqlite"))
        .expect("a file")
        .len();
    assert!(size <= MOST, "{size}");

    // With room it goes on where it was.
    let host = Setup::one_connection().open_in(&folder).await;
    let large = Book::of(20_000).dataset();
    host.import(large).await.expect("there is room");
}

/// Another process that does not let go: one that hangs at its commit.
struct Other {
    gone: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Other {
    async fn keeps(location: &Location) -> Self {
        let location = location.clone();
        let (gone, going) = oneshot::channel();
        let (there, is_there) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(hang(location, there, going));
        });
        is_there.await.expect("it has the lock");
        Self { gone, thread }
    }

    fn lets_go(self) {
        self.gone.send(()).expect("it waits for it");
        self.thread.join().expect("it does not panic");
    }
}

async fn hang(location: Location, there: oneshot::Sender<()>, going: oneshot::Receiver<()>) {
    let there = std::sync::Mutex::new(Some(there));
    let faults = Faults::asking(move |point| {
        if point == Point::Commit {
            if let Some(there) = there.lock().expect("nobody panicked").take() {
                there.send(()).expect("somebody waits for it");
            }
            return Some(Fault::Slow(PATIENCE));
        }
        None
    });
    let options = StoreOptions {
        faults,
        watch_every: None,
        ..StoreOptions::default()
    };
    let store = Store::open(&location, &options)
        .await
        .expect("the same database");
    let write = SettingsWrite {
        set: [("note".to_owned(), "theirs".into())].into(),
        ..SettingsWrite::default()
    };
    let saving = store.save_settings(SettingsOwner::Account(account(1)), write);
    tokio::select! {
        saved = saving => panic!("it hangs: {saved:?}"),
        gone = going => gone.expect("it is told"),
    }
}

#[tokio::test]
async fn a_database_that_another_process_keeps_is_told_as_busy_until_it_lets_go() {
    let mut desk = Desk::new(Setup {
        busy_timeout: Duration::from_millis(20),
        ..Setup::one_connection()
    })
    .await;
    let before = kept(&desk.host).await;
    let other = Other::keeps(desk.host.store().location()).await;
    for work in [Work::Run, Work::Save, Work::Import] {
        let error = desk.does(work).await.expect_err("it is locked");
        is_told_as(Fault::Busy, &error);
        all_connections_are_back(desk.host.store()).await;
    }
    assert_eq!(kept(&desk.host).await, before, "something half");
    desk.does(Work::Render).await.expect("who reads is served");
    other.lets_go();
    for work in [Work::Run, Work::Save, Work::Import] {
        // It goes at its own time.
        in_time(async {
            while let Err(error) = desk.does(work).await {
                is_told_as(Fault::Busy, &error);
            }
        })
        .await;
    }
    let after = kept(&desk.host).await;
    assert!(!after.saved.contains_key("note"), "what was not committed");
    assert_ne!(after.saved, before.saved);
}

#[tokio::test]
async fn a_file_that_is_no_database_any_more_is_told_as_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book.sqlite");
    std::fs::write(&path, "no database, but text of some length".repeat(1_000)).expect("a file");
    let opened = Store::open(&Location::file(path), &StoreOptions::default()).await;
    let error = opened.expect_err("it is none");
    let StoreError::Open { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(matches!(source.into(), StoreError::Damaged(_)));
}
