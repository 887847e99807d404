//! Invariant 5: one instance of every account and expert, one load for many
//! first uses, and a hit that costs nothing.
//!
//! Owns: identity, loading and eviction. What a save does to a cached state
//! stands in `saves`.

use std::sync::Arc;
use std::time::Duration;

use lombard_accounts::AccountsError;
use lombard_store::{SettingsOwner, StoreError, TransactionFilter};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::books::{self, Book};
use crate::support::futures::at_most;
use crate::support::{Setup, TestHost, account, all_connections_are_back, expert, in_time};

async fn host(accounts: u64, setup: Setup) -> TestHost {
    let book = Book {
        accounts,
        experts: accounts,
        transactions: 1,
    };
    setup.open_with(book.dataset()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_first_reads_of_one_account_are_one_load_and_one_instance() {
    let host = Arc::new(host(2, Setup::default()).await);
    let before = host.store().pool_status().sessions_opened;
    let together = Arc::new(Barrier::new(100));
    let readers = (0..100).map(|_| {
        let (host, together) = (Arc::clone(&host), Arc::clone(&together));
        tokio::spawn(async move {
            together.wait().await;
            let mut session = host.session("read");
            let one = host
                .accounts()
                .account(account(1), &mut session)
                .await
                .unwrap();
            let other = host
                .accounts()
                .expert(expert(1), &mut session)
                .await
                .unwrap();
            (one, other, session.end())
        })
    });
    let mut read = Vec::new();
    for reader in readers.collect::<Vec<_>>() {
        read.push(in_time(reader).await.unwrap());
    }
    for (one, other, _) in &read {
        assert!(
            Arc::ptr_eq(&one.instance, &read[0].0.instance),
            "two of one account"
        );
        assert!(
            Arc::ptr_eq(&one.state, &read[0].0.state),
            "two states of one account"
        );
        assert!(
            Arc::ptr_eq(&other.instance, &read[0].1.instance),
            "two of one expert"
        );
    }
    assert_eq!(host.accounts().account_stats().loads, 1);
    assert_eq!(host.accounts().expert_stats().loads, 1);
    let statements: u32 = read.iter().map(|(.., cost)| cost.statements).sum();
    assert_eq!(statements, 2, "one for the account, one for the expert");
    let opened = host.store().pool_status().sessions_opened - before;
    assert!(opened <= 2, "{opened} sessions for two loads");
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn the_first_access_costs_one_session_and_the_second_none() {
    let host = host(1, Setup::one_connection()).await;
    let mut first = host.session("first");
    let one = host
        .accounts()
        .account(account(1), &mut first)
        .await
        .unwrap();
    let cost = first.end();
    assert_eq!(
        (cost.sessions, cost.connections, cost.statements),
        (1, 1, 1)
    );
    let mut second = host.session("second");
    let again = host
        .accounts()
        .account(account(1), &mut second)
        .await
        .unwrap();
    assert!(!second.is_open());
    let cost = second.end();
    assert_eq!(
        (cost.sessions, cost.connections, cost.statements),
        (0, 0, 0)
    );
    assert!(Arc::ptr_eq(&one.instance, &again.instance));
}

#[tokio::test]
async fn an_unknown_id_is_an_error_and_nothing_is_kept_of_it() {
    let host = host(1, Setup::default()).await;
    let mut session = host.session("known");
    host.accounts()
        .account(account(1), &mut session)
        .await
        .unwrap();
    for (already_open, id) in [(false, 77), (true, 78), (false, 77), (true, 78)] {
        let mut session = host.session("unknown");
        if already_open {
            session.open().await.unwrap();
        }
        let answer = host.accounts().account(account(id), &mut session).await;
        assert!(matches!(answer, Err(AccountsError::NoAccount(no)) if no == account(id)));
        assert_eq!(session.cost().statements, 1, "the answer was cached");
        assert_eq!(
            host.accounts().account_stats().instances,
            1,
            "open: {already_open}"
        );
        let answer = host.accounts().expert(expert(id), &mut session).await;
        assert!(matches!(answer, Err(AccountsError::NoExpert(no)) if no == expert(id)));
        assert_eq!(host.accounts().expert_stats().instances, 0);
    }
    // Once it is there, it is found.
    let more = Book {
        accounts: 77,
        experts: 1,
        transactions: 1,
    };
    host.import(more.dataset()).await.unwrap();
    let mut session = host.session("now known");
    host.accounts()
        .account(account(77), &mut session)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_instance_in_use_is_never_evicted() {
    let setup = Setup {
        capacity: 1,
        ..Setup::default()
    };
    let host = host(100, setup).await;
    let mut session = host.session("hold");
    let mut held = Vec::new();
    for id in 1..=50 {
        held.push(
            host.accounts()
                .account(account(id), &mut session)
                .await
                .unwrap(),
        );
    }
    for one in &held {
        let id = one.instance.id();
        let again = host.accounts().account(id, &mut session).await.unwrap();
        assert!(
            Arc::ptr_eq(&again.instance, &one.instance),
            "two of account {id}"
        );
    }
    drop(held);
    for id in 51..=100 {
        host.accounts()
            .account(account(id), &mut session)
            .await
            .unwrap();
    }
    let stats = host.accounts().account_stats();
    assert!(stats.instances <= 5, "it keeps what nobody uses: {stats:?}");
    assert!(stats.evictions.capacity > 0, "{stats:?}");
}

#[tokio::test]
async fn invalidating_drops_what_is_known_and_never_who_it_is() {
    let host = host(2, Setup::default()).await;
    let accounts = host.accounts();
    let owner = SettingsOwner::Account(account(1));
    let mut session = host.session("read");
    let one = accounts.account(account(1), &mut session).await.unwrap();
    let other = accounts.account(account(2), &mut session).await.unwrap();
    session.end();

    let invalidations: [(&str, &dyn Fn()); 3] = [
        ("settings", &|| accounts.invalidate_settings(owner)),
        ("instance", &|| accounts.invalidate_instance(owner)),
        ("all", &|| accounts.invalidate_all()),
    ];
    for (what, invalidate) in invalidations {
        let loads = accounts.account_stats().loads;
        invalidate();
        let mut session = host.session("read again");
        let again = accounts.account(account(1), &mut session).await.unwrap();
        assert!(
            Arc::ptr_eq(&one.instance, &again.instance),
            "{what}: a second instance"
        );
        assert!(
            !Arc::ptr_eq(&one.state, &again.state),
            "{what}: it was not loaded again"
        );
        let beside = accounts.account(account(2), &mut session).await.unwrap();
        assert!(Arc::ptr_eq(&other.instance, &beside.instance), "{what}");
        let loaded = accounts.account_stats().loads - loads;
        assert_eq!(loaded, if what == "all" { 2 } else { 1 }, "{what}");
        session.end();
    }
    // An expert of the same number is another thing.
    let mut session = host.session("expert");
    let before = accounts.expert(expert(1), &mut session).await.unwrap();
    accounts.invalidate_instance(owner);
    let after = accounts.expert(expert(1), &mut session).await.unwrap();
    assert!(Arc::ptr_eq(&before.state, &after.state));
}

#[tokio::test]
async fn what_nobody_uses_is_gone_after_an_invalidation() {
    let host = host(3, Setup::default()).await;
    let mut session = host.session("read");
    for id in 1..=3 {
        host.accounts()
            .account(account(id), &mut session)
            .await
            .unwrap();
    }
    host.accounts()
        .invalidate_instance(SettingsOwner::Account(account(1)));
    assert_eq!(host.accounts().account_stats().instances, 2);
    host.accounts().invalidate_all();
    assert_eq!(host.accounts().account_stats().instances, 0);
}

#[tokio::test]
async fn a_load_that_fails_is_not_kept() {
    let host = host(
        1,
        Setup {
            acquire_timeout: Duration::from_millis(50),
            ..Setup::one_connection()
        },
    )
    .await;
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    for _ in 0..2 {
        let mut session = host.session("in vain");
        let failed = in_time(host.accounts().account(account(1), &mut session)).await;
        let unavailable = AccountsError::Store(StoreError::Unavailable {
            waited: Duration::from_millis(50),
        });
        assert_eq!(
            format!("{:?}", failed.unwrap_err()),
            format!("{unavailable:?}")
        );
    }
    held.end();
    let mut session = host.session("free");
    in_time(host.accounts().account(account(1), &mut session))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_loader_that_is_cancelled_lets_the_next_in_line_load() {
    let host = host(1, Setup::one_connection()).await;
    let accounts = host.accounts();
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let (mut one, mut two) = (host.session("one"), host.session("two"));
    let mut first = Box::pin(accounts.account(account(1), &mut one));
    let mut second = Box::pin(accounts.account(account(1), &mut two));
    // The first is the loader and waits for the connection, the second for it.
    assert!(at_most(&mut first, 1).await.is_none());
    assert!(at_most(&mut second, 1).await.is_none());
    drop(first);
    held.end();
    in_time(second).await.unwrap();
    assert_eq!(accounts.account_stats().loads, 1);
}

#[tokio::test]
async fn a_loader_cancelled_at_any_point_hangs_nobody() {
    let host = Setup::default().open().await;
    let mut document = Book::default().document();
    // So large that the host waits for it.
    document["accounts"][0]["settings"] = json!({"large": "x".repeat(8 << 20)});
    host.import(books::read(&document)).await.unwrap();
    let accounts = host.accounts();
    let ids = [account(1), account(2)];
    let mut points = 0;
    loop {
        accounts.invalidate_all();
        let (mut one, mut two, mut three) =
            (host.session("1"), host.session("2"), host.session("3"));
        let mut first = Box::pin(accounts.account(account(1), &mut one));
        let mut second = Box::pin(accounts.account(account(1), &mut two));
        let is_done = at_most(&mut first, points + 1).await.is_some();
        let _ = at_most(&mut second, 1).await;
        drop(first);
        drop(second);
        let mut second = Box::pin(accounts.account(account(1), &mut three));
        in_time(&mut second).await.unwrap();
        drop(second);
        let balances = accounts.balances(&ids, &mut three);
        assert_eq!(in_time(balances).await.unwrap().len(), 2);
        drop((one, two, three));
        all_connections_are_back(host.store()).await;
        if is_done {
            break;
        }
        points += 1;
    }
    assert!(points >= 1, "the load never waited");
}

/// Traps 4 and 12: whoever waits for a load has a connection, and whoever
/// loads needs one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_hold_a_connection_and_load_never_wait_for_each_other() {
    let host = Arc::new(
        host(
            20,
            Setup {
                connections: 2,
                acquire_timeout: Duration::from_secs(60),
                ..Setup::default()
            },
        )
        .await,
    );
    for turn in 0..10_u64 {
        host.accounts().invalidate_all();
        let callers = (0..50_u64).map(|at| {
            let host = Arc::clone(&host);
            tokio::spawn(async move {
                let mut session = host.session("a call");
                if at % 3 != 0 {
                    let open = TransactionFilter::open();
                    session.transactions(&open, None, 1).await.unwrap();
                }
                let accounts = host.accounts();
                let other = account((at + turn) % 20 + 1);
                accounts.account(account(1), &mut session).await.unwrap();
                accounts.account(other, &mut session).await.unwrap();
                accounts
                    .expert(expert(at % 20 + 1), &mut session)
                    .await
                    .unwrap();
                let both = [account(1), other];
                accounts.balances(&both, &mut session).await.unwrap();
                session.end().connections
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            assert!(in_time(caller).await.unwrap() <= 1);
        }
    }
    all_connections_are_back(host.store()).await;
}
