//! On whose behalf a session reads.
//!
//! Owns: the words for it. Must not know: what is read.

use std::sync::Arc;

/// On whose behalf a session reads, in words for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The plugin, or `host`.
    pub who: Arc<str>,
    /// The call or the command.
    pub call: String,
}

impl Purpose {
    /// The host's own reading, for this command or task.
    #[must_use]
    pub fn host(task: &str) -> Self {
        Self {
            who: "host".into(),
            call: task.to_owned(),
        }
    }
}
