//! Another version of a plugin, on a recording of the one before.
//!
//! Owns: versions that give something else, ask in another order, or ask for
//! what nobody recorded. Must not know: how a difference is shown.

use lombard_accounts::SettingsPatch;
use lombard_model::CallOutcome;
use lombard_runtime::{Host, Outcome, Recording, RuntimeError};
use serde_json::json;

use super::{changed, loaded, recorded, recorded_run, replayed};
use crate::support::books::{self, Book};
use crate::support::{Setup, TestHost, files, guest, params};

const CROSS: &str = "moving-average-cross";

/// Expert 1 on the demo's bars, recorded on four symbols.
async fn crossed() -> (TestHost, Recording) {
    let host = Setup::default().open().await;
    host.install(files::plugin(CROSS), lombard_model::Grants::all())
        .await
        .expect("it is installed");
    host.import(books::read(&files::demo()))
        .await
        .expect("it is imported");
    let recording = recorded_run(&host, &["AAPL", "MSFT", "GOOG", "NOPE"]).await;
    (host, recording)
}

/// With another default for one of its settings.
async fn with_default(host: &Host, of: &str, was: u32, is: u32) -> lombard_runtime::PluginRef {
    let line = |days| format!("{of}\"\ndefault = {days}");
    let bytes = changed(files::plugin(CROSS), &line(was), &line(is));
    loaded(host, &bytes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_would_have_recommended_is_shown_by_symbol() {
    let (host, recording) = crossed().await;
    let faster = with_default(&host, "fewer than those of the slow one", 20, 10).await;
    let replayed = replayed(&host, &faster, &recording).await;
    assert!(!replayed.is_same_binary && !replayed.is_identical());
    assert_eq!(
        (replayed.calls.as_slice(), replayed.not_recorded),
        (&[][..], None)
    );
    let of_apple = replayed
        .differences
        .iter()
        .find(|one| one.at == "recommendations[AAPL].explanation")
        .expect("its explanation names the days");
    let has = |side: &Option<serde_json::Value>, words: &str| {
        let text = side
            .as_ref()
            .and_then(|text| text.as_str())
            .expect("a text");
        assert!(text.contains(words), "{text}");
    };
    has(&of_apple.recorded, "20-day average");
    has(&of_apple.replayed, "10-day average");
    assert!(matches!(replayed.outcome, Outcome::Recommendations(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_recorded_ends_the_call_and_is_told() {
    let (host, recording) = crossed().await;
    let slower = with_default(&host, "Trading days of the slow average", 50, 60).await;
    let replayed = replayed(&host, &slower, &recording).await;
    let asked = replayed.not_recorded.expect("it asks for more bars");
    assert!(asked.starts_with("session.bars {\"limit\":65,"), "{asked}");
    let Outcome::Failed(failure) = &replayed.outcome else {
        panic!("it went on: {:?}", replayed.outcome)
    };
    assert_eq!(failure.outcome, CallOutcome::Unavailable);
    assert!(failure.error.contains("which the recording does not have"));
    // At its place stands what was recorded there, and the calls that would
    // have followed did not come.
    let first = &replayed.calls[0];
    assert_eq!(first.asked.as_ref().unwrap().function(), "session.bars");
    let recorded = first.recorded.as_ref().unwrap();
    assert!(recorded.arguments().contains("\"limit\":55"), "{recorded}");
    assert!(replayed.calls[1..].iter().all(|one| one.asked.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_was_saved_is_what_another_version_has_too() {
    let (host, _) = crossed().await;
    let definitions = host.expert_definitions(CROSS).unwrap();
    let owner = lombard_store::SettingsOwner::Expert(crate::support::expert(1));
    host.accounts()
        .save_setting(owner, &definitions, "fast_days", json!(20))
        .await
        .unwrap();
    let recording = recorded_run(&host, &["AAPL"]).await;
    let faster = with_default(&host, "fewer than those of the slow one", 20, 10).await;
    assert!(replayed(&host, &faster, &recording).await.is_identical());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_changed_is_shown_block_by_block_and_row_by_row() {
    let host = Setup::default().open_with(Book::of(20).dataset()).await;
    let name = files::WIDGETS[0];
    let widget = host.plugin(name).await.unwrap();
    let recording = recorded(&host, &widget, &SettingsPatch::new()).await;
    let bytes = changed(files::plugin(name), "Total P/L", "Whole P/L");
    let widget = loaded(&host, &bytes).await;
    let replayed = replayed(&host, &widget, &recording).await;
    let [one] = replayed.differences.as_slice() else {
        panic!("one label changed: {:?}", replayed.differences)
    };
    assert!(
        one.at.starts_with("view.blocks[") && one.at.ends_with("].label"),
        "{}",
        one.at
    );
    let both = (one.recorded.clone(), one.replayed.clone());
    assert_eq!(both, (Some(json!("Total P/L")), Some(json!("Whole P/L"))));

    // The same binary on another book's rows: a row beside the one of its id.
    let text = recording.to_document();
    let result = text.find("\"result\"").expect("a result");
    let (calls, result) = text.split_at(result);
    let result = result.replacen("\"id\":2,", "\"id\":77,", 1);
    let edited = Recording::read(format!("{calls}{result}").as_bytes()).unwrap();
    let widget = host.plugin(name).await.unwrap();
    let replayed = super::replayed(&host, &widget, &edited).await;
    let at = |end: &str| {
        replayed
            .differences
            .iter()
            .find(|one| one.at.ends_with(end))
    };
    let (gone, new) = (at(".rows[77]").unwrap(), at(".rows[2]").unwrap());
    assert!(gone.recorded.is_some() && gone.replayed.is_none());
    assert!(new.recorded.is_none() && new.replayed.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_come_in_another_order_or_again_are_answered_and_told() {
    let host = Setup::default().open_with(Book::of(20).dataset()).await;
    let probes = guest(&host, "probes").await;
    let asked = |id: i64| params([("what", "looks_up".into()), ("id", id.into())]);
    let more = recorded(&host, &probes, &asked(9)).await;
    let fewer = recorded(&host, &probes, &asked(4)).await;
    // What another version does that looks up fewer: the recording of more
    // calls, with the settings of fewer.
    let mut other = more.clone();
    other.settings.clone_from(&fewer.settings);
    let replayed = replayed(&host, &probes, &other).await;
    assert_eq!(replayed.not_recorded, None);
    assert!(replayed.calls.len() >= 5, "{:?}", replayed.calls);
    for one in &replayed.calls {
        let recorded = one.recorded.as_ref().expect("it was recorded");
        assert_eq!(
            (recorded.function(), &one.asked),
            ("session.transaction", &None)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_the_other_kind_is_refused() {
    let (host, recording) = crossed().await;
    let widget = host.plugin(files::WIDGETS[0]).await.unwrap();
    let refused = host.replay(&widget, &recording).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::WrongKind { .. }),
        "{refused}"
    );
}
