//! What became of a target's run.
//!
//! Owns: reading that out of what libFuzzer writes. Must not know: the targets.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// What became of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// So many inputs, and nothing was found.
    Clean { runs: u64 },
    /// An input that must not be: where it is, and what it did.
    Found {
        runs: u64,
        input: PathBuf,
        what: String,
    },
}

impl Outcome {
    /// Reads what a run wrote to its log.
    ///
    /// # Errors
    /// Where it ended in failure without an input that did it.
    pub(super) fn read(succeeded: bool, text: &str, log: &Path) -> Result<Self> {
        let runs = after(text, "stat::number_of_executed_units:");
        let runs = runs.and_then(|runs| runs.parse().ok()).unwrap_or(0);
        let input = after(text, "Test unit written to ");
        match (succeeded, input) {
            (true, _) => Ok(Self::Clean { runs }),
            (false, Some(input)) => Ok(Self::Found {
                runs,
                input: input.into(),
                what: what(text),
            }),
            (false, None) => bail!("it ended without an input; see {}", log.display()),
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        matches!(self, Self::Clean { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clean { runs } => write!(f, "{runs} runs, nothing found"),
            Self::Found { runs, input, what } => {
                let input = input.display();
                write!(f, "found after {runs} runs: {what}\n    by {input}")
            }
        }
    }
}

/// The last line of the text with this mark, behind it.
fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let mut lines = text.lines().rev();
    lines.find_map(|line| Some(line.split_once(mark)?.1.trim()))
}

/// What went wrong: where it panicked and why, else what the sanitizer says.
fn what(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let panicked = lines.iter().position(|line| line.contains("panicked at"));
    let error = lines.iter().position(|line| line.contains("ERROR: "));
    let told = match (panicked, error) {
        (Some(at), _) => lines[at..].iter().take(2),
        (None, Some(at)) => lines[at..].iter().take(1),
        (None, None) => return "no word of why".to_owned(),
    };
    let told: Vec<_> = told.map(|line| line.trim()).collect();
    told.join(" ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "log";

    #[test]
    fn the_runs_of_a_clean_one_are_told() {
        let text = "#2 INITED\nDone 1200 runs in 61 second(s)\n\
                    stat::number_of_executed_units: 1200\nstat::peak_rss_mb: 90\n";
        let outcome = Outcome::read(true, text, Path::new(LOG)).unwrap();
        assert_eq!(outcome, Outcome::Clean { runs: 1_200 });
        assert_eq!(outcome.to_string(), "1200 runs, nothing found");
    }

    #[test]
    fn a_finding_is_told_with_its_file() {
        let text = "thread '<unnamed>' panicked at host/model/src/time.rs:32:14:\n\
                    attempt to subtract with overflow\n==7== ERROR: libFuzzer: deadly signal\n\
                    artifact_prefix='f/'; Test unit written to f/crash-1\n\
                    stat::number_of_executed_units: 7\n";
        let outcome = Outcome::read(false, text, Path::new(LOG)).unwrap();
        assert!(!outcome.is_clean());
        let told = outcome.to_string();
        assert!(told.contains("after 7 runs"), "{told}");
        assert!(
            told.contains("time.rs:32:14: attempt to subtract"),
            "{told}"
        );
        assert!(told.ends_with("by f/crash-1"), "{told}");

        let text = "==7==ERROR: AddressSanitizer: stack-overflow\nTest unit written to f/crash-2\n";
        let told = Outcome::read(false, text, Path::new(LOG)).unwrap();
        assert!(told.to_string().contains("stack-overflow"), "{told}");
    }

    #[test]
    fn a_failure_without_an_input_names_its_log() {
        let error = Outcome::read(false, "no such file", Path::new(LOG)).unwrap_err();
        assert!(error.to_string().ends_with("see log"), "{error}");
    }
}
