//! What is recorded of calls, how long it is kept, and what it adds up to.
//!
//! Owns: looking at records through the host and its store. How the command
//! reports them stands in `cli::audit`.

use std::sync::Arc;
use std::time::Duration;

use lombard_model::{CallOutcome, CallRecord, LookUp, LookUps, Timestamp};
use lombard_runtime::{BillOptions, Host};
use lombard_store::{Audit, AuditQuery, Keep, Near};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::futures::at_most;
use crate::support::{PATIENCE, Setup, guest, in_time, probe, render};

const PROBES: &str = "guest-probes";

fn everything() -> AuditQuery {
    AuditQuery {
        since: None,
        plugin: None,
        loop_limit: 10,
        loops_of: LookUp::ALL.to_vec(),
        near: Near {
            used_us: u64::MAX,
            memory_bytes: u64::MAX,
            statements: u64::MAX,
        },
        top: 10,
    }
}

async fn audit(host: &Host, query: &AuditQuery) -> Audit {
    host.flush_bill().await;
    let mut session = host.session("look");
    let audit = session.audit(query).await.expect("an audit");
    session.end();
    audit
}

/// A made-up record, to fill a bill with.
fn record(host: &Host, plugin: &str, began_at: i64) -> CallRecord {
    CallRecord {
        run: host.run().clone(),
        id: lombard_model::CallId(1),
        plugin: plugin.parse().expect("a name"),
        version: "0.1.0".to_owned(),
        digest: Some(lombard_model::Digest::new([7; 32])),
        function: "render",
        began_at: Timestamp::from_micros(began_at),
        outcome: CallOutcome::Ok,
        error: None,
        limit: None,
        cost: lombard_model::CallCost::default(),
        look_ups: LookUps::default(),
    }
}

async fn keep(host: &Host, records: impl IntoIterator<Item = CallRecord>, keep: Keep) {
    let records: Vec<_> = records.into_iter().map(Arc::new).collect();
    let kept = host.store().record_calls(&records, keep).await;
    kept.expect("they are kept");
}

const ALL: Keep = Keep {
    calls: u32::MAX,
    since: None,
};

#[tokio::test]
async fn a_record_says_all_there_is_to_say_of_a_call() {
    let host = Setup::one_connection()
        .open_with(Book::default().dataset())
        .await;
    let cost = probe(&host, "looks_up", 12).await.unwrap().cost;
    let failed = probe(&host, "denied", 1).await;
    failed.expect("it tells what it was told");
    let fails = guest(&host, "fails").await;
    render(&host, &fails).await.unwrap_err();

    let recent = host.recent_calls();
    let [looked, _, failed] = &recent[..] else {
        panic!("not three calls: {recent:?}");
    };
    assert_eq!((looked.id.0, failed.id.0), (1, 3));
    assert_eq!(&looked.run, host.run());
    assert_eq!(looked.cost, cost);
    assert_eq!(looked.outcome, CallOutcome::Ok);
    assert_eq!(looked.error, None);
    assert_eq!(
        looked.look_ups.iter().collect::<Vec<_>>(),
        [
            (LookUp::Account, 2),
            (LookUp::Transaction, 12),
            (LookUp::Setting, 2)
        ]
    );
    assert!(cost.bytes > 0 && cost.cache_misses > 0, "{cost:?}");
    assert_eq!(failed.outcome, CallOutcome::Error);
    let error = failed.error.as_deref().unwrap();
    assert!(error.contains("failed on purpose"), "{error}");

    let audit = audit(&host, &everything()).await;
    let sums = &audit.sums;
    assert_eq!((sums.calls, sums.failures), (3, 1));
    let bytes: u64 = recent.iter().map(|call| call.cost.bytes).sum();
    let hits: u64 = recent.iter().map(|call| call.cost.cache_hits).sum();
    let misses: u64 = recent.iter().map(|call| call.cost.cache_misses).sum();
    assert_eq!(
        (sums.bytes, sums.cache_hits, sums.cache_misses),
        (bytes, hits, misses)
    );
    let ended: Vec<_> = audit.outcomes.iter().map(|one| one.outcome).collect();
    assert_eq!(ended, [CallOutcome::Ok, CallOutcome::Error]);
    assert_eq!(audit.outcomes[1].last_error.as_deref(), Some(error));
    let [found] = &audit.loops[..] else {
        panic!("not one loop: {:?}", audit.loops);
    };
    assert_eq!((found.kind, found.most), (LookUp::Transaction, 12));
    assert_eq!((found.plugin.as_str(), found.calls), (PROBES, 1));
}

