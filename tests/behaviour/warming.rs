//! Caches that are filled before anybody asks.
//!
//! Owns: what is brought in, and what that costs. Must not know: when.

use lombard_accounts::{Warm, WarmProgress};
use lombard_store::SettingsOwner;

use crate::support::books::{self, Book};
use crate::support::{Setup, TestHost, account, all_connections_are_back, expert, in_time};

/// Three accounts and experts, the third with most open transactions.
async fn host(setup: Setup) -> TestHost {
    let book = Book {
        accounts: 3,
        experts: 3,
        transactions: 9,
    };
    let mut document = book.document();
    let transactions = document["transactions"]
        .as_array_mut()
        .expect("it is there");
    for (at, transaction) in transactions.iter_mut().enumerate() {
        // 5 of the third, 3 of the first, 1 of the second, which 4 closed
        // ones do not help.
        let expert = [3, 3, 3, 3, 3, 1, 1, 1, 2][at];
        transaction["expert_id"] = expert.into();
    }
    let orders = document["orders"].as_array_mut().expect("it is there");
    for order in orders.iter_mut() {
        let transaction = usize::try_from(order["transaction_id"].as_u64().expect("it is there"))
            .expect("it is there");
        order["account_id"] = [3, 3, 3, 3, 3, 1, 1, 1, 2][transaction - 1].into();
    }
    setup.open_with(books::read(&document)).await
}

async fn warm(host: &TestHost, what: Warm) -> Vec<WarmProgress> {
    let mut told = Vec::new();
    let done = host.accounts().warm(what, |far| told.push(far)).await;
    assert_eq!(told.last(), Some(&done.expect("it is there")));
    told
}

/// Whether a look-up needs no connection.
async fn is_warm(host: &TestHost, id: u64) -> bool {
    let (mut one, mut other) = (host.session("look"), host.session("look"));
    let accounts = host.accounts();
    accounts
        .account(account(id), &mut one)
        .await
        .expect("it is there");
    accounts
        .expert(expert(id), &mut other)
        .await
        .expect("it is there");
    assert_eq!(one.is_open(), other.is_open(), "only one of the two");
    !one.is_open()
}

#[tokio::test]
async fn all_are_brought_in_over_one_session_with_progress() {
    let host = host(Setup::default()).await;
    let before = host.store().pool_status().sessions_opened;
    let told = warm(&host, Warm::All).await;
    let far = |done| WarmProgress { done, of: 6 };
    assert_eq!(told, (0..=6).map(far).collect::<Vec<_>>());
    assert_eq!(host.store().pool_status().sessions_opened, before + 1);
    for id in 1..=3 {
        assert!(is_warm(&host, id).await, "{id}");
    }
    // Again, it finds everything there.
    let loads = host.accounts().account_stats().loads;
    assert_eq!(warm(&host, Warm::All).await.len(), 7);
    assert_eq!(host.accounts().account_stats().loads, loads);
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn the_most_used_are_those_with_most_open_transactions() {
    for (most, warm_ids) in [(1, &[3_u64][..]), (2, &[3, 1]), (9, &[3, 1, 2])] {
        let host = host(Setup::default()).await;
        let told = warm(&host, Warm::MostUsed(most)).await;
        assert_eq!(told.last().unwrap().of, 2 * most.min(3));
        let stats = host.accounts().account_stats();
        assert_eq!(stats.instances, warm_ids.len());
        for id in warm_ids {
            assert!(is_warm(&host, *id).await, "{id} of {most}");
        }
    }
}

#[tokio::test]
async fn no_more_is_brought_in_than_there_is_room_for() {
    let setup = Setup {
        capacity: 2,
        ..Setup::default()
    };
    let host = host(setup).await;
    for what in [Warm::All, Warm::MostUsed(3)] {
        let told = warm(&host, what).await;
        assert_eq!(told.last().unwrap().of, 4);
        let stats = host.accounts().account_stats();
        assert!(stats.instances <= 2, "{stats:?}");
        host.accounts().invalidate_all();
    }
}

#[tokio::test]
async fn a_host_is_warm_when_it_opens_if_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let cold = Setup::default().open_in(folder.path()).await;
    cold.import(Book::of(5).dataset()).await.unwrap();
    cold.close().await;
    let setup = Setup {
        warm: Some(Warm::MostUsed(1)),
        ..Setup::default()
    };
    let host = setup.open_in(folder.path()).await;
    assert_eq!(host.accounts().account_stats().loaded, 1);
    assert_eq!(host.accounts().expert_stats().loaded, 1);
    all_connections_are_back(host.store()).await;
}

/// Saved on another thread, between the snapshot and the first load.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_saved_in_the_middle_of_it_is_not_brought_in_as_it_was() {
    let host = host(Setup::default()).await;
    let (store, runtime) = (host.store().clone(), tokio::runtime::Handle::current());
    let owner = SettingsOwner::Account(account(3));
    let mut is_saved = false;
    let warming = host.accounts().warm(Warm::All, |_| {
        if std::mem::replace(&mut is_saved, true) {
            return;
        }
        let write = lombard_store::SettingsWrite {
            set: [("a".to_owned(), 1.into())].into(),
            ..Default::default()
        };
        let (store, runtime) = (store.clone(), runtime.clone());
        let saving =
            std::thread::spawn(move || runtime.block_on(store.save_settings(owner, write)));
        saving.join().unwrap().unwrap();
    });
    in_time(warming).await.unwrap();
    assert!(!is_warm_account(&host, 3).await);
    assert!(is_warm_account(&host, 3).await);
}

async fn is_warm_account(host: &TestHost, id: u64) -> bool {
    let mut session = host.session("look");
    let loaded = host.accounts().account(account(id), &mut session).await;
    let saved = loaded
        .expect("it is there")
        .state
        .settings
        .saved()
        .get("a")
        .cloned();
    assert_eq!(saved, Some(1.into()), "the old value came back");
    !session.is_open()
}
