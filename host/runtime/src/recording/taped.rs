//! The host's functions, listened to.
//!
//! Owns: standing between a guest and `capabilities/`, function by function:
//! each call is taken down with its answer, or answered from a recording. A
//! plugin is linked to these in place of the others when, and only when, a
//! tape goes along with its call.
//!
//! In a replay the time, the caller's own settings and the log are the host's
//! own, as they depend on nothing else than what a recording has of them; all
//! other answers are recorded ones, or there is none.
//! Must not know: what a function does, and how a tape is kept.

mod session;
mod settings;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use wasmtime::component::HasData;

use super::answers::{self, Answered, Ended, Never, NotRecorded};
use super::{Asked, Tape};
use crate::bindings::types::{Host as Converts, SessionError, SettingsError};
use crate::bindings::{analysis, log, views};
use crate::call::CallState;
use crate::capabilities::{Fault, SessionFault, SettingsFault};

/// The state of a call, of which a tape is kept.
pub(crate) struct Taped<'a>(pub(crate) &'a mut CallState);

/// For the linker: whoever is called is [`Taped`].
pub(crate) struct TapedState;

impl HasData for TapedState {
    type Data<'a> = Taped<'a>;
}

/// Has a call answered by the tape, or by the host and taken down under this
/// name. What stands before the semicolon is no argument of the contract.
macro_rules! taped {
    ($self:ident.$answer:ident($($lent:ident)? $(; $($argument:ident),+)?) as $function:literal) => {{
        let arguments = [$($((stringify!($argument), super::json(&$argument))),+)?];
        let asked = Asked::of($function, arguments);
        match $self.recorded($function, &asked)? {
            Some(answer) => answer,
            None => {
                let answer = $self.0.$answer($($lent,)? $($($argument),+)?).await;
                $self.take(asked, answer)
            }
        }
    }};
}
use taped;

/// An error that a guest is told.
trait Told: Serialize + DeserializeOwned + Clone {}

impl Told for SessionError {}
impl Told for SettingsError {}

impl Taped<'_> {
    /// The answer of the recording; none where the host is to answer, since
    /// this is no replay.
    fn recorded<T: DeserializeOwned, E: Told>(
        &mut self,
        function: &'static str,
        asked: &Asked,
    ) -> Result<Option<Result<T, Fault<E>>>, Fault<E>> {
        let answer = self.0.setup.taped(|tape| match tape {
            Tape::Recording(_) => None,
            Tape::Replaying(player) => Some(player.answer(asked)),
        });
        let Some(Some(answer)) = answer else {
            return Ok(None);
        };
        let _call = self.0.host_call(function)?;
        let Some(answer) = answer else {
            let missing = NotRecorded(asked.to_string());
            return Err(Fault::Broken(missing.into()));
        };
        // It was checked when the recording was read.
        let answer = answers::read(answer.get()).map_err(|(path, fault)| {
            Fault::Broken(wasmtime::Error::msg(format!("{asked}: {path}: {fault}")))
        })?;
        Ok(Some(match answer {
            Answered::Ok(value) => Ok(value),
            Answered::Err(error) => Err(Fault::Told(error)),
            Answered::Limited(reached) => Err(Fault::Limit(reached.into())),
            Answered::Ended(ended) => Err(Fault::Broken(ended.into_error())),
        }))
    }

    /// Takes down what the host has answered, and passes it on.
    fn take<T: Serialize, E: Told>(
        &mut self,
        asked: Asked,
        answer: Result<T, Fault<E>>,
    ) -> Result<T, Fault<E>> {
        let form = match &answer {
            Ok(value) => Some(Answered::Ok(value)),
            Err(Fault::Told(told)) => Some(Answered::Err(told.clone())),
            Err(Fault::Broken(error)) => Ended::of(error).map(Answered::Ended),
            Err(Fault::Limit(exceeded)) => Some(Answered::Limited((*exceeded).into())),
        };
        if let Some(form) = form {
            self.keep(asked, &form);
        }
        answer
    }

    /// What the host answers by itself, in a replay too: it is only compared
    /// that it is asked.
    fn own<T: Serialize, E: Told>(
        &mut self,
        asked: Asked,
        answer: impl FnOnce(&mut CallState) -> Result<T, Fault<E>>,
    ) -> Result<T, Fault<E>> {
        let is_replayed = self.is_replayed(&asked);
        let answer = answer(self.0);
        match is_replayed {
            true => answer,
            false => self.take(asked, answer),
        }
    }

    /// The same for a function that tells the guest of no error.
    fn silent<T: Serialize>(
        &mut self,
        asked: Asked,
        answer: impl FnOnce(&mut CallState) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<T> {
        let is_replayed = self.is_replayed(&asked);
        let answer = answer(self.0);
        let form = match &answer {
            _ if is_replayed => None,
            Ok(value) => Some(Answered::<_, Never>::Ok(value)),
            Err(error) => Ended::of(error).map(Answered::Ended),
        };
        if let Some(form) = form {
            self.keep(asked, &form);
        }
        answer
    }

    fn is_replayed(&self, asked: &Asked) -> bool {
        let replayed = self.0.setup.taped(|tape| match tape {
            Tape::Recording(_) => false,
            Tape::Replaying(player) => {
                // Only that it was asked.
                drop(player.answer(asked));
                true
            }
        });
        replayed == Some(true)
    }

    fn keep(&self, asked: Asked, answer: &impl Serialize) {
        self.0.setup.taped(|tape| match tape {
            Tape::Recording(recorder) => recorder.take(asked, answer),
            Tape::Replaying(_) => {}
        });
    }
}

/// What a guest names, as a recording has it.
fn json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).expect("numbers, texts and lists of them can be written")
}

impl log::Host for Taped<'_> {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let arguments = [("level", json(&level)), ("message", json(&message))];
        let asked = Asked::of("log.write", arguments);
        self.silent(asked, |state| state.write(level, message))
    }
}

impl Converts for Taped<'_> {
    fn convert_session_error(&mut self, fault: SessionFault) -> wasmtime::Result<SessionError> {
        self.0.convert_session_error(fault)
    }

    fn convert_settings_error(&mut self, fault: SettingsFault) -> wasmtime::Result<SettingsError> {
        self.0.convert_settings_error(fault)
    }
}

// The interfaces that hold types only have nothing to answer.
impl views::Host for Taped<'_> {}
impl analysis::Host for Taped<'_> {}
