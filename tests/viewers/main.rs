//! Many who look at the overview at once, as browsers do: what they wait for,
//! and what that costs the host.
//!
//! Owns: the two times that are measured, one in which nothing changes and one
//! with a commit a second, and what is told of them. Must not know: HTTP.

mod host;
mod viewer;

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::{Host, Usage};
use viewer::{Seen, Viewer, Viewers};

/// The panels that an overview has: the bundled widgets.
const WIDGETS: u64 = 3;

/// How often each looks at the whole page again while nothing changes.
const LOOKS: Duration = Duration::from_secs(1);

/// How often something is committed in the other time.
const COMMITS: Duration = Duration::from_secs(1);

struct Options {
    viewers: usize,
    seconds: u64,
}

fn main() -> Result<(), String> {
    let options = options()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(measure(&options))
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        viewers: 100,
        seconds: 60,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        let value: u64 = value.ok_or(format!("{name} takes a number"))?;
        match name.as_str() {
            "--viewers" => options.viewers = usize::try_from(value).unwrap_or(usize::MAX),
            "--seconds" => options.seconds = value,
            _ => return Err(format!("there are --viewers and --seconds, not {name}")),
        }
    }
    Ok(options)
}

async fn measure(options: &Options) -> Result<(), String> {
    let host = Arc::new(Host::begin().await?);
    let length = Duration::from_secs(options.seconds);
    say(&format!(
        "{} viewers on the overview, 200 transactions, {} s each",
        options.viewers, options.seconds
    ));

    let (first, viewers) = Viewers::log_in(&host, options.viewers).await?;
    tell("first page", &first, None, options);

    let before = host.usage().await?;
    let looked = viewers.each(length, Viewer::look, Some(LOOKS)).await;
    let after = host.usage().await?;
    tell(
        "nothing changes, each looks once a second",
        &looked,
        Some((before, after)),
        options,
    );

    let before = host.usage().await?;
    let committing = tokio::spawn(commits(Arc::clone(&host), length));
    let followed = viewers.each(length, Viewer::follow, None).await;
    let commits = committing.await.map_err(|error| error.to_string())??;
    let after = host.usage().await?;
    tell(
        "a commit a second, each follows",
        &followed,
        Some((before, after)),
        options,
    );
    let sessions = after.sessions - before.sessions;
    let most = WIDGETS * commits;
    say(&format!(
        "{commits} commits: {sessions} sessions for the panels, {most} at most"
    ));

    let failed = first.failed + looked.failed + followed.failed;
    host.end()?;
    match failed == 0 && sessions <= most {
        true => Ok(()),
        false => Err(format!(
            "{failed} requests failed, {sessions} sessions of {most}"
        )),
    }
}

async fn commits(host: Arc<Host>, length: Duration) -> Result<u64, String> {
    let began = Instant::now();
    let mut commits = 0;
    let mut turns = tokio::time::interval(COMMITS);
    while began.elapsed() < length {
        turns.tick().await;
        host.commit(commits).await?;
        commits += 1;
    }
    Ok(commits)
}

/// One line of what was seen, and one of what that cost.
fn tell(what: &str, seen: &Seen, usage: Option<(Usage, Usage)>, options: &Options) {
    let mut times = seen.times.clone();
    times.sort_unstable();
    let at = |permille: usize| {
        let index = times.len().saturating_sub(1) * permille / 1_000;
        let micros = times.get(index).map_or(0, Duration::as_micros);
        format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
    };
    say(&format!(
        "{what}: {} requests, {} failed, median {}, p99 {}, worst {}",
        times.len(),
        seen.failed,
        at(500),
        at(990),
        at(1_000)
    ));
    if let Some(why) = &seen.why {
        say(&format!("  the first that failed: {why}"));
    }
    if let Some((before, after)) = usage {
        let percent = (after.processor - before.processor).as_millis()
            / u128::from(options.seconds.max(1) * 10);
        say(&format!(
            "  the host used {percent} % of a processor and opened {} sessions",
            after.sessions - before.sessions
        ));
    }
}

fn say(line: &str) {
    // Whoever read has gone: there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
