//! Invariant 6: no stale setting after a commit.
//!
//! Owns: saves among readers. Who holds which instance stands in `caches`, how
//! much of a save there is in `atomic`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use lombard_accounts::AccountsError;
use lombard_model::SettingError;
use lombard_runtime::Host;
use lombard_store::{Session, StoreError, TransactionFilter};
use serde_json::{Value as Json, json};

use crate::support::books::Book;
use crate::support::settings::{definitions, owner};
use crate::support::{Setup, TestHost, account, all_connections_are_back, in_time};

async fn host(setup: Setup) -> TestHost {
    setup.open_with(Book::of(5).dataset()).await
}

async fn save(host: &Host, value: i64) {
    let (accounts, definitions) = (host.accounts(), definitions());
    let saved = accounts.save_setting(owner(), &definitions, "n0", value.into());
    saved.await.expect("it is saved");
}

/// The value a call with this session sees.
async fn value(host: &Host, session: &mut Session) -> i64 {
    value_unless_moved(host, session)
        .await
        .expect("the account")
}

/// The same for a call that others save under.
async fn value_unless_moved(host: &Host, session: &mut Session) -> Result<i64, AccountsError> {
    let loaded = host.accounts().account(account(1), session).await;
    let state = loaded?.state;
    let saved = state.settings.saved().get("n0").and_then(Json::as_i64);
    Ok(saved.unwrap_or(0))
}

async fn value_now(host: &Host) -> i64 {
    value(host, &mut host.session("now")).await
}

