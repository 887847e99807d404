//! `log`: words for the operator.
//!
//! Owns: that a plugin can neither flood the log nor forge a line of it.

use std::fmt::Write as _;

use lombard_model::Limit;

use crate::bindings::log::{Host, Level};
use crate::call::{CallSetup, CallState};
use crate::limits::wide;

/// The line as it may be shown: on one line, without control characters, not
/// too long.
fn shown(message: &str, longest: usize) -> String {
    let mut line = String::new();
    for c in message.chars() {
        if line.len() >= longest {
            line.push('…');
            break;
        }
        // Neither a new line nor one that is read from right to left.
        match c.is_control() || is_invisible(c) {
            // Writing to a string can't fail.
            true => drop(write!(line, "{}", c.escape_default())),
            false => line.push(c),
        }
    }
    line
}

/// Characters that change how others are shown, and are not seen themselves.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a line is written: the call and its plugin have not logged too much.
fn is_admitted(setup: &CallSetup, line: &str) -> bool {
    let CallSetup { limits, spent, .. } = setup;
    let (lines, bytes, _) = spent.log();
    let fits = lines < limits.get(Limit::LogLines)
        && bytes.saturating_add(wide(line.len())) <= limits.get(Limit::LogBytes)
        && setup.plugin.allowance.may_log(line.len(), limits);
    match fits {
        true => spent.logged(wide(line.len())),
        false => spent.dropped_a_line(),
    }
    fits
}

impl Host for CallState {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let _call = self.host_call("log.write")?;
        // A call that is not made again would not write its lines again.
        self.session.not_repeatable();
        let line = shown(&message, self.setup.limits.size(Limit::LogLineBytes));
        if !is_admitted(&self.setup, &line) {
            return Ok(());
        }
        let manifest = &self.setup.plugin.manifest;
        let (plugin, version) = (manifest.name.as_str(), manifest.version.as_str());
        let call = self.setup.id;
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(target: "lombard::plugin", plugin, version, %call, "{line}")
            };
        }
        match level {
            Level::Debug => tell!(debug),
            Level::Info => tell!(info),
            Level::Warn => tell!(warn),
            Level::Error => tell!(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_be_forged_or_endless() {
        assert_eq!(shown("a\nERROR \u{1b}[31mb", 20), "a\\nERROR \\u{1b}[31mb");
        assert_eq!(shown("a\u{202e}b\u{2028}c", 40), "a\\u{202e}b\\u{2028}c");
        assert_eq!(shown(&"x".repeat(100), 20).chars().count(), 21);
    }
}