#[tokio::test]
async fn a_set_is_no_look_up() {
    let host = Setup::default().open_with(Book::of(200).dataset()).await;
    for widget in WIDGETS {
        let plugin = host.plugin(widget).await.unwrap();
        render(&host, &plugin).await.unwrap();
    }
    for call in host.recent_calls() {
        let most = call.look_ups.iter().map(|(_, times)| times).max();
        assert!(most.unwrap_or(0) <= 2, "{call:?}");
    }
    assert_eq!(audit(&host, &everything()).await.loops, []);
}

#[tokio::test]
async fn how_a_call_ended_is_recorded_also_where_nobody_waits_for_it() {
    let host = Setup {
        acquire_timeout: Duration::from_millis(50),
        ..Setup::one_connection()
    }
    .open_with(Book::default().dataset())
    .await;
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let mut rendering = Box::pin(render(&host, &widget));
    assert!(
        at_most(&mut rendering, 1).await.is_none(),
        "it did not wait"
    );
    drop(rendering);
    render(&host, &widget).await.unwrap_err();
    held.end();

    let recent = host.recent_calls();
    let ended: Vec<_> = recent.iter().map(|call| call.outcome).collect();
    assert_eq!(ended, [CallOutcome::Cancelled, CallOutcome::Unavailable]);
    assert_eq!(recent[0].error, None);
    let error = recent[1].error.as_deref().unwrap();
    assert!(error.contains("no database connection"), "{error}");
    assert!(!error.contains("in the way"), "{error}");
    let audit = audit(&host, &everything()).await;
    assert_eq!((audit.sums.calls, audit.sums.failures), (2, 2));
    assert!(audit.sums.longest_wait_us >= 50_000, "{audit:?}");
}

