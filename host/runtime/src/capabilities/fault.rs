//! The two roads to a guest.
//!
//! Owns: which fault is told to the guest as a typed error, and in which words,
//! and which one ends the call. Must not know: what was asked.

use std::error::Error;
use std::fmt;

use lombard_accounts::AccountsError;
use lombard_model::{Grant, SettingError};
use lombard_store::StoreError;

use crate::bindings::types::{Host, SessionError, SettingsError};
use crate::call::CallState;

/// What went wrong in a capability whose typed error is `E`.
#[derive(Debug)]
#[expect(
    unreachable_pub,
    reason = "the generated bindings name it in what is `pub`"
)]
pub enum Fault<E> {
    /// The guest's fault, or the world's: it is told.
    Told(E),
    /// The call can't go on: an invariant of the host broke, or the data moved
    /// under it.
    Broken(wasmtime::Error),
}

/// A fault of `session`.
pub(crate) type SessionFault = Fault<SessionError>;

/// A fault of `settings`.
pub(crate) type SettingsFault = Fault<SettingsError>;

impl Host for CallState {
    fn convert_session_error(&mut self, fault: SessionFault) -> wasmtime::Result<SessionError> {
        let error = fault.into_told()?;
        if let SessionError::Unavailable(why) = &error {
            self.was_not_served(why);
        }
        Ok(error)
    }

    fn convert_settings_error(&mut self, fault: SettingsFault) -> wasmtime::Result<SettingsError> {
        let error = fault.into_told()?;
        if let SettingsError::Unavailable(why) = &error {
            self.was_not_served(why);
        }
        Ok(error)
    }
}

impl CallState {
    /// What could not be had now may be had by the next call.
    fn was_not_served(&mut self, why: &str) {
        self.unserved = Some(why.to_owned());
        self.session.not_repeatable();
    }
}

impl<E> Fault<E> {
    fn into_told(self) -> wasmtime::Result<E> {
        match self {
            Self::Told(error) => Ok(error),
            Self::Broken(error) => Err(error),
        }
    }
}

impl SessionFault {
    pub(super) fn denied(grant: Grant) -> Self {
        Self::Told(SessionError::Denied(grant.as_str().to_owned()))
    }

    pub(super) fn invalid(fault: impl fmt::Display) -> Self {
        Self::Told(SessionError::Invalid(fault.to_string()))
    }

    pub(super) fn limit(fault: impl fmt::Display) -> Self {
        Self::Told(SessionError::Limit(fault.to_string()))
    }
}

impl SettingsFault {
    pub(super) fn denied(grant: Grant) -> Self {
        Self::Told(SettingsError::Denied(grant.as_str().to_owned()))
    }
}

impl From<StoreError> for SessionFault {
    fn from(error: StoreError) -> Self {
        Self::Told(match error {
            StoreError::Moved { .. } => return Self::Broken(error.into()),
            StoreError::Unavailable { .. } | StoreError::Closed => {
                SessionError::Unavailable(error.to_string())
            }
            StoreError::TooManyRows { .. }
            | StoreError::TooMuch { .. }
            | StoreError::TooManyStatements { .. } => SessionError::Limit(error.to_string()),
            error => SessionError::Unavailable(failed("a read failed", &error)),
        })
    }
}

impl From<AccountsError> for SessionFault {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::Store(error) => error.into(),
            AccountsError::NoAccount(_) | AccountsError::NoExpert(_) => Self::invalid(error),
            other => Self::Told(SessionError::Unavailable(other.to_string())),
        }
    }
}

impl From<SettingError> for SettingsFault {
    fn from(error: SettingError) -> Self {
        Self::Told(match error {
            SettingError::Undeclared { .. } => SettingsError::Undeclared(error.to_string()),
            _ => SettingsError::Invalid(error.to_string()),
        })
    }
}

impl From<StoreError> for SettingsFault {
    fn from(error: StoreError) -> Self {
        Self::Told(SettingsError::Unavailable(match error {
            StoreError::Moved { .. } => return Self::Broken(error.into()),
            // The contract has no word for a limit here.
            StoreError::TooManyRows { .. }
            | StoreError::TooMuch { .. }
            | StoreError::TooManyStatements { .. } => {
                return Self::Told(SettingsError::Other(error.to_string()));
            }
            StoreError::Unavailable { .. } | StoreError::Closed => error.to_string(),
            error => failed("settings failed", &error),
        }))
    }
}

impl From<AccountsError> for SettingsFault {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::Setting(error) => error.into(),
            AccountsError::Store(error) => error.into(),
            // The instance of a running call was there when the call began.
            AccountsError::NoExpert(_) | AccountsError::NoAccount(_) => {
                Self::Told(SettingsError::Other(error.to_string()))
            }
            other => Self::Broken(wasmtime::Error::new(other)),
        }
    }
}

/// The words for a guest. The details, SQL among them, are for the operator
/// only.
fn failed(what: &'static str, error: &StoreError) -> String {
    tracing::error!(error = error as &dyn Error, "{what}");
    "the database failed; the host's log says why".to_owned()
}
