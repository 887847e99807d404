//! Two versions of one expert side by side.
//!
//! Owns: which binary an instance runs, with whose settings and grants, and for
//! how long one that is stayed with is kept. Must not know: who pins.

use lombard_model::{AccountScope, Granted, Grants, SettingValue, UseCase};
use lombard_runtime::{Host, RunRequest, RuntimeError, inspect};
use lombard_store::SettingsOwner;
use serde_json::json;

use crate::support::books::read;
use crate::support::{Setup, TestHost, expert, files, wat};

const NAME: &str = "moving-average-cross";

/// The expert of averages as this version, whose fast average is of so many
/// days where nobody says otherwise.
fn version(version: &str, days: u32) -> Vec<u8> {
    wat::with_other_manifest(files::plugin(NAME), |manifest| {
        let fast = "of the slow one\"\ndefault = ";
        manifest
            .replacen("0.1.0", version, 1)
            .replace(&format!("{fast}20"), &format!("{fast}{days}"))
    })
}

async fn install(host: &Host, bytes: Vec<u8>) {
    let installed = host.install(bytes, Grants::all()).await;
    installed.expect("it is installed");
}

/// The demo, whose experts 1 and 2 are instances of one plugin here.
async fn host() -> TestHost {
    let mut demo = files::demo();
    demo["experts"][1]["plugin"] = json!(NAME);
    demo["experts"][1]["settings"] = json!({});
    let host = Setup::default().open_with(read(&demo)).await;
    install(&host, version("0.1.0", 20)).await;
    host
}

fn request(id: u64) -> RunRequest {
    RunRequest {
        expert: expert(id),
        symbols: Vec::new(),
        use_case: UseCase::EnterMarket,
    }
}

/// The version that a run of an instance is made with now.
async fn runs(host: &Host, id: u64) -> String {
    host.run_expert(request(id)).await.expect("it runs");
    let mut session = host.session("test");
    let analyses = session.latest_analyses().await.expect("analyses");
    session.end();
    analyses[&expert(id)].version.clone()
}

/// What the fast average of an instance is of.
async fn days(host: &Host, id: u64) -> Option<SettingValue> {
    let mut session = host.session("test");
    let owner = SettingsOwner::Expert(expert(id));
    let found = host.settings_of(owner, &mut session).await;
    session.end();
    let (definitions, settings) = found.expect("settings");
    settings.get(&definitions, "fast_days").expect("a value")
}

async fn is_kept(host: &Host, bytes: &[u8]) -> bool {
    let digest = inspect(bytes).expect("a plugin").digest;
    let mut session = host.session("test");
    let binary = session.plugin_binary(digest).await.expect("an answer");
    session.end();
    binary.is_some()
}

#[tokio::test]
async fn an_instance_stays_with_its_version_and_the_other_goes_on() {
    let host = host().await;
    let pinned = host.pin(expert(1), None).await.unwrap();
    assert_eq!(pinned.version, "0.1.0");
    install(&host, version("0.2.0", 10)).await;
    assert_eq!(
        (&*runs(&host, 1).await, &*runs(&host, 2).await),
        ("0.1.0", "0.2.0")
    );
    // Each is set by what it runs declares.
    assert_eq!(
        (days(&host, 1).await, days(&host, 2).await),
        (Some(SettingValue::Int(20)), Some(SettingValue::Int(10)))
    );
    // None of it is let go of to go back to a few, or at the way back.
    for more in 3..=10 {
        install(&host, version(&format!("0.{more}.0"), 10)).await;
    }
    assert!(!is_kept(&host, &version("0.2.0", 10)).await);
    assert_eq!(
        (&*runs(&host, 1).await, &*runs(&host, 2).await),
        ("0.1.0", "0.10.0")
    );
    host.roll_back(NAME.parse().unwrap()).await.unwrap();
    assert_eq!(
        (&*runs(&host, 1).await, &*runs(&host, 2).await),
        ("0.1.0", "0.9.0")
    );

    // Another one, by its version or by its digest, and back to what all run.
    host.pin(expert(1), Some("0.7.0")).await.unwrap();
    assert_eq!(runs(&host, 1).await, "0.7.0");
    let digest = inspect(&version("0.6.0", 10)).unwrap().digest;
    for name in [&digest.to_string(), &digest.hex()[..8]] {
        assert_eq!(
            host.pin(expert(2), Some(name)).await.unwrap().digest,
            digest
        );
    }
    assert_eq!(runs(&host, 2).await, "0.6.0");
    for id in 1..=2 {
        host.unpin(expert(id)).await.unwrap();
        assert_eq!(runs(&host, id).await, "0.9.0");
    }
    // What nobody stays with goes with the next one.
    install(&host, version("0.11.0", 10)).await;
    assert!(!is_kept(&host, &version("0.1.0", 20)).await);
}

