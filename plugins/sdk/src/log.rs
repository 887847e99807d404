//! Words for the operator.
//!
//! Owns: levels and the macros. Must not know: where the words go; the host
//! tags them with plugin, version and call, cuts long ones, and drops those
//! above 200 a call. Count in loops, don't print.

use crate::bindings::log as raw;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever is looking for a fault in the plugin.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as it should be; the plugin goes on.
    Warn,
    /// Something failed.
    Error,
}

/// Writes a message to the host's log. It never fails.
pub fn write(level: Level, message: &str) {
    let level = match level {
        Level::Debug => raw::Level::Debug,
        Level::Info => raw::Level::Info,
        Level::Warn => raw::Level::Warn,
        Level::Error => raw::Level::Error,
    };
    raw::write(level, message);
}

/// Writes for whoever is looking for a fault in the plugin; as `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($message:tt)*) => {
        $crate::log::write($crate::log::Level::Debug, &::std::format!($($message)*))
    };
}

/// Writes what is worth knowing; as `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($message:tt)*) => {
        $crate::log::write($crate::log::Level::Info, &::std::format!($($message)*))
    };
}

/// Writes what is not as it should be; as `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($message:tt)*) => {
        $crate::log::write($crate::log::Level::Warn, &::std::format!($($message)*))
    };
}

/// Writes what failed; as `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($message:tt)*) => {
        $crate::log::write($crate::log::Level::Error, &::std::format!($($message)*))
    };
}

#[doc(inline)]
pub use crate::{
    __log_debug as debug, __log_error as error, __log_info as info, __log_warn as warn,
};
