//! Why a value is not one for its setting.
//!
//! Owns: the errors of settings. Must not know: secrets; what is shown of a
//! value is hidden before it gets here.

/// Why a value is not one for its setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// Nobody declares this key.
    #[error("setting `{key}` is not declared; declared are: {declared}")]
    Undeclared {
        /// The key.
        key: String,
        /// All keys that are.
        declared: String,
    },
    /// The value has another type, or is out of its type's range.
    #[error("setting `{key}` must be {expected}, not {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What would do.
        expected: &'static str,
        /// What was found; hidden for a secret.
        found: String,
    },
    /// The value is not among the valid ones.
    #[error("setting `{key}` can't be {found}; valid: {valid}")]
    NotValid {
        /// The key.
        key: String,
        /// What was found; hidden for a secret.
        found: String,
        /// What would do.
        valid: String,
    },
    /// The text is not written as it must be.
    #[error("setting `{key}` can't be {found}: it is {fault}")]
    Malformed {
        /// The key.
        key: String,
        /// What was found; hidden for a secret.
        found: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The setting must have a value and has none.
    #[error("setting `{key}` is required and has neither a value nor a default")]
    Missing {
        /// The key.
        key: String,
    },
    /// The definition itself contradicts itself.
    #[error("the definition of setting `{key}` is at fault: {fault}")]
    Definition {
        /// The key.
        key: String,
        /// What is wrong.
        fault: String,
    },
    /// The definitions share a key.
    #[error("setting `{key}` is declared by the host; a plugin can't declare it again")]
    BuiltIn {
        /// The key.
        key: String,
    },
}
