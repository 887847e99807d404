//! What calls have cost is recorded, whatever came of them.
//!
//! Owns: failing calls and their records. Must not know: how they are written.

use std::time::Duration;

use lombard_model::{CallOutcome, Grants, UseCase};
use lombard_runtime::{Host, RunRequest};
use lombard_store::PluginBill;

use crate::support::books::{self, Book};
use crate::support::files::WIDGETS;
use crate::support::futures::at_most;
use crate::support::{
    Setup, TestHost, all_connections_are_back, deadline, expert, files, guest, guest_with, in_time,
    render,
};

async fn bill(host: &Host, plugin: &str) -> PluginBill {
    host.flush_bill().await;
    let mut session = host.session("look");
    let bills = session.bills_of(plugin).await.expect("bills");
    let all = session.bills().await.expect("bills");
    assert_eq!(all.get(plugin), Some(&bills), "{all:?}");
    session.end();
    let [bill] = &bills[..] else {
        panic!("not one bill of {plugin}: {bills:?}");
    };
    bill.clone()
}

#[tokio::test]
async fn calls_that_fail_are_on_the_bill_with_those_that_do_not() {
    let host = Setup {
        limits: deadline(Duration::from_secs(1)),
        ..Setup::one_connection()
    }
    .open()
    .await;
    host.import(Book::of(20).dataset()).await.unwrap();
    for (name, statements) in [
        ("fails", 1),
        ("traps", 1),
        ("loops", 1),
        ("hoards", 0),
        ("floods", 0),
    ] {
        let guest = guest(&host, name).await;
        in_time(render(&host, &guest)).await.unwrap_err();
        let bill = bill(&host, &format!("guest-{name}")).await;
        assert_eq!((bill.calls, bill.failures), (1, 1), "{name}: {bill:?}");
        assert_eq!(bill.function, "render");
        assert_eq!(
            (bill.sessions, bill.statements),
            (statements, statements),
            "{name}: {bill:?}"
        );
        assert!(bill.wall_us > 0, "{name}: {bill:?}");
    }
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_bill_adds_up() {
    let host = Setup::one_connection().open().await;
    host.import(Book::of(20).dataset()).await.unwrap();
    let widget = WIDGETS[0];
    let plugin = host.plugin(widget).await.unwrap();
    let denied = host
        .plugin_from(&files::plugin(widget), &Grants::default())
        .await
        .unwrap();
    let (mut statements, mut rows, mut most) = (0, 0, 0);
    // More than are kept in memory at once.
    for _ in 0..300 {
        let cost = render(&host, &plugin).await.unwrap().cost;
        statements += u64::from(cost.statements);
        most = most.max(u64::from(cost.statements));
        rows += cost.rows;
    }
    for _ in 0..3 {
        render(&host, &denied).await.unwrap_err();
    }
    let bill = bill(&host, widget).await;
    assert_eq!(
        (bill.calls, bill.failures, bill.sessions),
        (303, 3, 300),
        "{bill:?}"
    );
    assert_eq!(
        (bill.statements, bill.most_statements, bill.rows),
        (statements, most, rows)
    );
    assert!(bill.longest_held_us > 0, "{bill:?}");
}

#[tokio::test]
async fn a_refused_answer_is_on_the_bill() {
    let host = Setup::one_connection().open().await;
    host.install(files::guest("overstates"), Grants::all())
        .await
        .unwrap();
    let mut document = Book::of(1).document();
    document["experts"][0]["plugin"] = "guest-overstates".into();
    host.import(books::read(&document)).await.unwrap();
    let run = host.run_expert(RunRequest {
        expert: expert(1),
        symbols: Vec::new(),
        use_case: UseCase::OpenPositions,
    });
    in_time(run).await.unwrap_err();
    let bill = bill(&host, "guest-overstates").await;
    assert_eq!(
        (bill.function.as_str(), bill.calls, bill.failures),
        ("analyze", 1, 1)
    );
}

#[tokio::test]
async fn a_call_without_a_connection_is_on_the_bill() {
    let host = Setup {
        acquire_timeout: Duration::from_millis(50),
        ..Setup::one_connection()
    }
    .open()
    .await;
    host.import(Book::of(1).dataset()).await.unwrap();
    let probes = guest_with(&host, "fails", &Grants::all()).await;
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    render(&host, &probes).await.unwrap_err();
    held.end();
    let bill = bill(&host, "guest-fails").await;
    assert_eq!(
        (bill.failures, bill.sessions, bill.statements),
        (1, 0, 0),
        "{bill:?}"
    );
    assert!(bill.longest_wait_us >= 50_000, "{bill:?}");
}

#[tokio::test]
async fn a_call_that_is_cancelled_is_on_the_bill_with_what_it_had_cost() {
    let host = Setup::one_connection().open().await;
    host.import(Book::of(3_000).dataset()).await.unwrap();
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let (mut failures, mut statements) = (0, 0);
    let mut had_read = 0;
    // One after the other, each cut off at a later point, and then again from the
    // beginning: after how many polls it reads depends on the machine.
    for (calls, polls) in (1..).zip((1..=6).cycle()).take(600) {
        let mut rendering = Box::pin(render(&host, &widget));
        let done = at_most(&mut rendering, polls).await;
        drop(rendering);
        all_connections_are_back(host.store()).await;
        let bill = bill(&host, WIDGETS[0]).await;
        let cancelled = u64::from(done.is_none());
        assert_eq!(
            (bill.calls, bill.failures),
            (calls, failures + cancelled),
            "{bill:?}"
        );
        assert!(bill.statements >= statements, "{bill:?}");
        had_read += cancelled * u64::from(bill.statements > statements);
        (failures, statements) = (bill.failures, bill.statements);
        if had_read > 2 {
            break;
        }
    }
    assert!(had_read > 2, "{had_read} of {failures} had read");
}

/// A host with one connection and an expert whose plugin is installed.
async fn desk() -> TestHost {
    let host = Setup {
        acquire_timeout: Duration::from_millis(500),
        ..Setup::one_connection()
    }
    .open()
    .await;
    host.install(files::guest("settles"), Grants::all())
        .await
        .expect("it is installed");
    let mut document = Book::of(1).document();
    document["experts"][0]["plugin"] = "guest-settles".into();
    host.import(books::read(&document)).await.expect("a book");
    host
}

fn run_of(id: u64, symbols: &[&str]) -> RunRequest {
    RunRequest {
        expert: expert(id),
        symbols: symbols
            .iter()
            .map(|one| one.parse().expect("a symbol"))
            .collect(),
        use_case: UseCase::EnterMarket,
    }
}

#[tokio::test]
async fn a_run_that_gets_no_connection_is_on_the_bill_of_whose_it_was() {
    let host = desk().await;
    // Nobody knows yet whose the expert is; then the cache does.
    for name in ["expert-1", "guest-settles"] {
        let mut held = host.session("in the way");
        held.open().await.unwrap();
        let mut run = Box::pin(host.run_expert(run_of(1, &["S0"])));
        assert!(at_most(&mut run, 1).await.is_none(), "it did not wait");
        drop(run);
        in_time(host.run_expert(run_of(1, &["S0"])))
            .await
            .unwrap_err();
        held.end();
        let recent = host.recent_calls();
        let [.., cut, refused] = &recent[..] else {
            panic!("not two calls: {recent:?}");
        };
        // Who cancels does not wait to be told whose it was.
        assert_eq!(cut.plugin.as_str(), "expert-1");
        assert_eq!(cut.outcome, CallOutcome::Cancelled);
        assert_eq!(refused.plugin.as_str(), name);
        assert_eq!(refused.outcome, CallOutcome::Unavailable);
        assert_eq!((refused.function, refused.digest), ("analyze", None));
        assert!(refused.cost.wait_us >= 500_000, "{refused:?}");
        let error = refused.error.as_deref().unwrap();
        assert!(error.contains("no database connection"), "{error}");

        let mut session = host.session("look");
        let accounts = host.accounts();
        accounts.expert(expert(1), &mut session).await.unwrap();
        session.end();
    }
    let bill = bill(&host, "guest-settles").await;
    assert_eq!((bill.calls, bill.failures, bill.sessions), (1, 1, 0));
}

#[tokio::test]
async fn a_run_that_is_not_fit_to_be_made_is_on_the_bill_with_what_it_took() {
    let host = desk().await;
    // Expert 2's plugin is not there, and there is no expert 99.
    for (id, name) in [(2, "someone"), (99, "expert-99")] {
        in_time(host.run_expert(run_of(id, &["S0"])))
            .await
            .unwrap_err();
        let bill = bill(&host, name).await;
        assert_eq!(
            (bill.function.as_str(), bill.calls, bill.failures),
            ("analyze", 1, 1)
        );
        assert_eq!(bill.sessions, 1, "{bill:?}");
        assert!(bill.statements > 0, "{bill:?}");
    }
    all_connections_are_back(host.store()).await;

    in_time(host.run_expert(run_of(1, &["S0"]))).await.unwrap();
    let recent = host.recent_calls();
    assert_eq!(recent.len(), 3, "one record for a run: {recent:?}");
    let good = recent.last().unwrap();
    assert_eq!(good.outcome, CallOutcome::Ok);
    assert_eq!((good.version.as_str(), good.id.0), ("0.1.0", 3));
    assert!(good.digest.is_some());
}
