//! Settings: typed values, their definitions, and what is made of both.
//!
//! Owns: types, defaults, valid values and secrecy, decided in one place, so
//! that "unset", "0" and "false" are three things. Must not know: where values
//! are stored, or whose settings they are.

mod value;

#[cfg(feature = "host")]
mod definition;
#[cfg(feature = "host")]
mod definitions;
#[cfg(feature = "host")]
mod error;
#[cfg(feature = "host")]
mod format;
#[cfg(feature = "host")]
mod resolved;

#[cfg(feature = "host")]
pub use definition::{SettingDefinition, SettingType};
#[cfg(feature = "host")]
pub use definitions::Definitions;
#[cfg(feature = "host")]
pub use error::SettingError;
#[cfg(feature = "host")]
pub use format::SettingFormat;
#[cfg(feature = "host")]
pub use resolved::{SavedSettings, Settings};
pub use value::SettingValue;
