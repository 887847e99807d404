//! Telling a failure.
//!
//! Owns: the one message a failed command ends with: what, why, and what to do
//! about it. Nothing of a stranger's text in it reaches the terminal raw.
//! Must not know: commands.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use lombard_accounts::AccountsError;
use lombard_author::AuthorError;
use lombard_model::dataset::DatasetError;
use lombard_model::{CallOutcome, PluginKind, SettingError};
use lombard_runtime::{CallError, CompileFault, RuntimeError};
use lombard_scheduler::SchedulerError;
use lombard_server::ServerError;
use lombard_store::StoreError;
use serde_json::json;

use crate::client::Failure;
use crate::draw;
use crate::output::Output;

/// A path in a document is shown with this many characters, at most.
const LONGEST_PATH: usize = 200;

/// A cause is told with this many characters, at most.
const LONGEST_CAUSE: usize = 800;

/// Tells the error on stderr; gives the exit code.
pub(crate) fn tell(output: &Output, error: &anyhow::Error) -> ExitCode {
    // What is shortened below is whole here, for who asks for more.
    tracing::info!("failed: {error:#}");
    let (words, remedy) = (words(error), remedy(error));
    let safe = |text: &str| draw::inline(text, output.style());
    let text = match (output.is_json(), remedy) {
        (true, remedy) => format!("{}\n", json!({ "error": words, "remedy": remedy })),
        (false, Some(remedy)) => {
            format!("lombard: {}\n  remedy: {}\n", safe(&words), safe(&remedy))
        }
        (false, None) => format!("lombard: {}\n", safe(&words)),
    };
    // Nobody to tell is no reason to do anything else.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}

/// A failure that a command found by itself, with its remedy.
#[derive(Debug)]
pub(crate) struct Advised {
    words: String,
    remedy: Cow<'static, str>,
}

impl Advised {
    pub(crate) fn new(words: String, remedy: impl Into<Cow<'static, str>>) -> Self {
        let remedy = remedy.into();
        Self { words, remedy }
    }
}

impl std::fmt::Display for Advised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for Advised {}

/// The chain of causes in one line, without saying anything twice.
pub(crate) fn words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(cause) {
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

fn cause(error: &(dyn Error + 'static)) -> String {
    let told = match error.downcast_ref::<RuntimeError>() {
        Some(RuntimeError::Dataset(error)) => fault_in_document(error),
        Some(RuntimeError::Call {
            plugin,
            version,
            error,
        }) => Some(format!("{plugin} {version}: {}", call_words(error))),
        _ => None,
    };
    let told = told
        .or_else(|| {
            error
                .downcast_ref::<DatasetError>()
                .and_then(fault_in_document)
        })
        .or_else(|| error.downcast_ref::<CallError>().map(call_words));
    shortened(&told.unwrap_or_else(|| error.to_string()), LONGEST_CAUSE)
}

/// A fault with its path, both as long as somebody reads: a document chooses
/// its own keys.
fn fault_in_document(error: &DatasetError) -> Option<String> {
    let (DatasetError::Malformed { path, fault } | DatasetError::Inconsistent { path, fault }) =
        error
    else {
        return None;
    };
    let fault = shortened(fault, LONGEST_CAUSE - LONGEST_PATH - 10);
    Some(match path.as_str() {
        // It is about the document as a whole.
        "." | "?" => fault,
        path => format!("{}: {fault}", shortened(path, LONGEST_PATH)),
    })
}

/// Without the names of the guest's functions, which the log has.
pub(crate) fn call_words(error: &CallError) -> String {
    match error {
        CallError::Trap { function, trap } => {
            let trap = trap.split(" (in ").next().unwrap_or_default();
            format!("the plugin trapped in `{function}`: {trap}")
        }
        error => error.to_string(),
    }
}

/// A text with its middle left out where it is longer: the beginning says
/// where, the end says why.
fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most * 2 / 3).collect();
    let tail: String = text.chars().skip(length - most / 4).collect();
    format!("{head} ... {tail}")
}

/// What can be done about it, where anything can.
pub(crate) fn remedy(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref::<RuntimeError>()
            .and_then(runtime)
            .or_else(|| cause.downcast_ref::<CallError>().and_then(call))
            .or_else(|| cause.downcast_ref::<Failure>().and_then(Failure::remedy))
            .or_else(|| {
                cause
                    .downcast_ref::<AuthorError>()
                    .and_then(AuthorError::remedy)
            })
            .or_else(|| cause.downcast_ref::<ServerError>().and_then(server))
            .or_else(|| cause.downcast_ref::<SchedulerError>().and_then(scheduler))
            .or_else(|| cause.downcast_ref::<AccountsError>().and_then(accounts))
            .or_else(|| cause.downcast_ref::<StoreError>().and_then(store))
            .or_else(|| cause.downcast_ref::<SettingError>().and_then(setting))
            .or_else(|| cause.downcast_ref::<DatasetError>().and_then(dataset))
            .or_else(|| cause.downcast_ref::<io::Error>().and_then(file))
            .or_else(|| {
                let advised = cause.downcast_ref::<Advised>();
                advised.map(|advised| advised.remedy.to_string())
            })
    })
}

/// What can be done about a refusal, where anything can.
pub(crate) fn remedy_for(refusal: &RuntimeError) -> Option<String> {
    runtime(refusal)
}

