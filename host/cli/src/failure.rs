//! Telling a failure.
//!
//! Owns: the one message a failed command ends with: what, why, and what to do
//! about it. Must not know: commands.

use std::io::Write as _;
use std::process::ExitCode;

use lombard_accounts::AccountsError;
use lombard_model::SettingError;
use lombard_model::dataset::DatasetError;
use lombard_runtime::{CallError, RuntimeError};
use lombard_store::StoreError;
use serde_json::json;

use crate::output::Output;

/// Tells the error on stderr; gives the exit code.
pub(crate) fn tell(output: &Output, error: &anyhow::Error) -> ExitCode {
    let words = words(error);
    let remedy = remedy(error);
    let text = match (output.is_json(), remedy) {
        (true, remedy) => format!("{}\n", json!({ "error": words, "remedy": remedy })),
        (false, Some(remedy)) => format!("lombard: {words}\n  remedy: {remedy}\n"),
        (false, None) => format!("lombard: {words}\n"),
    };
    // Nobody to tell is no reason to do anything else.
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}

/// The chain of causes in one line, without saying anything twice.
fn words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.contains(&cause) {
            continue;
        }
        if !words.is_empty() {
            words.push_str(": ");
        }
        words.push_str(&cause);
    }
    words
}

fn remedy(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref::<RuntimeError>()
            .and_then(runtime)
            .or_else(|| cause.downcast_ref::<CallError>().and_then(call))
            .or_else(|| cause.downcast_ref::<AccountsError>().and_then(accounts))
            .or_else(|| cause.downcast_ref::<StoreError>().and_then(store))
            .or_else(|| cause.downcast_ref::<SettingError>().and_then(setting))
            .or_else(|| cause.downcast_ref::<DatasetError>().map(dataset))
    })
}

fn runtime(error: &RuntimeError) -> Option<String> {
    let text = match error {
        RuntimeError::Unknown { .. } => "install it with `lombard plugin install FILE`",
        RuntimeError::NotAComponent(_) | RuntimeError::NoManifest => {
            "build it with the Lombard SDK"
        }
        RuntimeError::ForeignImports { .. } => {
            "build the plugin for wasm32-unknown-unknown, without WASI"
        }
        RuntimeError::ApiVersion { .. } => "build the plugin with this host's SDK",
        RuntimeError::Disabled(_) => "enable the expert in the dataset it was imported from",
        RuntimeError::NoSymbols => "name one with --symbol, or import a dataset with bars",
        RuntimeError::CacheFolder { .. } => "name another folder with --cache",
        _ => return None,
    };
    Some(text.to_owned())
}

fn call(error: &CallError) -> Option<String> {
    match error {
        CallError::Denied { grant } => Some(format!(
            "grant it with --grant {grant} (or --grant-all), if you trust the plugin that far"
        )),
        CallError::Unavailable(_) => Some("try again".to_owned()),
        _ => None,
    }
}

fn accounts(error: &AccountsError) -> Option<String> {
    let text = match error {
        AccountsError::NoAccount(_) => "see `lombard account list`",
        AccountsError::NoExpert(_) => "see `lombard expert list`",
        _ => return None,
    };
    Some(text.to_owned())
}

fn store(error: &StoreError) -> Option<String> {
    let text = match error {
        StoreError::Open { .. } => "check that the folder is there and may be written to",
        StoreError::Migrate { .. } => "name a database of Lombard's, or a new file, with --db",
        StoreError::Unavailable { .. } => "try again when the host is less busy",
        StoreError::Missing { what: "account", .. } => "see `lombard account list`",
        StoreError::Missing { what: "expert", .. } => "see `lombard expert list`",
        StoreError::Missing { .. } => "see `lombard plugin list`",
        _ => return None,
    };
    Some(text.to_owned())
}

fn setting(error: &SettingError) -> Option<String> {
    let text = match error {
        SettingError::Undeclared { .. } => "see `lombard settings list`, or the plugin's manifest",
        SettingError::Missing { .. } => "save it with `lombard settings set`",
        _ => return None,
    };
    Some(text.to_owned())
}

fn dataset(error: &DatasetError) -> String {
    match error {
        DatasetError::Unreadable(_) => "check the file".to_owned(),
        _ => "correct the document there; nothing was imported".to_owned(),
    }
}
