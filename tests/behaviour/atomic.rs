//! Invariant 7: saving many settings is atomic.
//!
//! Owns: how much of a save there is, in the cache and in the database. When
//! it is seen stands in `saves`, processes that are killed in `kills`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lombard_accounts::AccountsError;
use lombard_runtime::Host;
use lombard_store::{SettingsOwner, StoreError};
use serde_json::{Value as Json, json};

use crate::support::books::Book;
use crate::support::settings::{KEYS, all_at, definitions, owner};
use crate::support::{Setup, TestHost, account, in_time, params};

async fn host(setup: Setup) -> TestHost {
    setup.open_with(Book::of(5).dataset()).await
}

/// What is saved, as the cache has it or as the database does.
async fn saved(host: &Host, fresh: bool) -> BTreeMap<String, Json> {
    let mut session = host.session("look");
    let accounts = host.accounts();
    let loaded = match fresh {
        true => accounts.account_fresh(account(1), &mut session).await,
        false => accounts.account(account(1), &mut session).await,
    };
    loaded.expect("the account").state.settings.saved().clone()
}

#[tokio::test]
async fn of_many_settings_all_are_saved_or_none() {
    let host = host(Setup::one_connection()).await;
    let definitions = definitions();
    let accounts = host.accounts();
    accounts
        .save_settings(owner(), &definitions, all_at(1))
        .await
        .unwrap();
    let good = saved(&host, false).await;
    assert_eq!(good.len(), KEYS);

    for (key, bad) in [
        ("n7", json!("seven")),
        ("n0", json!(0.5)),
        ("other", json!(1)),
    ] {
        let mut patch = all_at(2);
        patch.insert(key.to_owned(), Some(bad));
        let refused = accounts
            .save_settings(owner(), &definitions, patch)
            .await
            .unwrap_err();
        assert!(matches!(refused, AccountsError::Setting(_)), "{refused:?}");
        assert!(
            refused.to_string().contains(&format!("`{key}`")),
            "{refused}"
        );
        assert_eq!(
            saved(&host, false).await,
            good,
            "{key}: the cache has some of it"
        );
        assert_eq!(
            saved(&host, true).await,
            good,
            "{key}: the database has some of it"
        );
    }
    let nobody = SettingsOwner::Account(account(99));
    let refused = accounts
        .save_settings(nobody, &definitions, all_at(2))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, AccountsError::Store(StoreError::Missing { .. })),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_never_sees_half_of_a_save() {
    let host = Arc::new(host(Setup::default()).await);
    let over = Arc::new(AtomicBool::new(false));
    let readers = (0..4).map(|reader| {
        let (host, over) = (Arc::clone(&host), Arc::clone(&over));
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let seen = saved(&host, reader % 2 == 0).await;
                let values: BTreeSet<_> = seen.values().filter_map(Json::as_i64).collect();
                assert!(values.len() <= 1, "half of a save: {seen:?}");
                tokio::task::yield_now().await;
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    for round in 0..200_i64 {
        host.accounts()
            .save_settings(owner(), &definitions(), all_at(round))
            .await
            .unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        in_time(reader).await.unwrap();
    }
}

#[tokio::test]
async fn a_patch_leaves_and_a_replacement_removes_what_it_does_not_name() {
    let host = host(Setup::one_connection()).await;
    let (accounts, definitions) = (host.accounts(), definitions());
    let first = params([("n0", 1.into()), ("n1", 1.into()), ("token", "t".into())]);
    accounts
        .save_settings(owner(), &definitions, first)
        .await
        .unwrap();

    let mut patch = params([("n2", 2.into())]);
    patch.insert("n1".to_owned(), None);
    accounts
        .save_settings(owner(), &definitions, patch)
        .await
        .unwrap();
    let keys = |saved: BTreeMap<String, Json>| saved.into_keys().collect::<Vec<_>>();
    assert_eq!(keys(saved(&host, false).await), ["n0", "n2", "token"]);

    let all = params([("n3", 3.into())]);
    accounts
        .replace_settings(owner(), &definitions, all)
        .await
        .unwrap();
    assert_eq!(
        keys(saved(&host, false).await),
        ["n3", "token"],
        "secrets stay"
    );
    assert_eq!(keys(saved(&host, true).await), ["n3", "token"]);
}
