//! Invariant 2, the second half, and 10: however a call ends, its connection
//! is back, rolled back, and the next call is right.
//!
//! Owns: one test for each way out. The pool has one connection, so that a
//! call that keeps it is missed by the next.

use std::time::{Duration, Instant};

use lombard_accounts::SettingsPatch;
use lombard_model::view::View;
use lombard_model::{Limit, UseCase};
use lombard_runtime::{CallError, PluginRef, RunRequest};
use lombard_store::TransactionFilter;
use tracing::instrument::WithSubscriber as _;

use crate::support::books::{self, Book};
use crate::support::files::{self, WIDGETS};
use crate::support::futures::at_most;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, deadline, expert, guest, in_time,
    is_late, params, render, watch,
};

/// A host with a book, and what it shows while all is well.
struct Place {
    host: TestHost,
    widget: PluginRef,
    shows: View,
}

impl Place {
    async fn new() -> Self {
        Self::with(Setup::one_connection()).await
    }

    async fn with(setup: Setup) -> Self {
        Self::of(200, setup).await
    }

    async fn of(transactions: u64, setup: Setup) -> Self {
        let host = setup.open_with(Book::of(transactions).dataset()).await;
        let widget = host.plugin(WIDGETS[0]).await.expect("a widget");
        let shows = render(&host, &widget).await.expect("a view").view;
        Self {
            host,
            widget,
            shows,
        }
    }

    /// What a guest that does not give a view gives.
    async fn fails(&self, name: &str) -> CallError {
        let guest = guest(&self.host, name).await;
        call_error(in_time(render(&self.host, &guest)).await)
    }

    async fn is_well(&self) {
        all_connections_are_back(self.host.store()).await;
        let next = in_time(render(&self.host, &self.widget))
            .await
            .expect("the next call is served");
        assert_eq!(next.view, self.shows);
        assert_eq!((next.cost.sessions, next.cost.connections), (1, 1));
        // Not in the transaction of a call that is over.
        let more = Book::of(201).dataset();
        self.host.import(more).await.expect("a write is served");
        let mut session = self.host.session("look");
        let open = session
            .transactions(&TransactionFilter::open(), None, 1_000)
            .await
            .expect("a read is served");
        assert_eq!(open.len(), 201);
        session.end();
        all_connections_are_back(self.host.store()).await;
        assert_eq!(self.host.store().pool_status().max, 1);
    }
}

#[tokio::test]
async fn a_result_gives_the_connection_back() {
    let place = Place::new().await;
    place.is_well().await;
}

#[tokio::test]
async fn an_error_of_the_plugin_gives_the_connection_back() {
    let place = Place::new().await;
    let error = place.fails("fails").await;
    assert!(
        matches!(&error, CallError::Plugin(told) if told.contains("200 transactions read")),
        "{error:?}"
    );
    place.is_well().await;
}

#[tokio::test]
async fn a_trap_gives_the_connection_back() {
    let place = Place::new().await;
    let error = place.fails("traps").await;
    assert!(
        matches!(&error, CallError::Trap { function: "render", trap } if trap.contains("unreachable")),
        "{error:?}"
    );
    place.is_well().await;
}

#[tokio::test]
async fn traps_one_after_the_other_give_every_connection_back() {
    let place = Place::new().await;
    for _ in 0..100 {
        let error = place.fails("traps").await;
        assert!(matches!(error, CallError::Trap { .. }), "{error:?}");
    }
    place.is_well().await;
}

#[tokio::test]
async fn a_loop_ends_at_its_deadline_and_gives_the_connection_back() {
    let place = Place::with(Setup {
        limits: deadline(Duration::from_millis(500)),
        ..Setup::one_connection()
    })
    .await;
    let error = place.fails("loops").await;
    assert!(is_late(&error, Duration::from_millis(500)), "{error:?}");
    place.is_well().await;
}

/// One thread for all: a loop that kept it would keep everybody.
#[tokio::test]
async fn a_loop_does_not_hold_up_other_calls() {
    let place = Place::with(Setup {
        connections: 2,
        limits: deadline(Duration::from_secs(2)),
        ..Setup::default()
    })
    .await;
    let loops = guest(&place.host, "loops").await;
    let mut looping = Box::pin(render(&place.host, &loops));
    let mut served = 0;
    let calls = async {
        for _ in 0..20 {
            let next = render(&place.host, &place.widget).await.unwrap();
            assert_eq!(next.view, place.shows);
            served += 1;
        }
        // The loop goes on.
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        biased;
        ended = &mut looping => ended,
        () = calls => unreachable!("it waits for ever"),
    };
    assert!(is_late(&call_error(ended), Duration::from_secs(2)));
    assert_eq!(served, 20, "calls waited for the loop");
    drop(looping);
    all_connections_are_back(place.host.store()).await;
}

