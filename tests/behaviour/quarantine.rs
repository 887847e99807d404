//! A plugin that keeps failing is left alone, and nobody else is.
//!
//! Owns: refusing, trying again, and letting it be called again by hand. How
//! long each pause is stands with the code.

use std::time::Duration;

use lombard_model::{CallOutcome, Grants, Limit};
use lombard_runtime::{CallError, PluginRef, QuarantineOptions, RuntimeError};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, deadline, guest, in_time, is_late,
    probe, render, wat,
};

const AFTER: u32 = 3;

const DEADLINE: Duration = Duration::from_millis(200);

/// A host that leaves a plugin alone for so long.
async fn host(first: Duration) -> TestHost {
    let setup = Setup {
        quarantine: QuarantineOptions {
            after: Some(AFTER),
            first,
            most: first,
        },
        limits: deadline(DEADLINE).with(Limit::HostCalls, u64::MAX),
        ..Setup::one_connection()
    };
    setup.open_with(Book::of(20).dataset()).await
}

async fn fails(host: &TestHost, plugin: &PluginRef) -> CallError {
    call_error(in_time(render(host, plugin)).await)
}

#[tokio::test]
async fn after_some_failures_it_is_not_called_and_others_are() {
    let host = host(Duration::from_secs(3_600)).await;
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let shows = render(&host, &widget).await.unwrap().view;
    let traps = guest(&host, "traps").await;
    for _ in 0..AFTER {
        let error = fails(&host, &traps).await;
        assert!(matches!(error, CallError::Trap { .. }), "{error:?}");
    }
    let error = fails(&host, &traps).await;
    let CallError::Quarantined {
        failures,
        left,
        last,
    } = &error
    else {
        panic!("it is called: {error:?}");
    };
    assert_eq!(*failures, AFTER);
    assert!(*left > Duration::from_secs(3_000), "{left:?}");
    assert!(last.contains("unreachable"), "{last}");

    // It is on the bill, and cost nothing.
    let record = host.recent_calls().pop().unwrap();
    assert_eq!(record.outcome, CallOutcome::Unavailable);
    assert_eq!(
        (record.cost.sessions, record.cost.memory_peak_bytes),
        (0, 0)
    );
    assert_eq!(render(&host, &widget).await.unwrap().view, shows);
    // A better version is another binary.
    let nothing = r#"(func (export "render") (param i32 i32 i32) (result i32)
        (call $give_back (local.get 0)) i32.const 64)"#;
    let better = wat::widget(nothing, &[]);
    let better = host.plugin_from(&better, &Grants::all()).await.unwrap();
    render(&host, &better).await.unwrap();
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn somebody_may_have_it_called_again() {
    let host = host(Duration::from_secs(3_600)).await;
    let traps = guest(&host, "traps").await;
    let digest = traps.plugin.digest;
    assert!(!host.resume(digest));
    for _ in 0..AFTER {
        fails(&host, &traps).await;
    }
    assert_eq!(host.quarantined(digest).unwrap().failures, AFTER);
    assert!(host.resume(digest));
    assert_eq!(host.quarantined(digest), None);
    let error = fails(&host, &traps).await;
    assert!(matches!(error, CallError::Trap { .. }), "{error:?}");
}

/// The pause is over at once, so that the next call is the trial.
#[tokio::test]
async fn a_trial_that_does_well_ends_it_and_one_that_fails_does_not() {
    let host = host(Duration::ZERO).await;
    let probes = guest(&host, "probes").await.plugin.digest;
    let loops = || async { call_error(in_time(probe(&host, "calls", 1 << 40)).await) };
    for failures in 1..=AFTER + 2 {
        let error = loops().await;
        assert!(is_late(&error, DEADLINE), "{error:?}");
        let known = host.quarantined(probes).map(|one| one.failures);
        assert_eq!(known, (failures >= AFTER).then_some(failures));
    }
    let ended: Result<_, RuntimeError> = probe(&host, "nothing", 1).await;
    ended.unwrap();
    assert_eq!(host.quarantined(probes), None);
}
