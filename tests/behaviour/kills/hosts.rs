//! Whole hosts that are killed at random moments amid imports, runs of experts
//! and saves: nothing that was acknowledged is lost, nothing is half written,
//! and the next host goes on.
//!
//! Owns: when the host is killed. A few times unless `LOMBARD_KILLS` says how
//! often: `cargo xtask kills` does. The moments come of a seed, which a failure
//! tells and `LOMBARD_KILLS_SEED` sets again.

use std::fmt::Display;
use std::io::Write as _;
use std::str::FromStr;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use super::clients::{Desk, Importer, Tallies, Tally, document};
use super::found::Found;
use crate::cli::User;
use crate::cli::serving::Serving;
use crate::support::PATIENCE;

/// Kills where nobody says how many.
const A_FEW: u64 = 12;

/// The longest time from the first answer to the kill, in microseconds: long
/// enough for several imports.
const LATEST_MICROS: u64 = 150_000;

/// Random enough for moments, and the same for the same seed: SplitMix64.
struct Moments(u64);

impl Moments {
    fn next_micros(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % LATEST_MICROS
    }
}

fn named<T: FromStr<Err: Display>>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(fault) => panic!("{variable}: {fault}"),
    }
}

/// What came of all kills.
#[derive(Debug, Default)]
struct Sum {
    kills: u64,
    /// Those at which a save, a run, an import was under way.
    amid: [u64; 3],
    amid_any: u64,
    /// Operations that were under way and are there: they were as good as done.
    whole: u64,
}

/// Begins a host, keeps it busy, and kills it so long after the first answer;
/// gives what was under way at that moment: a save, a run, an import.
fn kill_one(
    user: &User,
    token: &mut Option<String>,
    tallies: &Tallies,
    after: Duration,
) -> [bool; 3] {
    let serving = Serving::begin(user);
    // Only the first host on a database says one.
    let token = token.get_or_insert_with(|| serving.token().to_owned());
    let desk = Desk {
        address: serving.address(),
        token,
    };
    let importer = Importer::default();
    let before = tallies.done();
    let (is_busy, amid) = thread::scope(|scope| {
        let clients = [
            scope.spawn(|| desk.saves(&tallies.saves)),
            scope.spawn(|| desk.runs(&tallies.runs)),
            scope.spawn(|| importer.imports(user, &tallies.imports)),
        ];
        // A client that fails has to end the wait for it.
        let is_busy = || !clients.iter().any(ScopedJoinHandle::is_finished);
        let begun = Instant::now();
        while tallies.done() == before && is_busy() && begun.elapsed() < PATIENCE {
            thread::yield_now();
        }
        let answered = Instant::now();
        while answered.elapsed() < after {
            std::hint::spin_loop();
        }
        let is_busy = is_busy() && tallies.done() > before;
        let mut amid = [false; 3];
        importer.kill(|| {
            amid = tallies.all().map(Tally::is_amid);
            serving.signal(Signal::KILL);
        });
        for client in clients {
            client.join().expect("no client meets anything else");
        }
        (is_busy, amid)
    });
    assert!(is_busy, "a client had ended, or nothing was answered");
    assert_eq!(serving.ends().code, None, "it was killed");
    amid
}

/// That all that was told is there, and nothing that was not asked for.
fn judge(found: &Found, tallies: &Tallies, amid: [bool; 3], sum: &mut Sum) {
    sum.kills += 1;
    sum.amid_any += u64::from(amid.contains(&true));
    let numbers = [found.saved, found.run, found.imported];
    for (at, (tally, number)) in tallies.all().into_iter().zip(numbers).enumerate() {
        let (told, asked) = (tally.told(), tally.asked());
        assert!(
            (told..=asked).contains(&number),
            "{number} was found where {told} was acknowledged and {asked} asked for: {found:?}"
        );
        if amid[at] {
            sum.amid[at] += 1;
            sum.whole += u64::from(number > told);
        }
        tally.settle(number);
    }
}

fn report(sum: &Sum, tallies: &Tallies, seed: u64, lasted: Duration) -> String {
    let [saves, runs, imports] = sum.amid;
    format!(
        "{} kills in {} s, seed {seed}: {} amid an operation ({saves} amid a save, {runs} amid a \
         run, {imports} amid an import); of these operations {} are there, the others not at all. \
         {} saves, {} runs and {} imports were acknowledged; lost: 0; half written: 0",
        sum.kills,
        lasted.as_secs(),
        sum.amid_any,
        sum.whole,
        tallies.saves.done(),
        tallies.runs.done(),
        tallies.imports.done(),
    )
}

#[tokio::test]
async fn a_killed_host_loses_nothing_that_was_acknowledged_and_leaves_nothing_half() {
    let kills = named("LOMBARD_KILLS");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is later").subsec_nanos();
    let seed = named("LOMBARD_KILLS_SEED").unwrap_or(u64::from(now));
    // Shown where the test fails.
    println!("LOMBARD_KILLS_SEED={seed}");
    let mut moments = Moments(seed);
    let user = User::with(&document(0));
    let (mut token, tallies, mut sum) = (None, Tallies::default(), Sum::default());
    tallies.imports.settle(1);
    let begun = Instant::now();
    for _ in 0..kills.unwrap_or(A_FEW) {
        let after = Duration::from_micros(moments.next_micros());
        let amid = kill_one(&user, &mut token, &tallies, after);
        let found = Found::look(&user.database()).await;
        judge(&found, &tallies, amid, &mut sum);
        if kills.is_some_and(|kills| sum.kills.is_multiple_of(50) && sum.kills < kills) {
            tell(&report(&sum, &tallies, seed, begun.elapsed()));
        }
    }
    assert!(sum.amid_any * 2 > sum.kills, "few hit anything: {sum:?}");
    assert!(tallies.done() > 0);
    if kills.is_some() {
        tell(&report(&sum, &tallies, seed, begun.elapsed()));
    }
}

/// Not captured: somebody waits for it.
fn tell(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("somebody reads it");
}