#[tokio::test]
async fn a_read_after_a_save_sees_the_new_value() {
    let host = host(Setup::one_connection()).await;
    for round in 1..=200 {
        save(&host, round).await;
        assert_eq!(value_now(&host).await, round);
        assert_eq!(value_now(&host).await, round, "from the cache");
    }
    let mut session = host.session("hit");
    value(&host, &mut session).await;
    assert!(!session.is_open(), "nothing was cached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_among_saves_never_see_an_older_value_than_one_that_was_saved() {
    let host = Arc::new(host(Setup::default()).await);
    let saved = Arc::new(AtomicI64::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let readers = (0..6).map(|reader| {
        let (host, saved, over) = (Arc::clone(&host), Arc::clone(&saved), Arc::clone(&over));
        tokio::spawn(async move {
            let (mut reads, mut last, mut moved) = (0_u32, 0, 0);
            while !over.load(Ordering::SeqCst) || reads == 0 {
                let least = saved.load(Ordering::SeqCst);
                let mut session = host.session("read");
                if reader % 2 == 0 {
                    // A call that has read something else first.
                    let open = TransactionFilter::open();
                    session.transactions(&open, None, 1).await.unwrap();
                }
                let seen = value(&host, &mut session).await;
                assert!(seen >= least, "{seen} was read after {least} was saved");
                assert!(seen >= last, "{seen} was read after {last}");
                // It keeps to what it has seen, or is told that it can't.
                match value_unless_moved(&host, &mut session).await {
                    Ok(again) => assert_eq!(again, seen, "in one call"),
                    Err(AccountsError::Store(StoreError::Moved { .. })) => moved += 1,
                    Err(error) => panic!("{error:?}"),
                }
                last = seen;
                reads += 1;
                tokio::task::yield_now().await;
            }
            assert!(moved < reads);
            reads
        })
    });
    let readers: Vec<_> = readers.collect();
    for round in 1..=500 {
        save(&host, round).await;
        saved.store(round, Ordering::SeqCst);
        if round % 7 == 0 {
            host.accounts().invalidate_instance(owner());
        }
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(in_time(reader).await.unwrap() > 0);
    }
    assert_eq!(value_now(&host).await, 500);
    all_connections_are_back(host.store()).await;
}

/// Two hosts on one file stand for two processes: they share nothing else.
#[tokio::test]
async fn another_process_s_save_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let here = Setup::default().open_in(folder.path()).await;
    here.import(Book::of(5).dataset()).await.unwrap();
    let there = Setup::default().open_in(folder.path()).await;
    for round in 1..=5 {
        value_now(&here).await;
        let mut hit = here.session("from the cache");
        value(&here, &mut hit).await;
        assert!(!hit.is_open(), "nothing was cached");

        save(&there, round).await;
        if round % 2 == 0 {
            // Whoever reads for another reason finds out at once.
            let mut reading = here.session("something else");
            reading.experts().await.unwrap();
            reading.end();
        } else {
            // Nobody reads: the watch finds out.
            let version = there.store().data_version();
            in_time(async {
                while here.store().data_version() < version {
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
        assert_eq!(value_now(&here).await, round);
    }
    all_connections_are_back(here.store()).await;
}

#[tokio::test]
async fn a_save_of_what_was_saved_drops_nothing() {
    let host = host(Setup::one_connection()).await;
    save(&host, 1).await;
    value_now(&host).await;
    let version = host.store().data_version();
    save(&host, 1).await;
    assert_eq!(host.store().data_version(), version);
    let mut session = host.session("hit");
    assert_eq!(value(&host, &mut session).await, 1);
    assert!(!session.is_open(), "the state was dropped");
}

/// How account 1 stands in the cache as an older call loads it.
#[derive(Clone, Copy, Debug)]
enum Before {
    Loaded,
    NeverLoaded,
    Evicted,
    Invalidated,
    /// Brought in with the whole set.
    AmongOthers,
}

#[tokio::test]
async fn a_load_from_an_older_snapshot_serves_its_call_and_is_not_kept() {
    use Before::{AmongOthers, Evicted, Invalidated, Loaded, NeverLoaded};

    for before in [Loaded, NeverLoaded, Evicted, Invalidated, AmongOthers] {
        let capacity = if matches!(before, Evicted) { 1 } else { 100 };
        let host = host(Setup {
            capacity,
            ..Setup::default()
        })
        .await;
        save(&host, 1).await;
        let held = match before {
            NeverLoaded | AmongOthers => None,
            _ => {
                let mut session = host.session("first");
                let one = host
                    .accounts()
                    .account(account(1), &mut session)
                    .await
                    .unwrap();
                matches!(before, Loaded).then_some(one)
            }
        };
        if matches!(before, Evicted) {
            let mut session = host.session("other");
            host.accounts()
                .account(account(2), &mut session)
                .await
                .unwrap();
        }

        let mut old = host.session("an older call");
        old.transactions(&TransactionFilter::open(), None, 1)
            .await
            .unwrap();
        save(&host, 2).await;
        if matches!(before, Invalidated) {
            host.accounts().invalidate_instance(owner());
        }
        if matches!(before, AmongOthers) {
            let both = [account(1), account(2)];
            host.accounts().balances(&both, &mut old).await.unwrap();
        }
        assert_eq!(
            value(&host, &mut old).await,
            1,
            "{before:?}: not its own state"
        );
        assert_eq!(
            value_now(&host).await,
            2,
            "{before:?}: the old value came back"
        );
        assert_eq!(
            value(&host, &mut old).await,
            1,
            "{before:?}: its state changed"
        );
        old.end();
        assert_eq!(
            value_now(&host).await,
            2,
            "{before:?}: the old value came back"
        );
        drop(held);
    }
}

#[tokio::test]
async fn a_fault_in_a_secret_does_not_tell_it() {
    let host = host(Setup::one_connection()).await;
    let refused = host
        .accounts()
        .save_setting(owner(), &definitions(), "token", json!(["hush-hush"]))
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, AccountsError::Setting(SettingError::WrongType { key, .. }) if key == "token"),
        "{refused:?}"
    );
    assert!(
        !format!("{refused:?} {refused}").contains("hush-hush"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_fresh_read_passes_the_cache_and_leaves_it() {
    let host = host(Setup::default()).await;
    save(&host, 1).await;
    assert_eq!(value_now(&host).await, 1);
    let before = host.accounts().account_stats();
    let mut session = host.session("fresh");
    let cached = host
        .accounts()
        .account(account(1), &mut session)
        .await
        .unwrap();
    let fresh = host
        .accounts()
        .account_fresh(account(1), &mut session)
        .await
        .unwrap();
    assert!(
        Arc::ptr_eq(&cached.instance, &fresh.instance),
        "a second instance"
    );
    assert_eq!(session.cost().statements, 1, "it did not ask the database");
    assert_eq!(cached.state, fresh.state);
    let after = host.accounts().account_stats();
    assert_eq!(
        (after.instances, after.loaded),
        (before.instances, before.loaded)
    );
    let unknown = host
        .accounts()
        .account_fresh(account(99), &mut session)
        .await;
    assert!(matches!(unknown, Err(AccountsError::NoAccount(_))));
}
