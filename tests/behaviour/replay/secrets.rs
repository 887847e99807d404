//! Invariant 8 for recordings: no secret is ever in one.
//!
//! Owns: looking for secrets in the bytes of documents. Must not know: which
//! part of one could have had it.

use lombard_model::{Definitions, Grants};
use lombard_store::SettingsOwner;
use serde_json::json;

use super::{changed, recorded, recorded_run};
use crate::support::books::{self, Book};
use crate::support::{Setup, TestHost, expert, files, params};

const KEY: &str = "AK-never-recorded-1";
const SECRET: &str = "SK-never-recorded-2";
const TOKEN: &str = "TK-never-recorded-3";
const OTHER: &str = "TK-another-token-4";

/// Expert 1 has secrets of its own, and so has its account.
async fn host_with_keys() -> (TestHost, Definitions) {
    let host = Setup::default().open().await;
    let installing = host.install(files::guest("settles"), Grants::all());
    installing.await.expect("it is installed");
    let importing = host.import(books::expert_with_keys("guest-settles", KEY, SECRET));
    importing.await.expect("it is imported");
    let definitions = host.expert_definitions("guest-settles");
    (host, definitions.expect("it declares settings"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_recording_nor_told_by_it() {
    let (host, definitions) = host_with_keys().await;
    let owner = SettingsOwner::Expert(expert(1));
    for step in ["read", "secrets", "save", "replace"] {
        let mut documents = Vec::new();
        for token in [TOKEN, OTHER] {
            for (key, value) in [("step", step), ("token", token)] {
                let saving = host
                    .accounts()
                    .save_setting(owner, &definitions, key, json!(value));
                saving.await.unwrap();
            }
            let mut recording = recorded_run(&host, &["S0"]).await;
            // Times differ from call to call.
            recording.cost = Default::default();
            documents.push(recording.to_document());
        }
        for document in &documents {
            for secret in [KEY, SECRET, TOKEN, OTHER] {
                assert!(!document.contains(secret), "{secret} is in {document}");
            }
        }
        // Nor is there a word that would differ with it.
        if matches!(step, "read" | "secrets") {
            assert_eq!(documents[0], documents[1]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_a_guest_makes_up_for_a_secret_is_not_recorded() {
    let (host, definitions) = host_with_keys().await;
    let saving = host.accounts().save_setting(
        SettingsOwner::Expert(expert(1)),
        &definitions,
        "step",
        json!("secrets"),
    );
    saving.await.unwrap();
    let recording = recorded_run(&host, &["S0"]).await;
    let saves: Vec<_> = recording
        .asked()
        .filter(|asked| asked.function() == "settings.save")
        .map(lombard_runtime::Asked::arguments)
        .collect();
    assert_eq!(saves, ["{\"patch\":[{\"key\":\"token\"}]}"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_parameter_of_a_render_is_not_recorded() {
    let host = Setup::default().open_with(Book::of(4).dataset()).await;
    // Its `id`, as a secret text.
    let was = "[settings.id]\ntype = \"int\"\ndescription = \"The account to read, or how many \
               calls or look-ups to make\"\ndefault = 1\nmin = 1";
    let is = "[settings.id]\ntype = \"str\"\nsecret = true\ndescription = \"\"\n";
    let is = format!("{is:#<length$}", length = was.len());
    let bytes = changed(files::guest("probes"), was, &is);
    let widget = host.plugin_from(&bytes, Grants::all()).await.unwrap();
    let asked = params([("what", "as_of".into()), ("id", TOKEN.into())]);
    let recording = recorded(&host, &widget, &asked).await;
    assert!(!recording.to_document().contains(TOKEN));
    assert!(!recording.settings.contains_key("id"));
}
