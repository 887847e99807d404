//! What can be written about a host that runs: its caches, jobs, sessions.

use std::time::Duration;

use clap::{Args, Subcommand};
use lombard_model::{JobId, Symbol};
use lombard_store::SettingsOwner;

use super::owner;

pub(super) const TOP: &str = "\
Examples:
  lombard top
  lombard top --every 0.5
  lombard top --once --json

Keys: q or Esc ends it, s sorts the plugins by the next column.";

/// `lombard cache …`
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// What the caches of accounts and experts did, and hold
    #[command(after_help = "Example:\n  lombard cache stats --json")]
    Stats,
    /// Bring accounts and experts into the caches before anybody asks
    #[command(after_help = "Examples:\n  lombard cache warm\n  lombard cache warm --most-used 20")]
    Warm {
        /// So many of each, those with most open transactions [default: all, as
        /// far as there is room]
        #[arg(long, value_name = "N")]
        most_used: Option<u32>,
    },
    /// Drop what is cached of an account or an expert
    #[command(
        after_help = "Examples:\n  lombard cache invalidate expert/1\n  lombard cache invalidate account/2 --settings"
    )]
    Invalidate {
        /// account/ID or expert/ID
        #[arg(value_parser = owner)]
        owner: SettingsOwner,
        /// Only what is cached of its settings
        #[arg(long)]
        settings: bool,
    },
    /// Drop everything that is cached
    #[command(after_help = "Example:\n  lombard cache clear")]
    Clear,
}

/// `lombard job …`
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List the jobs: two for each enabled expert
    #[command(after_help = "Example:\n  lombard job list")]
    List,
    /// Run a job now, whatever its schedule says
    #[command(
        after_help = "Examples:\n  lombard job run expert/1/enter-market\n  lombard job run expert/1/open-positions --symbol AAPL --wait"
    )]
    Run {
        /// expert/ID/enter-market or expert/ID/open-positions
        job: JobId,
        /// Look at this symbol [default: what the expert picks]
        #[arg(long = "symbol", value_name = "S")]
        symbols: Vec<Symbol>,
        /// Wait until it has ended; the exit code is 1 where it did not end well
        #[arg(long)]
        wait: bool,
    },
    /// Stop a job that waits or is under way
    #[command(after_help = "Example:\n  lombard job cancel expert/1/enter-market")]
    Cancel {
        /// expert/ID/enter-market or expert/ID/open-positions
        job: JobId,
    },
    /// List what became of runs, newest first
    #[command(
        after_help = "Examples:\n  lombard job history\n  lombard job history expert/1/enter-market --limit 5"
    )]
    History {
        /// Only of this job
        job: Option<JobId>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
}

/// `lombard session …`
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List the sessions that hold a connection now, the longest first
    #[command(after_help = "Example:\n  lombard session list")]
    List,
}

/// `lombard top`
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TopOptions {
    /// Look so often
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(crate) every: Duration,
    /// Print what there is now and end, as where stdout is no terminal
    #[arg(long)]
    pub(crate) once: bool,
}

/// A tenth of a second to an hour.
fn seconds(text: &str) -> Result<Duration, String> {
    let fault = || "write seconds from 0.1 to 3600".to_owned();
    let (whole, tenths) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    if !is_digits(whole) || !is_digits(tenths) || tenths.len() > 3 {
        return Err(fault());
    }
    let whole: u64 = whole.parse().map_err(|_| fault())?;
    let millis: u64 = format!("{tenths:0<3}").parse().map_err(|_| fault())?;
    let every = Duration::from_millis(whole.saturating_mul(1_000).saturating_add(millis));
    let bounds = Duration::from_millis(100)..=Duration::from_secs(3_600);
    bounds.contains(&every).then_some(every).ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_read_in_seconds() {
        for (text, millis) in [
            ("2", 2_000),
            ("0.1", 100),
            ("0.25", 250),
            ("3600", 3_600_000),
        ] {
            assert_eq!(seconds(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            ".",
            "0",
            "0.05",
            "-1",
            "+1",
            "1e3",
            "1.",
            ".5",
            "3601",
            "nan",
            "99999999999999999999",
            "0.1000",
        ] {
            assert!(seconds(bad).is_err(), "{bad} was taken");
        }
    }
}
