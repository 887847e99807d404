//! Why a plugin could not be loaded or called.
//!
//! Owns: the crate's errors. Their words are fit for an operator; what came
//! from a plugin is escaped before it gets here.

use std::path::PathBuf;
use std::time::Duration;

use lombard_accounts::AccountsError;
use lombard_model::dataset::DatasetError;
use lombard_model::{
    AccountId, AccountScope, CallOutcome, DecimalError, Exceeded, ExpertId, Limit, LimitError,
    ManifestError, PluginKind, RecommendationError, SettingError,
};
use lombard_store::StoreError;

use crate::CompileFault;

/// Why a plugin could not be loaded, or the host could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The file is larger than a plugin may be.
    #[error("the plugin has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The file is not a component.
    #[error("this is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// The component has no manifest.
    #[error("the component has no `lombard:plugin` section: it was not made by the Lombard SDK")]
    NoManifest,
    /// The manifest is at fault.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The component asks for more than Lombard has.
    #[error(
        "the component imports {}, and plugins may import nothing but lombard:platform/*",
        imports.join(", ")
    )]
    ForeignImports {
        /// The offending imports, escaped.
        imports: Vec<String>,
    },
    /// The component was built for a contract that this host does not have.
    #[error("the plugin was built for lombard:platform {built}, this host has {host}")]
    ApiVersion {
        /// What it was built for.
        built: String,
        /// What there is.
        host: &'static str,
    },
    /// The component does not export what its kind has to.
    #[error("the component does not fit the world `{kind}`: {fault}")]
    World {
        /// What its manifest says it is.
        kind: PluginKind,
        /// What is missing or different.
        fault: String,
    },
    /// The component is not sound.
    #[error("the component can't be compiled: {0}")]
    Unsound(String),
    /// The component could not be compiled.
    #[error("the component can't be compiled: {0}")]
    Compile(#[from] CompileFault),
    /// The folder of compiled components is not usable.
    #[error("the folder {} can't be used", path.display())]
    CacheFolder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The engine could not be made.
    #[error("the WebAssembly engine can't start: {0}")]
    Engine(String),
    /// No plugin has this name.
    #[error("no plugin `{name}` is installed; there are: {known}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The plugin is of the other kind.
    #[error("`{name}` is of kind {kind}, not {wanted}")]
    WrongKind {
        /// Which plugin.
        name: String,
        /// What it is.
        kind: PluginKind,
        /// What was wanted.
        wanted: PluginKind,
    },
    /// The plugin has no such version to stay with, or several.
    #[error("{}", no_version(plugin, wanted, *matching, known))]
    NoVersion {
        /// Which plugin.
        plugin: String,
        /// How the version was named, escaped.
        wanted: String,
        /// How many are named so.
        matching: usize,
        /// Which there are, each with the beginning of its digest.
        known: Vec<String>,
    },
    /// The expert instance is switched off.
    #[error("expert {0} is disabled")]
    Disabled(ExpertId),
    /// The plugin was not granted the account that an instance works for.
    #[error("expert {expert} works for account {account}, and `{plugin}` sees only {}", accounts.words())]
    OtherAccount {
        /// The instance.
        expert: ExpertId,
        /// What it works for.
        account: AccountId,
        /// The plugin it is an instance of.
        plugin: String,
        /// The accounts that the plugin sees.
        accounts: AccountScope,
    },
    /// There is nothing to analyse.
    #[error("there is nothing to analyse: no symbol was given and none has bars")]
    NoSymbols,
    /// A limit can't be set like that.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A parameter or setting is at fault.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A document is at fault.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The accounts could not answer.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document is no recording.
    #[error("the recording is at fault: {path}: {fault}")]
    Recording {
        /// Where in the document, `.` for the whole of it.
        path: String,
        /// What is wrong there.
        fault: String,
    },
    /// The recording is longer than one may be.
    #[error("the recording has more than {max} bytes", max = crate::Recording::MAX_LEN)]
    RecordingTooLong,
    /// The recording can't be read to its end.
    #[error("the recording can't be read")]
    RecordingUnreadable(#[source] std::io::Error),
    /// A call asked for more than a recording has room for.
    #[error("the call was not recorded: what it was answered has more than {limit} bytes")]
    RecordingFull {
        /// The bytes there is room for.
        limit: usize,
    },
    /// A call failed.
    #[error("{plugin} {version}: {error}")]
    Call {
        /// Which plugin.
        plugin: String,
        /// Which version of it.
        version: String,
        /// What happened.
        #[source]
        error: CallError,
    },
}

fn no_version(plugin: &str, wanted: &str, matching: usize, known: &[String]) -> String {
    let are = match matching {
        0 => "is no version".to_owned(),
        some => format!("are {some} versions"),
    };
    let known = known.join(", ");
    format!("there {are} `{wanted}` of `{plugin}`, which has {known}")
}

/// Why a call did not give a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin says so.
    #[error("the plugin failed: {0}")]
    Plugin(String),
    /// The plugin was denied what it needs.
    #[error("the plugin needs the grant `{grant}`, which it does not have")]
    Denied {
        /// The grant.
        grant: String,
    },
    /// The plugin did what no plugin may do.
    #[error("the plugin trapped in `{function}`: {trap}")]
    Trap {
        /// What was called.
        function: &'static str,
        /// The trap, and the guest's backtrace where there is one.
        trap: String,
    },
    /// The plugin used, or wanted, more than it may.
    #[error("{0}")]
    Limit(#[from] Exceeded),
    /// The view is not one that can be shown.
    #[error("the plugin's view is refused: {0}")]
    View(String),
    /// A number in the answer is not a decimal.
    #[error("the plugin's answer is refused: {0}")]
    Decimal(#[from] DecimalError),
    /// The recommendations are not sound.
    #[error("the plugin's answer is refused: it {0}")]
    Recommendation(#[from] RecommendationError),
    /// The plugin has failed too often to be called now.
    #[error(
        "the plugin failed {failures} times in a row and is left alone for another {} s; \
         the last time: {last}", left.as_secs()
    )]
    Quarantined {
        /// How often.
        failures: u32,
        /// Until it is tried again; zero where that is under way.
        left: Duration,
        /// How it failed the last time.
        last: String,
    },
    /// It asked, in a replay, for what was not recorded.
    #[error("the plugin asked for {0}, which the recording does not have")]
    NotRecorded(String),
    /// The host could not begin or go on.
    #[error("the host could not serve the call: {0}")]
    Unavailable(String),
}

impl CallError {
    /// The word for it in the record of the call.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        match self {
            Self::Plugin(_) | Self::Denied { .. } => CallOutcome::Error,
            Self::Trap { .. } => CallOutcome::Trap,
            Self::Limit(exceeded) => exceeded.limit.outcome(),
            Self::View(_) | Self::Decimal(_) | Self::Recommendation(_) => CallOutcome::Refused,
            Self::Quarantined { .. } | Self::NotRecorded(_) | Self::Unavailable(_) => {
                CallOutcome::Unavailable
            }
        }
    }

    /// The limit that was reached, where it was one.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Self::Limit(exceeded) => Some(exceeded.limit),
            _ => None,
        }
    }
}
