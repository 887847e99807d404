//! Showing that something is under way.
//!
//! Owns: a spinner on stderr for what takes longer than a moment, on a
//! terminal only. Must not know: what is under way.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Before this much time nothing is shown.
const PATIENCE: Duration = Duration::from_millis(300);

/// Shows that something is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn detect(quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
        }
    }

    /// Waits for `work`, saying `doing` where that takes longer than a moment.
    pub(crate) async fn during<T>(self, doing: &str, work: impl Future<Output = T>) -> T {
        if !self.shown {
            return work.await;
        }
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, work.as_mut()).await {
            return done;
        }
        let spinner = ProgressBar::new_spinner().with_message(doing.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(100));
        let done = work.await;
        spinner.finish_and_clear();
        done
    }
}
