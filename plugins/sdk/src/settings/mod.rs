//! The caller's own settings, and those of the account it works for.
//!
//! Owns: reading a setting as the type the plugin expects. Must not know:
//! defaults; the host resolves them.
//!
//! Declare them as a struct, with [`settings!`](crate::settings!): code and
//! manifest can't disagree then.
//!
//! ```no_run
//! use lombard_sdk::Error;
//!
//! lombard_sdk::settings! {
//!     /// What the rule goes by.
//!     struct Rule {
//!         /// Trading days of the fast average
//!         fast_days: i64 = 20 [2..=250];
//!         /// Anything to remember
//!         note: Option<String>;
//!     }
//! }
//!
//! fn days() -> Result<i64, Error> {
//!     Ok(Rule::read()?.fast_days)
//! }
//! ```
//!
//! The functions read one setting that `plugin.toml` declares, by its key; one
//! that it does not declare, or declares as another type, is an error of the call.
//!
//! ```no_run
//! use lombard_sdk::{Error, settings};
//!
//! fn days() -> Result<(i64, Option<String>), Error> {
//!     Ok((settings::int("fast_days")?, settings::optional_str("note")?))
//! }
//! ```

mod declared;
mod text;

use lombard_model::{Decimal, SettingValue};

use crate::bindings::settings as raw;
use crate::{Error, SettingsError, lift, lower, remembered};

#[doc(hidden)]
pub use declared::__private;
pub use declared::Json;

/// The value of a setting: what was saved, else its default, else none.
///
/// # Errors
/// [`SettingsError::Undeclared`] for a key that the manifest does not declare,
/// [`SettingsError::Denied`] for a secret.
pub fn get(key: &str) -> Result<Option<SettingValue>, Error> {
    remembered::setting(key, || raw::get(key)?.map(lift::setting).transpose())
}

/// Every declared setting that has a value, by key; secrets are left out.
///
/// # Errors
/// Where the host can't answer.
pub fn all() -> Result<Vec<(String, SettingValue)>, Error> {
    lift::all(raw::all()?, |entry| {
        Ok((entry.key, lift::setting(entry.value)?))
    })
}

/// The value of a non-secret setting of the account that the caller works for.
///
/// # Errors
/// [`SettingsError::NoAccount`] for a widget; [`SettingsError::Denied`] without
/// `read:account-settings`.
pub fn account(key: &str) -> Result<Option<SettingValue>, Error> {
    raw::get_account(key)?.map(lift::setting).transpose()
}

/// Saves these settings and leaves the others as they are; all or none.
///
/// # Errors
/// Where one does not fit its definition; without `write:settings`.
pub fn save(patch: &[(&str, SettingValue)]) -> Result<(), Error> {
    remembered::forget_settings();
    Ok(raw::save(&entries(patch)?)?)
}

/// Saves these settings and removes every other saved one (secrets stay); all
/// or none.
///
/// # Errors
/// As [`save`].
pub fn replace(settings: &[(&str, SettingValue)]) -> Result<(), Error> {
    remembered::forget_settings();
    Ok(raw::replace(&entries(settings)?)?)
}

fn entries(settings: &[(&str, SettingValue)]) -> Result<Vec<raw::Entry>, Error> {
    let entry = |(key, value): &(&str, SettingValue)| {
        Ok(raw::Entry {
            key: (*key).to_owned(),
            value: lower::setting(value)?,
        })
    };
    settings.iter().map(entry).collect()
}

macro_rules! typed {
    ($( $what:literal, $read:ident, $optional:ident: $variant:ident($type:ty); )+) => { $(
        #[doc = concat!("A setting that is ", $what, " and has a value or a default.")]
        ///
        /// # Errors
        /// As [`get`], and [`SettingsError::Invalid`] where it has no value or
        /// is of another type.
        pub fn $read(key: &str) -> Result<$type, Error> {
            $optional(key)?.ok_or_else(|| absent(key))
        }

        #[doc = concat!("A setting that is ", $what, ", where it has a value.")]
        ///
        /// # Errors
        /// As [`get`], and [`SettingsError::Invalid`] where it is of another
        /// type.
        pub fn $optional(key: &str) -> Result<Option<$type>, Error> {
            match get(key)? {
                None => Ok(None),
                Some(SettingValue::$variant(value)) => Ok(Some(value)),
                Some(other) => Err(mistyped(key, $what, &other)),
            }
        }
    )+ };
}

typed! {
    "a text", str, optional_str: Str(String);
    "a whole number", int, optional_int: Int(i64);
    "a binary floating-point number", float, optional_float: Float(f64);
    "a decimal", decimal, optional_decimal: Decimal(Decimal);
    "yes or no", bool, optional_bool: Bool(bool);
    "a JSON document, as text,", json, optional_json: Json(String);
    "a list of texts", list, optional_list: List(Vec<String>);
}

#[cold]
fn absent(key: &str) -> Error {
    let fault = format!("`{key}` has neither a value nor a default");
    SettingsError::Invalid(fault).into()
}

#[cold]
fn mistyped(key: &str, expected: &str, found: &SettingValue) -> Error {
    let found = match found {
        SettingValue::Str(_) => "str",
        SettingValue::Int(_) => "int",
        SettingValue::Float(_) => "float",
        SettingValue::Decimal(_) => "decimal",
        SettingValue::Bool(_) => "bool",
        SettingValue::Json(_) => "json",
        SettingValue::List(_) => "list",
    };
    let fault = format!("`{key}` is read as {expected} but declared as `{found}`");
    SettingsError::Invalid(fault).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_key_and_both_types() {
        assert_eq!(
            absent("days").to_string(),
            "invalid setting: `days` has neither a value nor a default"
        );
        let error = mistyped("days", "a whole number", &SettingValue::Str("x".into()));
        assert_eq!(
            error.to_string(),
            "invalid setting: `days` is read as a whole number but declared as `str`"
        );
    }

    #[test]
    fn entries_keep_their_order() {
        let sent = entries(&[
            ("b", SettingValue::Int(1)),
            ("a", SettingValue::Bool(false)),
        ]);
        let keys: Vec<_> = sent.unwrap().into_iter().map(|entry| entry.key).collect();
        assert_eq!(keys, ["b", "a"]);
    }
}