#[tokio::test]
async fn a_quiet_host_s_calls_reach_the_database_by_themselves() {
    let host = Setup {
        bill: BillOptions {
            write_after: Duration::from_millis(20),
            ..BillOptions::default()
        },
        ..Setup::default()
    }
    .open()
    .await;
    for calls in 1..=3_u64 {
        probe(&host, "nothing", 1).await.unwrap();
        let written = async {
            while host.bill_status().written < calls {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, written).await.unwrap();
        let mut session = host.session("look");
        let audit = session.audit(&everything()).await.unwrap();
        session.end();
        assert_eq!(audit.sums.calls, calls);
    }
    assert_eq!(host.bill_status().lost, 0);
}

#[tokio::test]
async fn what_cannot_be_recorded_fails_no_call_and_takes_bounded_room() {
    const CALLS: u64 = 5_000;
    let host = Setup {
        bill: BillOptions {
            recent: 50,
            ..BillOptions::default()
        },
        ..Setup::default()
    }
    .open()
    .await;
    host.store().close().await;
    for _ in 0..CALLS {
        in_time(probe(&host, "nothing", 1)).await.unwrap();
    }
    let status = host.bill_status();
    assert_eq!(status.written, 0, "{status:?}");
    assert!(status.unwritten <= 4_096 + 256, "{status:?}");
    assert_eq!(status.unwritten + status.lost, CALLS);
    let recent = host.recent_calls();
    assert_eq!(recent.len(), 50);
    assert_eq!(recent.last().unwrap().id.0, CALLS);

    in_time(host.close()).await;
    let status = host.bill_status();
    assert_eq!((status.unwritten, status.lost), (0, CALLS));
}

#[tokio::test]
async fn the_newest_calls_are_kept_and_none_that_is_too_old() {
    let host = Setup::default().open().await;
    let calls = (0..2_500).map(|at| record(&host, "someone", at * 1_000_000));
    keep(&host, calls, ALL).await;
    let sums = async || audit(&host, &everything()).await.sums;
    assert_eq!(sums().await.calls, 2_500);

    let newest = Keep { calls: 100, ..ALL };
    keep(&host, [record(&host, "someone", 2_500_000_000)], newest).await;
    let left = sums().await;
    assert_eq!(left.calls, 100);
    assert_eq!(left.first, Some(Timestamp::from_micros(2_401_000_000)));

    let young = Keep {
        since: Some(Timestamp::from_micros(2_490_000_000)),
        ..ALL
    };
    keep(&host, [], young).await;
    assert_eq!(sums().await.calls, 11);
}

#[tokio::test]
async fn a_host_forgets_what_its_options_say() {
    let host = Setup {
        bill: BillOptions {
            calls_kept: 5,
            age_kept: Some(Duration::from_secs(60)),
            ..BillOptions::default()
        },
        ..Setup::default()
    }
    .open()
    .await;
    keep(&host, [record(&host, "long-ago", 0)], ALL).await;
    for _ in 0..8 {
        probe(&host, "nothing", 1).await.unwrap();
    }
    let audit = audit(&host, &everything()).await;
    assert_eq!(audit.sums.calls, 5);
    assert_eq!(audit.callers.len(), 1);
}

#[tokio::test]
async fn an_audit_is_of_its_period_and_its_plugin() {
    let host = Setup::default().open().await;
    let calls = (0..10).map(|at| record(&host, "early", at * 1_000_000));
    let mut late = record(&host, "late", 20_000_000);
    late.cost.sessions = 1;
    late.cost.statements = 7;
    late.cost.held_us = 900;
    late.cost.wall_us = 2_000_000;
    let lates = (0..3).map(|_| late.clone());
    keep(&host, calls.chain(lates), ALL).await;

    let since = AuditQuery {
        since: Some(Timestamp::from_micros(5_000_000)),
        ..everything()
    };
    let audit_since = audit(&host, &since).await;
    assert_eq!(audit_since.sums.calls, 8);
    let callers = audit_since.callers.iter();
    let callers: Vec<_> = callers.map(|one| (&*one.plugin, one.calls)).collect();
    assert_eq!(callers, [("late", 3), ("early", 5)]);

    let of_one = AuditQuery {
        plugin: Some("late".parse().unwrap()),
        top: 2,
        ..everything()
    };
    let audit = audit(&host, &of_one).await;
    let sums = &audit.sums;
    assert_eq!(
        (
            sums.calls,
            sums.sessions,
            sums.statements,
            sums.most_statements
        ),
        (3, 3, 21, 7)
    );
    assert_eq!(sums.busiest, Some(Timestamp::from_micros(20_000_000)));
    assert_eq!(sums.busiest_sessions, 3);
    assert_eq!(sums.last, Some(Timestamp::from_micros(22_000_000)));
    assert_eq!(audit.holders.len(), 2);
    assert_eq!(audit.holders[0].held_us, 900);
    assert_eq!(audit.holders[0].run.as_deref(), Some(host.run().as_str()));
}

#[tokio::test]
async fn calls_near_a_limit_are_told_the_nearest_first() {
    let host = Setup::default().open().await;
    let with = |wall_us, wait_us, memory_peak_bytes| {
        let mut call = record(&host, "someone", 0);
        call.cost.wall_us = wall_us;
        call.cost.wait_us = wait_us;
        call.cost.memory_peak_bytes = memory_peak_bytes;
        call
    };
    let mut stopped = with(1, 0, 0);
    stopped.outcome = CallOutcome::Deadline;
    let [mut many, mut few] = [with(1, 0, 0), with(1, 0, 0)];
    (many.cost.statements, few.cost.statements) = (99, 89);
    let calls = [
        with(799, 0, 79),
        // It waited, which no deadline counts.
        with(9_000, 8_500, 0),
        with(850, 0, 0),
        with(0, 0, 95),
        many,
        few,
        // It waited before it began.
        with(5, 50, 0),
        stopped,
    ];
    keep(&host, calls, ALL).await;
    let query = AuditQuery {
        near: Near {
            used_us: 800,
            memory_bytes: 80,
            statements: 90,
        },
        top: 3,
        ..everything()
    };
    let audit = audit(&host, &query).await;
    assert_eq!(audit.near_in_all, 4);
    let near = audit.near.iter();
    let near: Vec<_> = near
        .map(|one| (one.used_us, one.memory_bytes, one.statements))
        .collect();
    assert_eq!(near, [(0, 95, 0), (1, 0, 99), (850, 0, 0)]);
}
