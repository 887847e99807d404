//! `log`: words for the operator.
//!
//! Owns: that a plugin can neither flood the log nor forge a line of it.

use lombard_model::CallId;

use crate::Limits;
use crate::bindings::log::{Host, Level};
use crate::call::CallState;

/// What a call has logged.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    lines: u64,
    dropped: u64,
}

impl Journal {
    /// Tells how many lines were dropped, if any were.
    pub(crate) fn close(&self, plugin: &str, call: CallId) {
        if self.dropped > 0 {
            let dropped = self.dropped;
            tracing::warn!(target: "lombard::plugin", plugin, %call, dropped, "log lines dropped");
        }
    }

    /// The line as it may be shown: on one line, without control characters,
    /// not too long. None where the call has logged enough.
    fn admit(&mut self, message: &str, limits: &Limits) -> Option<String> {
        if self.lines >= limits.log_lines {
            self.dropped += 1;
            return None;
        }
        self.lines += 1;
        let mut line = String::new();
        for c in message.chars() {
            if line.len() >= limits.log_line_bytes {
                line.push('…');
                break;
            }
            match c.is_control() {
                true => line.extend(c.escape_default()),
                false => line.push(c),
            }
        }
        Some(line)
    }
}

impl Host for CallState {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let _call = self.host_call("log.write");
        // A call that is not made again would not write its lines again.
        self.session.not_repeatable();
        let Some(line) = self.journal.admit(&message, &self.setup.limits) else {
            return Ok(());
        };
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
        let limits = Limits {
            log_line_bytes: 20,
            ..Limits::default()
        };
        let mut journal = Journal::default();
        let line = journal.admit("a\nERROR \u{1b}[31mb", &limits).unwrap();
        assert_eq!(line, "a\\nERROR \\u{1b}[31mb");
        let line = journal.admit(&"x".repeat(100), &limits).unwrap();
        assert_eq!(line.chars().count(), 21);
    }

    #[test]
    fn a_flood_is_counted_and_dropped() {
        let limits = Limits {
            log_lines: 3,
            ..Limits::default()
        };
        let mut journal = Journal::default();
        let admitted = (0..10).filter_map(|_| journal.admit("x", &limits)).count();
        assert_eq!((admitted, journal.dropped), (3, 7));
    }
}
