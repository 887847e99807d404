//! Invariant 9: a plugin has what its manifest asked for and the operator
//! granted, for that exact binary, and nothing else.
//!
//! Owns: calls with less than was asked for. Must not know: what a grant
//! protects.

use lombard_model::{Grant, Grants, PluginName};
use lombard_runtime::{CallError, Host, RuntimeError};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, files, guest, guest_with, in_time,
    params, probe, render, texts,
};

async fn host() -> TestHost {
    let setup = Setup::one_connection();
    setup.open_with(Book::default().dataset()).await
}

#[tokio::test]
async fn without_grants_every_widget_is_denied_and_told_which() {
    let host = host().await;
    for widget in WIDGETS {
        let plugin = host
            .plugin_from(&files::plugin(widget), &Grants::default())
            .await
            .unwrap();
        assert!(plugin.grants.is_empty());
        let error = call_error(render(&host, &plugin).await);
        let CallError::Denied { grant } = &error else {
            panic!("{widget}: {error:?}");
        };
        assert!(
            grant.parse::<Grant>().is_ok(),
            "{widget}: `{grant}` is no grant"
        );
        assert!(error.to_string().contains(grant.as_str()), "{error}");
    }
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn each_grant_a_widget_asks_for_is_one_it_needs() {
    let host = host().await;
    for widget in WIDGETS {
        let bytes = files::plugin(widget);
        let asked = host
            .plugin_from(&bytes, &Grants::all())
            .await
            .unwrap()
            .grants;
        for missing in asked.iter() {
            let granted = asked.without(&[missing].into_iter().collect());
            let plugin = host.plugin_from(&bytes, &granted).await.unwrap();
            // Accounts are looked at for the names in warnings and labels only.
            match render(&host, &plugin).await {
                Err(RuntimeError::Call {
                    error: CallError::Denied { grant },
                    ..
                }) => {
                    assert_eq!(grant, missing.as_str(), "{widget}");
                }
                Ok(_) if missing == Grant::ReadAccounts => {}
                other => panic!("{widget} without {missing}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_the_manifest_does_not_ask_for_is_denied_whatever_was_granted() {
    let host = host().await;
    let view = probe(&host, "denied", 1).await.unwrap().view;
    assert!(texts(&view).contains("read:orders"), "{view:?}");
    let probes = guest(&host, "probes").await;
    assert!(!probes.grants.allows(Grant::ReadOrders));
    assert_eq!(probes.grants, probes.plugin.manifest.grants);
}

#[tokio::test]
async fn a_grant_of_the_operator_alone_gives_nothing() {
    let host = host().await;
    let only_orders = [Grant::ReadOrders].into_iter().collect();
    let probes = guest_with(&host, "probes", &only_orders).await;
    assert!(probes.grants.is_empty(), "{:?}", probes.grants);
    let asked = params([("what", "account".into())]);
    let error = call_error(host.render(&probes, &asked, None).await);
    assert!(
        matches!(&error, CallError::Denied { grant } if grant == "read:accounts"),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_was_granted_is_of_one_binary_and_not_of_its_name() {
    let host = host().await;
    let widget = WIDGETS[0];
    let bytes = files::plugin(widget);
    host.install(bytes.clone(), Grants::default())
        .await
        .unwrap();
    // The bundled one of this name would have everything.
    let installed = host.plugin(widget).await.unwrap();
    let error = call_error(render(&host, &installed).await);
    assert!(matches!(error, CallError::Denied { .. }), "{error:?}");

    let inspected = host.install(bytes.clone(), Grants::all()).await.unwrap();
    render(&host, &host.plugin(widget).await.unwrap())
        .await
        .unwrap();
    let recorded = host.installed()[widget].clone();
    assert_eq!(recorded.digest, inspected.digest);
    assert_eq!(
        recorded.granted, inspected.manifest.grants,
        "more was kept than asked for"
    );

    // One byte more, another binary: it has what is granted with it.
    let mut other = bytes;
    other.extend([0, 2, 1, b'x']);
    let replaced = host.install(other, Grants::default()).await.unwrap();
    assert_ne!(replaced.digest, inspected.digest);
    let error = call_error(render(&host, &host.plugin(widget).await.unwrap()).await);
    assert!(matches!(error, CallError::Denied { .. }), "{error:?}");
}

#[tokio::test]
async fn an_expert_is_not_rendered_and_a_widget_not_run() {
    let host = host().await;
    let expert = guest(&host, "settles").await;
    let refused = render(&host, &expert).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::WrongKind { .. }),
        "{refused:?}"
    );
}

/// Two hosts on one file stand for two processes: they share nothing else.
#[tokio::test]
async fn what_another_process_installs_grants_and_removes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let here = Setup::default().open_in(folder.path()).await;
    let there = Setup::default().open_in(folder.path()).await;
    let bytes = files::guest("probes");
    let name: PluginName = "guest-probes".parse().unwrap();
    assert!(matches!(
        here.plugin(name.as_str()).await,
        Err(RuntimeError::Unknown { .. })
    ));

    let few: Grants = [Grant::ReadAccounts].into_iter().collect();
    for granted in [Grants::all(), few] {
        there.install(bytes.clone(), granted.clone()).await.unwrap();
        caught_up(&here, &there).await;
        let plugin = here.plugin(name.as_str()).await.unwrap();
        let asked = &plugin.plugin.manifest.grants;
        assert_eq!(plugin.grants, granted.intersection(asked));
    }
    // Nothing more is read while nothing is installed.
    let opened = here.store().pool_status().sessions_opened;
    here.plugin(name.as_str()).await.unwrap();
    here.notice_installs().await.unwrap();
    assert_eq!(here.store().pool_status().sessions_opened, opened);

    there.remove(name.clone()).await.unwrap();
    caught_up(&here, &there).await;
    assert!(matches!(
        here.plugin(name.as_str()).await,
        Err(RuntimeError::Unknown { .. })
    ));
    here.close().await;
    there.close().await;
}

/// Waits until one host knows of the other's last commit.
async fn caught_up(here: &Host, there: &Host) {
    let version = there.store().data_version();
    in_time(async {
        while here.store().data_version() < version {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
