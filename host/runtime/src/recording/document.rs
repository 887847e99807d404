//! The `lombard-recording/1` document: a recording as JSON.
//!
//! Owns: its form, and that whatever is read is bounded and of that form; a
//! fault is told with the path to it, such as `calls[3].answer.ok[0].open`.
//! Must not know: where a document comes from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use lombard_model::{
    AccountScope, CallCost, Grants, Limit, PluginKind, PluginName, Timestamp, checked_limit,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::outcome::OutcomeForm;
use super::tape::Call;
use super::{Asked, RecordedPlugin, RecordedRequest, RecordedSetting, Recording, answers};
use crate::RuntimeError;

/// What the first field of a document says.
const FORMAT: &str = "lombard-recording/1";

/// The one field that is looked at before all others.
#[derive(Deserialize)]
struct Head {
    format: Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: String,
    plugin: PluginForm,
    request: RecordedRequest,
    as_of: Timestamp,
    settings: BTreeMap<String, RecordedSetting>,
    limits: BTreeMap<Limit, u64>,
    calls: Vec<CallForm>,
    result: OutcomeForm,
    cost: CallCost,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PluginForm {
    name: PluginName,
    version: String,
    digest: Cow<'static, str>,
    kind: PluginKind,
    asked: Grants,
    granted: Grants,
    accounts: AccountScope,
}

/// Its arguments and its answer are looked at for themselves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallForm {
    call: String,
    args: BTreeMap<String, Json>,
    answer: Box<RawValue>,
}

impl Recording {
    /// The longest document, in bytes.
    pub const MAX_LEN: u64 = 64 << 20;

    /// Reads a document, and checks all of it.
    ///
    /// # Errors
    /// [`RuntimeError::RecordingUnreadable`] where the source fails,
    /// [`RuntimeError::RecordingTooLong`], or the first fault with the path to
    /// it, as [`RuntimeError::Recording`].
    pub fn read(source: impl Read) -> Result<Self, RuntimeError> {
        let mut bytes = Vec::new();
        // One byte more than it may have is enough to tell that it has more.
        let mut source = source.take(Self::MAX_LEN + 1);
        let read = source.read_to_end(&mut bytes);
        read.map_err(RuntimeError::RecordingUnreadable)?;
        if source.limit() == 0 {
            return Err(RuntimeError::RecordingTooLong);
        }
        let head: Head = parse(&bytes)?;
        if head.format != FORMAT {
            let found: String = head.format.to_string().chars().take(80).collect();
            let told = format!("{found} is not \"{FORMAT}\", which this version reads");
            return Err(fault("format", told));
        }
        Self::check(parse(&bytes)?)
    }

    fn check(document: Document) -> Result<Self, RuntimeError> {
        let Document {
            plugin, request, ..
        } = document;
        let digest = plugin.digest.parse();
        let digest = digest.map_err(|error| fault("plugin.digest", error))?;
        let kind = plugin.kind;
        if request.kind() != kind {
            let told = format!("a plugin of kind {kind} is asked something else");
            return Err(fault("request", told));
        }
        for (limit, value) in &document.limits {
            let checked = checked_limit(*limit, *value);
            checked.map_err(|error| fault(&format!("limits.{limit}"), error))?;
        }
        let calls = document.calls.into_iter().enumerate();
        let calls = calls.map(|(at, call)| call.check(at));
        let outcome = document.result.read()?;
        if outcome.kind().is_some_and(|of| of != kind) {
            let told = format!("a plugin of kind {kind} gives something else");
            return Err(fault("result", told));
        }
        Ok(Self {
            plugin: RecordedPlugin {
                name: plugin.name,
                version: plugin.version,
                digest,
                kind,
                asked: plugin.asked,
                granted: plugin.granted,
                accounts: plugin.accounts,
            },
            request,
            as_of: document.as_of,
            settings: document.settings,
            limits: document.limits,
            outcome,
            cost: document.cost,
            calls: calls.collect::<Result<_, _>>()?,
        })
    }

    /// The document: JSON, a line for each call, so that two are easily
    /// compared. What was read is written as it was.
    #[must_use]
    pub fn to_document(&self) -> String {
        let RecordedPlugin {
            name,
            version,
            digest,
            kind,
            asked,
            granted,
            accounts,
        } = self.plugin.clone();
        let plugin = PluginForm {
            name,
            version,
            digest: digest.to_string().into(),
            kind,
            asked,
            granted,
            accounts,
        };
        let mut text = String::from("{");
        field(&mut text, "format", &FORMAT);
        field(&mut text, "plugin", &plugin);
        field(&mut text, "request", &self.request);
        field(&mut text, "as_of", &self.as_of);
        field(&mut text, "settings", &self.settings);
        field(&mut text, "limits", &self.limits);
        text += ",\n\"calls\": [";
        for (at, Call { asked, answer }) in self.calls.iter().enumerate() {
            text += if at == 0 { "\n" } else { ",\n" };
            // Its name is one of ours or was checked to be: nothing to escape.
            let (call, args) = (asked.function(), asked.arguments());
            let answer = answer.get();
            text += &format!("{{\"call\":\"{call}\",\"args\":{args},\"answer\":{answer}}}");
        }
        text += "\n]";
        field(&mut text, "result", &self.outcome);
        field(&mut text, "cost", &self.cost);
        text + "\n}\n"
    }
}

fn field(text: &mut String, name: &str, value: &impl Serialize) {
    let before = if text.len() == 1 { "\n" } else { ",\n" };
    let value = serde_json::to_string(value)
        .expect("what stands in a recording has texts for keys and can be written");
    *text += &format!("{before}\"{name}\": {value}");
}

impl CallForm {
    fn check(self, at: usize) -> Result<Call, RuntimeError> {
        let Self { call, args, answer } = self;
        answers::check(&call, answer.get()).map_err(|(path, told)| match path.as_str() {
            "" => fault(&format!("calls[{at}].call"), told),
            "." => fault(&format!("calls[{at}].answer"), told),
            path => fault(&format!("calls[{at}].answer.{path}"), told),
        })?;
        let args = Json::Object(args.into_iter().collect());
        Ok(Call {
            asked: Asked::new(&call, &args),
            answer,
        })
    }
}

/// Reads a document, to its end.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RuntimeError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        fault(&path, error.into_inner())
    })?;
    json.end().map_err(|error| fault(".", error))?;
    Ok(read)
}

pub(super) fn fault(path: &str, fault: impl std::fmt::Display) -> RuntimeError {
    RuntimeError::Recording {
        path: path.to_owned(),
        fault: fault.to_string(),
    }
}