fn runtime(error: &RuntimeError) -> Option<String> {
    let text = match error {
        RuntimeError::Unknown { .. } => "install it with `lombard plugin install FILE`",
        RuntimeError::NotAComponent(_) | RuntimeError::NoManifest => {
            "build it with the Lombard SDK"
        }
        RuntimeError::TooLarge { .. } => "build it optimised, without debug information",
        RuntimeError::ForeignImports { .. } => {
            "build the plugin for wasm32-unknown-unknown, without WASI"
        }
        RuntimeError::ApiVersion { .. } | RuntimeError::World { .. } => {
            "build the plugin with this host's SDK"
        }
        RuntimeError::WrongKind {
            wanted: PluginKind::Widget,
            ..
        } => "experts are run with `lombard expert run`",
        RuntimeError::WrongKind { .. } => "widgets are rendered with `lombard widget render`",
        RuntimeError::Disabled(_) => "enable the expert in the dataset it was imported from",
        RuntimeError::OtherAccount { .. } => {
            "install the plugin again with --grant LIST and --accounts IDS, this account among \
             them, if you trust it that far"
        }
        RuntimeError::NoVersion { .. } => {
            "name one of these by its version or the beginning of its digest"
        }
        RuntimeError::NoSymbols => "name one with --symbol, or import a dataset with bars",
        RuntimeError::Compile(CompileFault::NoProcess(_)) => {
            "the system has no process to give: look at the limits of this user"
        }
        RuntimeError::Compile(_) | RuntimeError::Unsound(_) => {
            "the fault is the plugin's: tell its author"
        }
        RuntimeError::Limit(_) => "see `lombard plugin inspect NAME` for its limits",
        RuntimeError::Recording { .. } | RuntimeError::RecordingTooLong => {
            "record the call again with --record"
        }
        RuntimeError::RecordingFull { .. } => "record a call that looks at less",
        RuntimeError::RecordingUnreadable(error) => return file(error),
        RuntimeError::CacheFolder { .. } => "name another folder with --cache",
        RuntimeError::Accounts(error) => return accounts(error),
        RuntimeError::Store(error) => return store(error),
        RuntimeError::Setting(error) => return setting(error),
        RuntimeError::Dataset(error) => return dataset(error),
        RuntimeError::Call { error, .. } => return call(error),
        _ => return None,
    };
    Some(text.to_owned())
}

fn call(error: &CallError) -> Option<String> {
    let text = match error {
        CallError::Denied { .. } => {
            "grant it with --grant LIST or --grant-all, at `plugin install` or at `widget render`, \
             if you trust the plugin that far"
        }
        CallError::Quarantined { .. } => {
            "wait, install a better version, or have it called again with `lombard plugin resume`"
        }
        CallError::Limit(exceeded) => match exceeded.limit.outcome() {
            CallOutcome::Unavailable => "try again",
            _ => "tell the plugin's author, or allow it more with `lombard plugin limit`",
        },
        CallError::Unavailable(_) => "try again",
        CallError::Plugin(_) => "the plugin says so itself; its log (-v) may tell more",
        CallError::Trap { .. } => {
            "the fault is the plugin's and harmed nothing else: tell its author, with what -v shows"
        }
        _ => "the fault is the plugin's and harmed nothing else: tell its author",
    };
    Some(text.to_owned())
}

fn accounts(error: &AccountsError) -> Option<String> {
    let text = match error {
        AccountsError::NoAccount(_) => "see `lombard account list`",
        AccountsError::NoExpert(_) => "see `lombard expert list`",
        AccountsError::Unreachable { .. } => "see `lombard settings list` for the account",
        AccountsError::Setting(error) => return setting(error),
        AccountsError::Store(error) => return store(error),
        _ => return None,
    };
    Some(text.to_owned())
}

fn server(error: &ServerError) -> Option<String> {
    let text = match error {
        ServerError::Listen { .. } => {
            "another program may have the port: name another address with --listen"
        }
        ServerError::Open { .. } => "make a token first: `lombard token new NAME --role operator`",
        ServerError::CutOff { .. } => "give them longer with --grace",
        ServerError::Store(error) => return store(error),
        _ => return None,
    };
    Some(text.to_owned())
}

fn scheduler(error: &SchedulerError) -> Option<String> {
    let text = match error {
        SchedulerError::Taken { .. } => {
            "a host process serves this database: end it first, or name another with --db"
        }
        SchedulerError::Store(error) => return store(error),
        _ => return None,
    };
    Some(text.to_owned())
}

fn store(error: &StoreError) -> Option<String> {
    let text = match error {
        StoreError::Open { .. } => {
            "name an SQLite file with --db, in a folder that is there and may be written to"
        }
        StoreError::Migrate { .. } | StoreError::Foreign { .. } => {
            "name a database of Lombard's, or a new file, with --db"
        }
        StoreError::Unavailable { .. } => "try again when the host is less busy",
        StoreError::Missing {
            what: "account", ..
        } => "see `lombard account list`",
        StoreError::Missing { what: "expert", .. } => "see `lombard expert list`",
        StoreError::Missing {
            what: "access token",
            ..
        } => "see `lombard token list`",
        StoreError::Missing { .. } => "see `lombard plugin list`",
        error => error.storage_remedy()?,
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

fn dataset(error: &DatasetError) -> Option<String> {
    let text = match error {
        DatasetError::Unreadable(error) => return file(error),
        DatasetError::TooLong => "split the document",
        _ => "correct the document there; nothing was imported",
    };
    Some(text.to_owned())
}

fn file(error: &io::Error) -> Option<String> {
    let text = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "check the path",
        ErrorKind::IsADirectory => "name a file, not a folder",
        ErrorKind::PermissionDenied => "ask for the right to read or write it",
        ErrorKind::StorageFull => "make room, or write elsewhere",
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests;
