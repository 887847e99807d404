//! Recordings of calls, and calls on a recording.
//!
//! A plugin has no clock, no randomness and no world but the host, so what it
//! was answered is all that its result depends on. A [`Recording`] has that,
//! and [`Host::replay`](crate::Host::replay) runs a plugin on it: the same one
//! to the same result, another version to what it would have said.
//!
//! Owns: what a recording holds. Its document is `document.rs`, what its values
//! look like `forms.rs`; `taped.rs` listens to the host's functions, between
//! the guest and `capabilities/`, so that no ordinary call knows of it.
//! Must not know: files, and who compares results.

mod answers;
mod difference;
mod document;
pub(crate) mod forms;
#[cfg(test)]
mod forms_tests;
mod numbers;
mod outcome;
mod replay;
mod tape;
mod taped;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use lombard_model::{
    AccountScope, CallCost, Definitions, Digest, Grants, PluginKind, PluginName, SavedSettings,
    SetLimits, Settings, Symbol, Timestamp, UseCase, checked_limit,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub(crate) use answers::NotRecorded;
pub use difference::{Difference, differences};
pub use outcome::{Failure, Outcome};
pub use replay::Replayed;
pub(crate) use tape::Tape;
pub(crate) use taped::{Taped, TapedState};

use crate::call::CallSetup;
use crate::{CallError, PluginRef, RuntimeError};

/// A call of a plugin: what it was asked, what it asked of the host and was
/// answered, and what it gave.
///
/// Values of secret settings are never in it.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The plugin that was called.
    pub plugin: RecordedPlugin,
    /// What it was asked.
    pub request: RecordedRequest,
    /// The time of the call, as the plugin saw it.
    pub as_of: Timestamp,
    /// Its own settings as the host resolved them, by key, without secrets.
    pub settings: BTreeMap<String, RecordedSetting>,
    /// What each call of it could use, of what can be set for a plugin.
    pub limits: SetLimits,
    /// What it gave.
    pub outcome: Outcome,
    /// What the call cost.
    pub cost: CallCost,
    calls: Arc<[tape::Call]>,
}

/// A plugin, as a recording names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedPlugin {
    /// Its name.
    pub name: PluginName,
    /// Its version.
    pub version: String,
    /// Its binary.
    pub digest: Digest,
    /// What it does.
    pub kind: PluginKind,
    /// What its manifest asked for.
    pub asked: Grants,
    /// What of that it was granted.
    pub granted: Grants,
    /// The accounts that it saw.
    pub accounts: AccountScope,
}

/// What a plugin was asked.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum RecordedRequest {
    /// A widget, to draw.
    Render {
        /// The most rows that there is room for.
        max_rows: Option<u32>,
    },
    /// An expert, to analyse.
    Analyze {
        /// The symbols to look at.
        symbols: Vec<Symbol>,
        /// What for.
        use_case: UseCase,
    },
}

impl RecordedRequest {
    /// What is called.
    fn function(&self) -> &'static str {
        match self {
            Self::Render { .. } => "render",
            Self::Analyze { .. } => "analyze",
        }
    }

    /// The kind of plugin that can be asked this.
    fn kind(&self) -> PluginKind {
        match self {
            Self::Render { .. } => PluginKind::Widget,
            Self::Analyze { .. } => PluginKind::Expert,
        }
    }
}

/// A setting as the call had it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedSetting {
    /// Its value, as it is saved.
    pub value: Json,
    /// Where it came from. A replay with another version has that version's
    /// defaults.
    pub source: SettingSource,
}

/// Where a setting's value came from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    /// Somebody had saved it, or gave it with the request.
    Saved,
    /// The manifest.
    Default,
}

/// What a plugin asked of the host: a function with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    function: Arc<str>,
    /// As JSON with its keys in order, so that equal texts are equal questions.
    arguments: Arc<str>,
}

impl Asked {
    fn new(function: &str, arguments: &Json) -> Self {
        Self {
            function: function.into(),
            arguments: arguments.to_string().into(),
        }
    }

    /// The function, such as `session.orders-of`.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The arguments by name, as JSON.
    #[must_use]
    pub fn arguments(&self) -> &str {
        &self.arguments
    }

    fn size(&self) -> usize {
        self.function.len() + self.arguments.len()
    }
}

impl fmt::Display for Asked {
    /// Function and arguments, the latter only as long as somebody reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arguments = self.arguments.chars();
        let shown: String = arguments.by_ref().take(200).collect();
        let more = if arguments.next().is_some() {
            "…"
        } else {
            ""
        };
        write!(f, "{} {shown}{more}", self.function)
    }
}

