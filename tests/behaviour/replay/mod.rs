//! Recordings of calls, and calls on a recording.
//!
//! Owns: recording what a guest does, by way of its document, and changing a
//! plugin a little. Must not know: what a test expects of a replay.

mod changed;
mod command;
mod documents;
mod guests;
mod secrets;

use lombard_accounts::SettingsPatch;
use lombard_model::{Grants, UseCase};
use lombard_runtime::{Host, PluginRef, Recorded, Recording, Rendered, Replayed, RunRequest};

use crate::support::{expert, in_time};

/// The recording of a render, written and read again.
async fn recorded(host: &Host, widget: &PluginRef, params: &SettingsPatch) -> Recording {
    let recorded: Recorded<Rendered> = in_time(host.render_recorded(widget, params, None))
        .await
        .expect("it is called");
    read_again(&recorded.recording.expect("it is recorded"))
}

/// The recording of a run of expert 1, written and read again.
async fn recorded_run(host: &Host, symbols: &[&str]) -> Recording {
    let symbols = symbols.iter().map(|name| name.parse().expect("a symbol"));
    let run = host.run_expert_recorded(RunRequest {
        expert: expert(1),
        symbols: symbols.collect(),
        use_case: UseCase::EnterMarket,
    });
    let recorded = in_time(run).await.expect("it is called");
    read_again(&recorded.recording.expect("it is recorded"))
}

/// What was read is written as it was.
fn read_again(recording: &Recording) -> Recording {
    let document = recording.to_document();
    let read = Recording::read(document.as_bytes()).expect("it is read back");
    assert_eq!(read.to_document(), document);
    read
}

async fn replayed(host: &Host, plugin: &PluginRef, recording: &Recording) -> Replayed {
    let replaying = in_time(host.replay(plugin, recording));
    replaying.await.expect("it is replayed")
}

/// A plugin of these bytes with nothing granted: a replay needs no grant.
async fn loaded(host: &Host, bytes: &[u8]) -> PluginRef {
    let loaded = host.plugin_from(bytes, Grants::default()).await;
    loaded.expect("it loads")
}

/// That a replay gave the same, from nothing but the recording.
fn is_identical(replayed: &Replayed) {
    assert!(replayed.is_identical(), "{replayed:#?}");
    let cost = &replayed.cost;
    assert_eq!(
        (cost.sessions, cost.connections, cost.statements, cost.rows),
        (0, 0, 0, 0)
    );
}

/// A plugin's file with this text in place of one that is as long, where that
/// stands last: the manifest is at the end.
fn changed(mut plugin: Vec<u8>, was: &str, is: &str) -> Vec<u8> {
    assert_eq!(was.len(), is.len(), "a section knows its length");
    let at = plugin
        .windows(was.len())
        .rposition(|text| text == was.as_bytes());
    let at = at.unwrap_or_else(|| panic!("`{was}` is not in the plugin"));
    plugin[at..at + was.len()].copy_from_slice(is.as_bytes());
    plugin
}