#[tokio::test]
async fn what_was_granted_to_the_binary_stays_with_it() {
    let host = host().await;
    let narrow = Granted {
        grants: Grants::all(),
        accounts: "2".parse::<AccountScope>().unwrap(),
    };
    host.pin(expert(1), None).await.unwrap();
    // The new version may not work for the account of either.
    host.install(version("0.2.0", 10), narrow.clone())
        .await
        .unwrap();
    assert_eq!(runs(&host, 1).await, "0.1.0");
    let refused = host.run_expert(request(2)).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::OtherAccount { .. }),
        "{refused:?}"
    );
    // Nor may the old one, once that is taken back.
    host.install(version("0.1.0", 20), narrow).await.unwrap();
    let refused = host.run_expert(request(1)).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::OtherAccount { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_can_not_be_stayed_with() {
    let host = host().await;
    let refused = async |id, version| host.pin(expert(id), version).await.unwrap_err();
    for wanted in ["9.9.9", "", "0", "sha256:", "\u{1b}[2J", "00000000"] {
        let told = refused(1, Some(wanted)).await;
        assert!(
            matches!(told, RuntimeError::NoVersion { matching: 0, .. }),
            "{told:?}"
        );
        let told = told.to_string();
        assert!(
            told.contains("0.1.0 (") && !told.contains('\u{1b}'),
            "{told}"
        );
    }
    // Two binaries say that they are the same version.
    install(&host, version("0.1.0", 30)).await;
    let told = refused(1, Some("0.1.0")).await.to_string();
    assert!(told.starts_with("there are 2 versions `0.1.0`"), "{told}");
    let missing = refused(99, None).await.to_string();
    assert!(missing.contains("99"), "{missing}");
    // Nobody has installed what expert 5 is an instance of.
    assert!(matches!(
        refused(5, None).await,
        RuntimeError::Unknown { .. }
    ));
    assert!(host.unpin(expert(99)).await.is_err());
    assert_eq!(runs(&host, 1).await, "0.1.0");
}

#[tokio::test]
async fn a_pin_goes_with_its_plugin_and_an_instance_of_another_has_none() {
    let host = host().await;
    for id in 1..=2 {
        host.pin(expert(id), None).await.unwrap();
    }
    // Expert 2 becomes an instance of another plugin.
    host.import(read(&files::demo())).await.unwrap();
    let mut session = host.session("test");
    let rows = session.experts().await.unwrap();
    session.end();
    let pinned: Vec<_> = rows
        .iter()
        .map(|row| host.pinned(&row.expert).is_some())
        .collect();
    assert_eq!(pinned, [true, false, false, false, false, false]);
    host.remove(NAME.parse().unwrap()).await.unwrap();
    assert!(rows.iter().all(|row| host.pinned(&row.expert).is_none()));
    assert!(!is_kept(&host, &version("0.1.0", 20)).await);
    install(&host, version("0.2.0", 10)).await;
    assert_eq!(runs(&host, 1).await, "0.2.0");
}

#[tokio::test]
async fn what_another_process_pins_is_noticed() {
    let host = host().await;
    let other = Setup::default().open_in(host.folder()).await;
    other.pin(expert(1), None).await.unwrap();
    install(&other, version("0.2.0", 10)).await;
    assert_eq!(
        (&*runs(&host, 1).await, &*runs(&host, 2).await),
        ("0.1.0", "0.2.0")
    );
    host.unpin(expert(1)).await.unwrap();
    assert_eq!(runs(&other, 1).await, "0.2.0");
    other.close().await;
}
