//! Plugins that mean harm: what each may get is an error with its name on it.
//!
//! Owns: the attacks of `tests/guests/hostile`, and that whoever is rendered
//! after one is served as if nothing had been (`admitted.rs`: files that are
//! attacks; `views.rs`: views that are; `storms.rs`: many of something). They are
//! written in the text format of WebAssembly, since Rust does not lie. Each is
//! tried twice, or as often as `LOMBARD_ATTACKS` says: `cargo xtask bench
//! --hostile` does, and has it told how soon each was stopped.
//! Must not know: how the host holds out.

mod admitted;
mod late;
mod storms;
mod views;

use std::time::Duration;

use lombard_model::{CallOutcome, Grants, Limit};
use lombard_runtime::{CallError, PluginRef, RuntimeError};

use crate::support::books::Book;
use crate::support::files::{self, WIDGETS};
use crate::support::{
    Setup, TestHost, all_connections_are_back, deadline, in_time, is_late, render, wat,
};

const DEADLINE: Duration = Duration::from_millis(300);

/// How a call has to end.
#[derive(Clone, Copy, Debug)]
enum Ends {
    AtItsDeadline,
    /// At this limit.
    At(Limit),
    /// With a trap that says this.
    Trapped(&'static str),
    /// With an answer that is refused, and this said of it.
    Refused(&'static str),
}

use Ends::{At, AtItsDeadline, Refused, Trapped};
use late::Late;

const ATTACKS: &[(&str, Ends)] = &[
    ("answer-misaligned", Trapped("not aligned")),
    ("answer-outside", Trapped("out of bounds")),
    (
        "calls-in-realloc",
        Trapped("cannot leave component instance"),
    ),
    ("calls-nothing", Trapped("uninitialized element")),
    ("divides-by-nothing", Trapped("divide by zero")),
    ("double-drop", Trapped("unknown handle")),
    ("forged-handle", Trapped("unknown handle")),
    ("keeps-the-session", Trapped("borrow handles still remain")),
    ("key-outside", Trapped("out of bounds")),
    ("long-list", Trapped("out of bounds")),
    ("long-title", Trapped("out of bounds")),
    ("loops", AtItsDeadline),
    ("loops-after-return", AtItsDeadline),
    ("loops-at-start", AtItsDeadline),
    ("loops-in-calls", AtItsDeadline),
    ("loops-in-realloc", AtItsDeadline),
    ("many-blocks", At(Limit::ResultBytes)),
    ("memory-bomb", At(Limit::MemoryBytes)),
    (
        "neither-ok-nor-error",
        Trapped("invalid expected discriminant"),
    ),
    (
        "neither-some-nor-none",
        Trapped("invalid option discriminant"),
    ),
    ("no-such-block", Trapped("discriminant")),
    ("no-such-kind", Trapped("discriminant")),
    ("no-utf8", Trapped("utf-8")),
    ("reads-outside", Trapped("out of bounds")),
    ("realloc-outside", Trapped("beyond end of memory")),
    ("recursion", At(Limit::StackBytes)),
    ("scale-255", Refused("scale")),
    ("stale-handle", Trapped("unknown handle")),
    ("surrogate", Trapped("utf-8")),
    ("table-bomb", At(Limit::TableEntries)),
    ("title-over-the-edge", Trapped("out of bounds")),
    ("traps", Trapped("unreachable")),
];

impl Ends {
    fn is_of(self, error: &CallError) -> bool {
        match (self, error) {
            (AtItsDeadline, error) => is_late(error, DEADLINE),
            (At(limit), CallError::Limit(told)) => told.limit == limit,
            (Trapped(words), CallError::Trap { function, trap }) => {
                *function == "render" && trap.contains(words)
            }
            (Refused(words), error) => error.to_string().contains(words),
            _ => false,
        }
    }

    const fn outcome(self) -> CallOutcome {
        match self {
            AtItsDeadline => CallOutcome::Deadline,
            At(limit) => limit.outcome(),
            Trapped(_) => CallOutcome::Trap,
            Refused(_) => CallOutcome::Refused,
        }
    }
}

async fn host() -> TestHost {
    let setup = Setup {
        // So many that who calls in a loop is late instead.
        limits: deadline(DEADLINE).with(Limit::HostCalls, u64::MAX),
        ..Setup::one_connection()
    };
    setup.open_with(Book::of(20).dataset()).await
}

#[test]
fn every_attack_is_tried() {
    let files = files::hostile();
    let tried: Vec<_> = ATTACKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, tried);
}

/// Each at least twice: the second call finds an instance that was made ahead.
#[tokio::test]
async fn each_is_stopped_named_and_counted_and_the_next_is_served() {
    let host = host().await;
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let shows = render(&host, &widget).await.unwrap().view;
    let mut others = Vec::new();
    let mut late = Late::default();
    for (name, ends) in ATTACKS {
        let attack = wat::widget(&files::attack(name), &[]);
        let attack = host.plugin_from(&attack, &Grants::all()).await;
        let attack = attack.unwrap_or_else(|error| panic!("{name} is not let in: {error}"));
        for _ in 0..late::times() {
            let error = stopped(&host, &attack).await;
            if !ends.is_of(&error) {
                others.push(format!("{name}: {error:?} and not {ends:?}"));
            }
            let record = host.recent_calls().pop().unwrap();
            assert_eq!(record.outcome, ends.outcome(), "{name}");
            assert_eq!(record.digest, Some(attack.plugin.digest), "{name}");
            assert_eq!(record.error, Some(error.to_string()), "{name}");
            let took = Duration::from_micros(record.cost.wall_us);
            assert!(took < 10 * DEADLINE, "{name} took {took:?}");
            late.add(name, took.saturating_sub(DEADLINE));

            all_connections_are_back(host.store()).await;
            let next = in_time(render(&host, &widget)).await;
            assert_eq!(next.unwrap().view, shows, "after {name}");
        }
    }
    assert!(others.is_empty(), "{others:#?}");
    late.tell();
}

/// What the attack got.
async fn stopped(host: &TestHost, attack: &PluginRef) -> CallError {
    match in_time(render(host, attack)).await {
        Err(RuntimeError::Call {
            plugin,
            version,
            error,
        }) => {
            assert_eq!((plugin.as_str(), version.as_str()), ("made-up", "0.1.0"));
            error
        }
        other => panic!("it is not stopped: {other:?}"),
    }
}