/// A place where a replay asked something else than its recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDifference {
    /// Which call, from 1: of the replay, or of the recording where the replay
    /// asked nothing like it.
    pub number: u64,
    /// What the recording has there; none behind its end.
    pub recorded: Option<Asked>,
    /// What was asked; none where the recorded call did not come any more.
    pub asked: Option<Asked>,
}

/// What a call gave, with its recording.
#[derive(Debug)]
pub struct Recorded<T> {
    /// What the call gave, as it would have without.
    pub result: Result<T, RuntimeError>,
    /// The recording, also of a call that failed.
    ///
    /// An error where the call asked for more than a recording has room for,
    /// or the plugin was not called at all.
    pub recording: Result<Recording, RuntimeError>,
}

/// Where the recording of a call is put; nothing while it was not called.
pub(crate) type Taken = Option<Result<Recording, RuntimeError>>;

impl<T> Recorded<T> {
    /// Of what came of a call. Without a call there is nothing to record, and
    /// the error is that of its preparation.
    pub(crate) fn of(result: Result<T, RuntimeError>, taken: Taken) -> Result<Self, RuntimeError> {
        match (taken, result) {
            (Some(recording), result) => Ok(Self { result, recording }),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(RuntimeError::RecordingFull { limit: 0 }),
        }
    }
}

impl Recording {
    /// How many calls into the host it has.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// What the plugin asked, in its order.
    pub fn asked(&self) -> impl Iterator<Item = &Asked> {
        self.calls.iter().map(|call| &call.asked)
    }

    /// Of a call that has ended like this; nothing where the plugin was not
    /// called, since it is left alone.
    pub(crate) fn taken(
        setup: &CallSetup,
        plugin: &PluginRef,
        request: RecordedRequest,
        ended: Result<(Outcome, CallCost), &RuntimeError>,
    ) -> Taken {
        let (outcome, cost) = match ended {
            Ok(ended) => ended,
            Err(RuntimeError::Call { error, .. }) => match error {
                CallError::Quarantined { .. } => return None,
                error => (Outcome::from(error), setup.spent.cost()),
            },
            Err(_) => return None,
        };
        Some(Self::of(setup, plugin, request, outcome, cost))
    }

    fn of(
        setup: &CallSetup,
        plugin: &PluginRef,
        request: RecordedRequest,
        outcome: Outcome,
        cost: CallCost,
    ) -> Result<Self, RuntimeError> {
        let calls = setup.taped(|tape| match tape {
            Tape::Recording(recorder) => recorder.calls(),
            Tape::Replaying(_) => None,
        });
        let calls = calls.flatten().ok_or(RuntimeError::RecordingFull {
            limit: tape::MOST_BYTES,
        })?;
        let manifest = &setup.plugin.manifest;
        let limits = setup.limits.iter();
        let limits = limits.filter(|(limit, value)| checked_limit(*limit, *value).is_ok());
        Ok(Self {
            plugin: RecordedPlugin {
                name: manifest.name.clone(),
                version: manifest.version.clone(),
                digest: setup.plugin.digest,
                kind: manifest.kind,
                asked: manifest.grants.clone(),
                granted: setup.grants.clone(),
                accounts: plugin.accounts.clone(),
            },
            request,
            as_of: setup.as_of,
            settings: settings(setup.subject.settings(), &setup.plugin.definitions),
            limits: limits.collect(),
            outcome,
            cost,
            calls,
        })
    }

    /// The settings that somebody had saved.
    fn saved_settings(&self) -> Settings {
        let saved = self.settings.iter();
        let saved = saved.filter(|(_, setting)| setting.source == SettingSource::Saved);
        let saved = saved.map(|(key, setting)| (key.clone(), setting.value.clone()));
        Settings::new(saved.collect::<SavedSettings>())
    }
}

/// What can be told of settings: all that are declared and no secret.
fn settings(settings: &Settings, definitions: &Definitions) -> BTreeMap<String, RecordedSetting> {
    let told = definitions
        .iter()
        .filter(|(_, definition)| !definition.secret);
    let told = told.filter_map(|(key, _)| {
        // What does not fit its definition the guest is not given either.
        let value = settings.get(definitions, key).ok().flatten()?;
        let source = match settings.is_saved(key) {
            true => SettingSource::Saved,
            false => SettingSource::Default,
        };
        let value = value.to_json();
        Some((key.to_owned(), RecordedSetting { value, source }))
    });
    told.collect()
}
