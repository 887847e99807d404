//! Whatever a guest does, the same binary does it again on the recording.
//!
//! Owns: one call of each kind, errors and traps among them. Must not know: what
//! a recording looks like.

use std::collections::BTreeSet;

use lombard_accounts::SettingsPatch;
use lombard_model::{CallOutcome, Grants, Limit};
use lombard_runtime::{Host, Outcome, Recording};
use lombard_store::SettingsOwner;
use serde_json::json;

use super::{is_identical, recorded, recorded_run, replayed};
use crate::support::books::{self, Book};
use crate::support::{
    Setup, all_connections_are_back, expert, files, guest, guest_with, params, render,
};

/// A host that has nothing of what was recorded.
async fn elsewhere() -> crate::support::TestHost {
    Setup::default().open().await
}

fn failed(recording: &Recording) -> &lombard_runtime::Failure {
    match &recording.outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("it did not fail: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bundled_widget_shows_the_same_without_its_data() {
    let (host, other) = (
        Setup::default().open_with(Book::of(200).dataset()).await,
        elsewhere().await,
    );
    for name in files::WIDGETS {
        let widget = host.plugin(name).await.unwrap();
        let recording = recorded(&host, &widget, &SettingsPatch::new()).await;
        assert!(recording.calls() > 0, "{name} asked for nothing");
        let shown = render(&host, &widget).await.unwrap().view;
        assert_eq!(recording.outcome, Outcome::View(shown));
        let widget = other.plugin(name).await.unwrap();
        is_identical(&replayed(&other, &widget, &recording).await);
    }
    all_connections_are_back(other.store()).await;
    assert!(other.recent_calls().is_empty(), "a replay is on the bill");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_render_that_is_recorded_is_not_one_that_is_kept() {
    let setup = Setup {
        share_reads: true,
        ..Setup::default()
    };
    let host = setup.open_with(Book::of(20).dataset()).await;
    let widget = host.plugin(files::WIDGETS[0]).await.unwrap();
    for _ in 0..2 {
        render(&host, &widget).await.unwrap();
    }
    let recording = recorded(&host, &widget, &SettingsPatch::new()).await;
    assert!(recording.calls() > 0);
    is_identical(&replayed(&host, &widget, &recording).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_widget_probes_is_answered_again() {
    let host = Setup::default().open_with(Book::of(20).dataset()).await;
    let other = elsewhere().await;
    let probes = guest(&host, "probes").await;
    for (what, id, calls) in [
        ("nothing", 1, 1),
        ("as_of", 1, 2),
        ("account", 1, 4),
        ("account", 99, 4),
        ("snapshot", 1, 4),
        ("cached", 1, 6),
        ("denied", 1, 2),
        ("undeclared", 1, 2),
        ("saves", 1, 2),
        ("looks_up", 9, 13),
        ("ends_of_time", 1, 4),
        ("logs", 1, 1),
        ("text", 1, 1),
        ("names", 7, 2),
    ] {
        let asked = params([("what", what.into()), ("id", id.into())]);
        let recording = recorded(&host, &probes, &asked).await;
        assert!(
            recording.calls() >= calls,
            "{what}: {}",
            recording.to_document()
        );
        // Other grants than it was recorded with.
        let probes = guest_with(&other, "probes", &Grants::default()).await;
        is_identical(&replayed(&other, &probes, &recording).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_fails_again() {
    let host = Setup::default().open_with(Book::of(20).dataset()).await;
    let other = elsewhere().await;
    for (name, outcome) in [
        ("fails", CallOutcome::Error),
        ("traps", CallOutcome::Trap),
        ("overstates", CallOutcome::Refused),
    ] {
        let recording = match name {
            "overstates" => {
                let dataset = books::expert_with_keys("guest-overstates", "k", "s");
                let host = Setup::default().open_with(dataset).await;
                installed(&host, name).await;
                recorded_run(&host, &["S0"]).await
            }
            name => recorded(&host, &guest(&host, name).await, &SettingsPatch::new()).await,
        };
        assert_eq!(failed(&recording).outcome, outcome);
        let plugin = guest(&other, name).await;
        is_identical(&replayed(&other, &plugin, &recording).await);
    }
}

async fn installed(host: &Host, name: &str) {
    let installing = host.install(files::guest(name), Grants::all());
    installing.await.expect("it is installed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_was_reached_is_reached_again_with_other_limits() {
    let other = elsewhere().await;
    for (limit, value, what) in [
        // It ends the call.
        (Limit::HostCalls, 50, "calls"),
        // The guest is told, and passes it on.
        (Limit::Rows, 5, "snapshot"),
    ] {
        let setup = Setup::default().with_limit(limit, value);
        let host = setup.open_with(Book::of(20).dataset()).await;
        let probes = guest(&host, "probes").await;
        let asked = params([("what", what.into()), ("id", 100.into())]);
        let recording = recorded(&host, &probes, &asked).await;
        assert_eq!(failed(&recording).limit, Some(limit));
        let probes = guest(&other, "probes").await;
        is_identical(&replayed(&other, &probes, &recording).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expert_sees_its_settings_and_its_own_saves_again() {
    let host = Setup::default().open().await;
    installed(&host, "settles").await;
    host.import(books::expert_with_keys("guest-settles", "k", "s"))
        .await
        .unwrap();
    let other = elsewhere().await;
    let definitions = host.expert_definitions("guest-settles").unwrap();
    let owner = SettingsOwner::Expert(expert(1));
    for step in [
        "read",
        "secrets",
        "save",
        "save-bad",
        "save-deep",
        "replace",
    ] {
        let accounts = host.accounts();
        for (key, value) in [("step", json!(step)), ("token", json!("TK-never-told"))] {
            accounts
                .save_setting(owner, &definitions, key, value)
                .await
                .unwrap();
        }
        let recording = recorded_run(&host, &["S0"]).await;
        assert_eq!(recording.settings["step"].value, step);
        let settles = guest(&other, "settles").await;
        is_identical(&replayed(&other, &settles, &recording).await);
    }
}

/// The functions that a call of the tests above asks for, of all there are,
/// would be too few; but no function may be one that a recording can't have.
#[test]
fn a_recording_has_a_form_for_each_function_of_the_contract() {
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_dir(files::wit()).expect("the contract");
    let mut functions = BTreeSet::new();
    for (_, interface) in &resolve.interfaces {
        let of = interface.name.as_deref().unwrap_or_default();
        functions.extend(interface.functions.keys().map(|name| {
            let name = name.strip_prefix("[method]session.").unwrap_or(name);
            format!("{of}.{name}")
        }));
    }
    assert!(functions.len() > 25, "{functions:?}");
    for function in functions {
        let document = super::documents::with_calls(&json!([
            { "call": function, "args": {}, "answer": { "ended": { "broken": "so" } } },
        ]));
        let read = Recording::read(document.to_string().as_bytes());
        assert_eq!(read.expect(&function).calls(), 1);
    }
}
