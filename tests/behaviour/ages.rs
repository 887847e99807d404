//! How long a state is cached, and what the caches say of themselves.
//!
//! Owns: the time to live of settings, how soon another process's change is
//! noticed, and the statistics. Loading stands in
//! `caches`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lombard_accounts::{AccountState, AccountsError, AgeClock};
use lombard_runtime::Host;
use lombard_store::{SettingsOwner, SettingsWrite, StoreError};
use serde_json::json;

use crate::support::books::Book;
use crate::support::{Setup, TestHost, account, in_time};

const TTL: Duration = Duration::from_secs(60);

/// A host whose states live for a minute, by a clock that stands.
async fn host() -> (TestHost, AgeClock) {
    let age = AgeClock::driven();
    let setup = Setup {
        settings_ttl: Some(TTL),
        age: age.clone(),
        share_reads: true,
        ..Setup::default()
    };
    (setup.open_with(Book::of(5).dataset()).await, age)
}

async fn state(host: &Host, id: u64) -> Arc<AccountState> {
    let mut session = host.session("read");
    let loaded = host.accounts().account(account(id), &mut session).await;
    loaded.expect("the account").state
}

#[tokio::test]
async fn a_state_older_than_its_time_to_live_is_loaded_at_its_next_use() {
    let (host, age) = host().await;
    let mut session = host.session("hold");
    let accounts = host.accounts();
    let held = accounts.account(account(1), &mut session).await.unwrap();
    session.end();
    age.advance(TTL);
    assert!(
        Arc::ptr_eq(&held.state, &state(&host, 1).await),
        "too early"
    );
    age.advance(Duration::from_nanos(1));

    let mut session = host.session("after it");
    let again = accounts.account(account(1), &mut session).await.unwrap();
    assert_eq!(session.cost().statements, 1, "it did not ask the database");
    assert!(!Arc::ptr_eq(&held.state, &again.state), "it was not loaded");
    assert!(Arc::ptr_eq(&held.instance, &again.instance), "two of one");
    let stats = accounts.account_stats();
    assert_eq!((stats.loads, stats.evictions.expired), (2, 1), "{stats:?}");
    assert_eq!(stats.evictions.total(), 1);
    // It is new again, and nobody expires it twice.
    assert!(Arc::ptr_eq(&again.state, &state(&host, 1).await));

    // Together with others, too.
    age.advance(2 * TTL);
    let both = [account(1), account(2)];
    let mut session = host.session("balances");
    accounts.balances(&both, &mut session).await.unwrap();
    let stats = accounts.account_stats();
    assert_eq!((stats.loads, stats.evictions.expired), (3, 2), "{stats:?}");
}

#[tokio::test]
async fn a_hundred_uses_of_what_is_too_old_are_one_load() {
    let (host, age) = host().await;
    state(&host, 1).await;
    age.advance(2 * TTL);
    let readers: Vec<_> = (0..100).map(|_| state(&host, 1)).collect();
    let read = in_time(futures_util::future::join_all(readers)).await;
    assert!(read.iter().all(|one| Arc::ptr_eq(one, &read[0])));
    let stats = host.accounts().account_stats();
    assert_eq!((stats.loads, stats.evictions.expired), (2, 1), "{stats:?}");
}

#[tokio::test]
async fn without_a_time_to_live_nothing_grows_old() {
    let age = AgeClock::driven();
    let setup = Setup {
        age: age.clone(),
        ..Setup::default()
    };
    let host = setup.open_with(Book::of(5).dataset()).await;
    let one = state(&host, 1).await;
    age.advance(Duration::from_secs(1 << 30));
    assert!(Arc::ptr_eq(&one, &state(&host, 1).await));
}

/// Promised are 100 ms. The bound here is generous, since others may have the
/// machine; what was measured is printed.
#[tokio::test]
async fn another_process_s_change_is_noticed_soon_and_without_a_read() {
    let folder = tempfile::tempdir().unwrap();
    let here = Setup::default().open_in(folder.path()).await;
    here.import(Book::of(5).dataset()).await.unwrap();
    let there = Setup::default().open_in(folder.path()).await;
    let opened = here.store().pool_status().sessions_opened;
    let mut took = Vec::new();
    for round in 1..=20 {
        let write = SettingsWrite {
            set: [("n".to_owned(), round.into())].into(),
            ..SettingsWrite::default()
        };
        let owner = SettingsOwner::Account(account(1));
        let written = there.store().save_settings(owner, write).await.unwrap();
        let saved = Instant::now();
        state_of_now(&here, written.version).await;
        took.push(saved.elapsed());
    }
    let sessions = here.store().pool_status().sessions_opened - opened;
    assert_eq!(sessions, 0, "it took sessions to notice");
    took.sort_unstable();
    println!("noticed after {:?}, at most {:?}", took[10], took[19]);
    assert!(took[10] < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn the_statistics_tell_what_was_held_dropped_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let host = Setup::default().open_in(folder.path()).await;
    let mut document = Book::of(5).document();
    document["accounts"][0]["settings"] = json!({"a": 1, "b": 2, "c": 3});
    let dataset = crate::support::books::read(&document);
    host.import(dataset.clone()).await.unwrap();
    let accounts = host.accounts();
    let none = accounts.account_stats();
    assert_eq!((none.hit_rate_permille, none.time_saved_us), (None, 0));

    let mut session = host.session("hold");
    let held = accounts.account(account(1), &mut session).await.unwrap();
    state(&host, 2).await;
    for _ in 0..8 {
        state(&host, 1).await;
    }
    let stats = accounts.account_stats();
    assert_eq!((stats.instances, stats.in_use, stats.loaded), (2, 1, 2));
    assert_eq!(stats.settings, 3);
    assert_eq!((stats.hits, stats.misses, stats.loads), (8, 2, 2));
    assert_eq!(stats.hit_rate_permille, Some(800));
    assert!(stats.mean_load_us > 0 && stats.time_saved_us >= 8 * stats.mean_load_us);
    session.end();

    // Each cause for itself.
    let owner = SettingsOwner::Account(account(1));
    accounts.invalidate_settings(owner);
    assert_eq!(accounts.account_stats().evictions.dropped, 1);
    state(&host, 1).await;
    document["accounts"][0]["name"] = "renamed".into();
    let renamed = crate::support::books::read(&document);
    host.import(renamed).await.unwrap();
    let stats = accounts.account_stats();
    assert!(stats.evictions.changed >= 1, "{stats:?}");
    state(&host, 1).await;
    let there = Setup::default().open_in(folder.path()).await;
    there.import(dataset).await.unwrap();
    state_of_now(&host, there.store().data_version()).await;
    let stats = accounts.account_stats();
    assert!(stats.evictions.external >= 1, "{stats:?}");
    assert!(stats.invalidations >= 3);

    host.store().close().await;
    let mut session = host.session("closed");
    let failed = accounts.account(account(2), &mut session).await;
    assert!(matches!(
        failed,
        Err(AccountsError::Store(StoreError::Closed))
    ));
    assert_eq!(accounts.account_stats().failed_loads, 0, "it never began");
    let told = serde_json::to_value(accounts.account_stats()).unwrap();
    assert!(told["evictions"]["external"].as_u64() >= Some(1), "{told}");
    drop(held);
}

/// Waits until this version is known.
async fn state_of_now(host: &Host, version: lombard_store::DataVersion) {
    in_time(async {
        while host.store().data_version() < version {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