#[tokio::test]
async fn a_call_that_gets_no_connection_is_unavailable_and_not_late() {
    let place = Place::with(Setup {
        limits: deadline(Duration::from_millis(100)),
        acquire_timeout: Duration::from_millis(500),
        ..Setup::one_connection()
    })
    .await;
    let mut held = place.host.session("in the way");
    held.open().await.unwrap();
    let error = call_error(in_time(render(&place.host, &place.widget)).await);
    assert!(
        matches!(&error, CallError::Unavailable(why) if why.contains("500 ms")),
        "{error:?}"
    );
    held.end();
    place.is_well().await;
}

#[tokio::test]
async fn waiting_for_a_connection_does_not_count_against_the_deadline() {
    let short = Duration::from_millis(200);
    let place = Place::with(Setup {
        limits: deadline(short),
        acquire_timeout: Duration::from_secs(60),
        ..Setup::one_connection()
    })
    .await;
    let mut held = place.host.session("in the way");
    held.open().await.unwrap();
    let letting_go = async {
        let began = Instant::now();
        while began.elapsed() < short * 3 {
            tokio::task::yield_now().await;
        }
        held.end();
    };
    let rendering = render(&place.host, &place.widget);
    let (rendered, ()) = in_time(async { tokio::join!(rendering, letting_go) }).await;
    let cost = rendered.unwrap().cost;
    assert!(u128::from(cost.wait_us) > short.as_micros(), "{cost:?}");
    place.is_well().await;
}

#[tokio::test]
async fn too_much_memory_is_named_and_hurts_nobody_else() {
    let place = Place::new().await;
    let error = place.fails("hoards").await;
    assert!(
        matches!(error, CallError::Limit(told) if told.limit == Limit::MemoryBytes
            && told.value == Limit::MemoryBytes.default()
            && told.asked > Some(told.value)),
        "{error:?}"
    );
    place.is_well().await;
}

#[tokio::test]
async fn too_large_a_result_is_named_and_hurts_nobody_else() {
    let place = Place::new().await;
    let error = place.fails("floods").await;
    assert!(
        matches!(error, CallError::Limit(told) if told.limit == Limit::ResultBytes
            && told.value == Limit::ResultBytes.default()),
        "{error:?}"
    );
    place.is_well().await;
}

#[tokio::test]
async fn a_call_that_is_cancelled_at_any_point_gives_the_connection_back() {
    // So large that the host waits for each of its statements.
    let place = Place::of(3_000, Setup::one_connection()).await;
    // How many points there are to cancel at depends on how soon the database is.
    let mut cancelled = 0;
    for polls in (1..=6).cycle().take(600) {
        let mut rendering = Box::pin(render(&place.host, &place.widget));
        let done = at_most(&mut rendering, polls).await;
        drop(rendering);
        all_connections_are_back(place.host.store()).await;
        let next = in_time(render(&place.host, &place.widget)).await.unwrap();
        assert_eq!(next.view, place.shows, "after a cancel at point {polls}");
        cancelled += u32::from(done.is_none());
        if cancelled >= 12 {
            break;
        }
    }
    assert!(cancelled >= 12, "it was cancelled {cancelled} times only");
}

#[tokio::test]
async fn a_panic_in_a_host_function_gives_the_connection_back() {
    let place = Place::new().await;
    let probes = guest(&place.host, "probes").await;
    let asked: SettingsPatch = params([("what", "snapshot".into())]);
    let panics = watch::on_guest_line(|line| panic!("on purpose, at {line}"));
    let rendering = place.host.render(&probes, &asked, None);
    let error = call_error(in_time(rendering.with_subscriber(panics)).await);
    assert!(
        matches!(&error, CallError::Unavailable(told) if told.contains("panicked")),
        "{error:?}"
    );
    // Without anything of the panic: it may hold what is not the plugin's.
    assert!(!error.to_string().contains("on purpose"), "{error}");
    place.is_well().await;
}

#[tokio::test]
async fn a_refused_answer_is_stored_as_failed_and_gives_the_connection_back() {
    let place = Place::new().await;
    for name in ["overstates", "settles"] {
        let bytes = files::guest(name);
        place
            .host
            .install(bytes, lombard_model::Grants::all())
            .await
            .unwrap();
    }
    let mut document = Book::of(200).document();
    document["experts"][0]["plugin"] = "guest-overstates".into();
    document["experts"][1]["plugin"] = "guest-settles".into();
    place.host.import(books::read(&document)).await.unwrap();
    let run = |id| {
        place.host.run_expert(RunRequest {
            expert: expert(id),
            symbols: vec!["S0".parse().unwrap()],
            use_case: UseCase::EnterMarket,
        })
    };

    let error = call_error(in_time(run(1)).await);
    assert!(matches!(error, CallError::Recommendation(_)), "{error:?}");
    assert!(error.to_string().contains("101"), "{error}");
    let mut session = place.host.session("look");
    assert_eq!(session.latest_recommendations(10).await.unwrap(), []);
    session.end();

    let good = in_time(run(2)).await.unwrap();
    assert_eq!(good.analysis.get(), 2, "the failed analysis was not stored");
    let mut session = place.host.session("look");
    assert_eq!(session.latest_recommendations(10).await.unwrap().len(), 1);
    session.end();
    all_connections_are_back(place.host.store()).await;
    render(&place.host, &place.widget).await.unwrap();
}
