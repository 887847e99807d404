//! What can be written.
//!
//! Owns: every statement that writes. Each public function is one transaction
//! on the one writer: all of it or nothing. Rows go in as one JSON parameter,
//! in chunks, and only what differs is written: doing a thing twice changes
//! nothing the second time.
//!
//! Must not know: whether the values are allowed; that was checked before.

mod access;
mod analyses;
mod costs;
mod import;
mod job_runs;
mod pins;
mod plugins;
mod settings;

pub use access::NewAccessToken;
pub use analyses::NewAnalysis;
pub use costs::Keep;
pub use import::ImportReport;
pub use job_runs::{JobRunEnd, KeepRuns, NewJobRun};
pub use plugins::NewPlugin;
pub use settings::{SettingsOwner, SettingsTag, SettingsWrite};

/// Rows that one statement writes at most.
const CHUNK: usize = 1_000;

/// Rows as a JSON array of arrays, for `json_each`.
fn json_rows(rows: &[serde_json::Value]) -> String {
    let mut text = String::with_capacity(rows.len() * 64);
    text.push('[');
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&row.to_string());
    }
    text.push(']');
    text
}
