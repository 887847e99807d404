//! Words for the operator.
//!
//! Owns: levels and the macros [`debug!`], [`info!`], [`warn!`] and [`error!`].
//! Must not know: where the words go; the host
//! tags them with plugin, version and call, cuts long ones, and drops those
//! above 200 a call. Count in loops, don't print.
//!
//! ```no_run
//! use lombard_sdk::log;
//!
//! log::info!("{} symbols without a price", 3);
//! ```

use std::fmt;

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

/// Writes a message to the host's log. It never fails. For text that is there
/// already; the macros put it together.
pub fn write(level: Level, message: &str) {
    let level = match level {
        Level::Debug => raw::Level::Debug,
        Level::Info => raw::Level::Info,
        Level::Warn => raw::Level::Warn,
        Level::Error => raw::Level::Error,
    };
    raw::write(level, message);
}

/// What the macros call: once in a plugin, however often it logs.
#[doc(hidden)]
pub fn write_formatted(level: Level, message: fmt::Arguments<'_>) {
    match message.as_str() {
        Some(words) => write(level, words),
        None => write(level, &fmt::format(message)),
    }
}

/// Logs for whoever is looking for a fault in the plugin; as `format!`.
///
/// ```no_run
/// # let bars = [0; 3];
/// lombard_sdk::debug!("{} bars", bars.len());
/// ```
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => {
        $crate::log::write_formatted($crate::log::Level::Debug, ::std::format_args!($($message)+))
    };
}

/// Logs what is worth knowing; as `format!`.
///
/// ```no_run
/// # let symbols = ["AAPL"];
/// lombard_sdk::info!("looked at {} symbols", symbols.len());
/// ```
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => {
        $crate::log::write_formatted($crate::log::Level::Info, ::std::format_args!($($message)+))
    };
}

/// Logs that something is not as it should be and the plugin goes on; as
/// `format!`.
///
/// ```no_run
/// # let symbol = "AAPL";
/// lombard_sdk::warn!("{symbol}: no bar for a week");
/// ```
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => {
        $crate::log::write_formatted($crate::log::Level::Warn, ::std::format_args!($($message)+))
    };
}

/// Logs what failed; as `format!`. What makes the whole call useless is better
/// returned as an error.
///
/// ```no_run
/// # let symbol = "AAPL";
/// lombard_sdk::error!("{symbol}: its prices can't be added up");
/// ```
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => {
        $crate::log::write_formatted($crate::log::Level::Error, ::std::format_args!($($message)+))
    };
}

#[doc(no_inline)]
pub use crate::{debug, error, info, warn};
