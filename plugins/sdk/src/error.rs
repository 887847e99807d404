//! Why a plugin could not do its work.
//!
//! Owns: the errors an author meets, and their wire forms. Must not know: which
//! call failed.

use std::fmt;

use lombard_model::DecimalError;

use crate::bindings::types as raw;

/// Why the host could not answer a call of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The plugin was not granted this; names the grant.
    Denied(String),
    /// An argument is out of its documented range.
    Invalid(String),
    /// A limit of the host was reached.
    Limit(String),
    /// The host can't read now; a later call may work.
    Unavailable(String),
    /// Anything else, for people.
    Other(String),
}

/// Why the host could not answer a call of the settings, or what it answered
/// is not what the plugin asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// Neither the manifest nor the host declares this key.
    Undeclared(String),
    /// The plugin was not granted this; names the grant.
    Denied(String),
    /// A value is absent, of another type, or does not fit its definition.
    Invalid(String),
    /// The caller has no account to have settings of.
    NoAccount,
    /// The host can't answer now.
    Unavailable(String),
    /// Anything else, for people.
    Other(String),
}

/// Why a plugin could not do its work. `?` makes one of what the session, the
/// settings and [`Decimal`](lombard_model::Decimal) conversions give.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A call of the session failed.
    Session(SessionError),
    /// A call of the settings failed.
    Settings(SettingsError),
    /// The request asks for what this plugin can't do; says why.
    Request(String),
    /// Anything else, for people.
    Other(String),
}

impl Error {
    /// A request that this plugin can't fulfil.
    pub fn request(why: impl Into<String>) -> Self {
        Self::Request(why.into())
    }

    /// Anything else that went wrong, in words for a person.
    pub fn other(why: impl Into<String>) -> Self {
        Self::Other(why.into())
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(grant) => write!(f, "not granted: {grant}"),
            Self::Invalid(why) => write!(f, "invalid argument: {why}"),
            Self::Limit(limit) => write!(f, "limit reached: {limit}"),
            Self::Unavailable(why) => write!(f, "can't read now: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared(key) => write!(f, "setting not declared: {key}"),
            Self::Denied(grant) => write!(f, "not granted: {grant}"),
            Self::Invalid(why) => write!(f, "invalid setting: {why}"),
            Self::NoAccount => f.write_str("there is no account to have settings of"),
            Self::Unavailable(why) => write!(f, "can't read settings now: {why}"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Settings(error) => error.fmt(f),
            Self::Request(why) | Self::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for SessionError {}
impl std::error::Error for SettingsError {}
impl std::error::Error for Error {}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

impl From<DecimalError> for Error {
    fn from(error: DecimalError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<String> for Error {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

impl From<&str> for Error {
    fn from(why: &str) -> Self {
        Self::Other(why.to_owned())
    }
}

impl From<raw::SessionError> for SessionError {
    fn from(error: raw::SessionError) -> Self {
        match error {
            raw::SessionError::Denied(grant) => Self::Denied(grant),
            raw::SessionError::Invalid(why) => Self::Invalid(why),
            raw::SessionError::Limit(limit) => Self::Limit(limit),
            raw::SessionError::Unavailable(why) => Self::Unavailable(why),
            raw::SessionError::Other(why) => Self::Other(why),
        }
    }
}

impl From<raw::SettingsError> for SettingsError {
    fn from(error: raw::SettingsError) -> Self {
        match error {
            raw::SettingsError::Undeclared(key) => Self::Undeclared(key),
            raw::SettingsError::Denied(grant) => Self::Denied(grant),
            raw::SettingsError::Invalid(why) => Self::Invalid(why),
            raw::SettingsError::NoAccount => Self::NoAccount,
            raw::SettingsError::Unavailable(why) => Self::Unavailable(why),
            raw::SettingsError::Other(why) => Self::Other(why),
        }
    }
}

impl From<raw::SessionError> for Error {
    fn from(error: raw::SessionError) -> Self {
        Self::Session(error.into())
    }
}

impl From<raw::SettingsError> for Error {
    fn from(error: raw::SettingsError) -> Self {
        Self::Settings(error.into())
    }
}

impl From<SessionError> for raw::SessionError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Denied(grant) => Self::Denied(grant),
            SessionError::Invalid(why) => Self::Invalid(why),
            SessionError::Limit(limit) => Self::Limit(limit),
            SessionError::Unavailable(why) => Self::Unavailable(why),
            SessionError::Other(why) => Self::Other(why),
        }
    }
}

impl From<SettingsError> for raw::SettingsError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Undeclared(key) => Self::Undeclared(key),
            SettingsError::Denied(grant) => Self::Denied(grant),
            SettingsError::Invalid(why) => Self::Invalid(why),
            SettingsError::NoAccount => Self::NoAccount,
            SettingsError::Unavailable(why) => Self::Unavailable(why),
            SettingsError::Other(why) => Self::Other(why),
        }
    }
}

impl From<Error> for raw::PluginError {
    fn from(error: Error) -> Self {
        match error {
            Error::Session(error) => Self::Session(error.into()),
            Error::Settings(error) => Self::Settings(error.into()),
            Error::Request(why) => Self::Request(why),
            Error::Other(why) => Self::Other(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_errors_cross_the_boundary_as_they_are() {
        let denied = raw::SessionError::Denied("read:orders".into());
        let error = Error::from(denied);
        assert_eq!(
            error,
            Error::Session(SessionError::Denied("read:orders".into()))
        );
        assert_eq!(error.to_string(), "not granted: read:orders");
        let back = raw::PluginError::from(error);
        assert!(matches!(
            back,
            raw::PluginError::Session(raw::SessionError::Denied(grant)) if grant == "read:orders"
        ));
        let back = raw::PluginError::from(Error::from(raw::SettingsError::NoAccount));
        assert!(matches!(
            back,
            raw::PluginError::Settings(raw::SettingsError::NoAccount)
        ));
    }

    #[test]
    fn words_become_errors_with_a_question_mark() {
        fn fails() -> Result<(), Error> {
            Err("nothing to do")?
        }
        assert_eq!(fails(), Err(Error::other("nothing to do")));
    }
}
