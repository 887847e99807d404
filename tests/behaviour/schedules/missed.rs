//! What becomes of runs that no host was there for, or that one left behind.
//!
//! Owns: the two policies, after a stop and after a crash. Must not know: how
//! runs are made.

use lombard_model::JobTrigger;
use serde_json::json;

use super::desk::{Desk, JOB, MINUTE, idle, job, outcomes, running, runs, settled, status, time};
use crate::support::PATIENCE;

/// An expert that runs each hour, whose host stopped at noon and began again in
/// the middle of the afternoon.
async fn away(policy: Option<&str>) -> (Desk, lombard_scheduler::Scheduler) {
    let desk = Desk::new().await;
    desk.hourly().await;
    if let Some(policy) = policy {
        desk.set(1, [("missed_runs", json!(policy))]).await;
    }
    desk.start().await.stop(MINUTE).await;
    let desk = desk.reopened().await;
    desk.clock.set(time("2025-10-10T15:30:00Z"));
    let scheduler = desk.start().await;
    (desk, scheduler)
}

#[tokio::test]
async fn missed_runs_are_told_and_not_made_unless_asked_for() {
    for policy in [None, Some("skip")] {
        let (desk, scheduler) = away(policy).await;
        let made = runs(&scheduler, JOB, 1).await.remove(0);
        assert_eq!((made.outcome.as_str(), made.began_at), ("missed", None));
        assert_eq!(made.planned_at, time("2025-10-10T15:00:00Z"));
        assert!(
            made.error
                .unwrap()
                .contains("3 runs planned from 2025-10-10T13")
        );
        assert_eq!(
            status(&scheduler, JOB).next_run,
            Some(time("2025-10-10T16:00:00Z"))
        );
        // Once: the next start knows of it.
        scheduler.stop(MINUTE).await;
        let scheduler = desk.start().await;
        desk.clock.set(time("2025-10-10T16:00:00Z"));
        assert_eq!(outcomes(&runs(&scheduler, JOB, 2).await), ["missed", "ok"]);
        scheduler.stop(MINUTE).await;
    }
}

#[tokio::test]
async fn missed_runs_are_made_up_for_by_one_where_asked_for() {
    let (desk, scheduler) = away(Some("run-once")).await;
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["missed", "ok"]);
    assert!(made[0].error.as_deref().unwrap().contains("2 runs"));
    assert_eq!(made[1].trigger, JobTrigger::CatchUp);
    assert_eq!(made[1].planned_at, time("2025-10-10T15:00:00Z"));
    assert_eq!(made[1].began_at, Some(time("2025-10-10T15:30:00Z")));
    idle(&scheduler).await;
    scheduler.stop(MINUTE).await;
    let scheduler = desk.start().await;
    settled(&scheduler, &desk.clock).await;
    assert_eq!(
        runs(&scheduler, JOB, 2).await.len(),
        2,
        "it was made up for twice"
    );
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_schedule_that_was_saved_meanwhile_has_missed_nothing() {
    let desk = Desk::new().await;
    desk.hourly().await;
    desk.start().await.stop(MINUTE).await;
    desk.set(
        1,
        [
            ("enter_market_schedule", json!("30 * * * *")),
            ("missed_runs", json!("run-once")),
        ],
    )
    .await;
    desk.clock.set(time("2025-10-10T15:45:00Z"));
    let scheduler = desk.start().await;
    settled(&scheduler, &desk.clock).await;
    assert!(scheduler.history(None, None, 10).await.unwrap().is_empty());
    scheduler.stop(MINUTE).await;
}

/// A run that a host left behind as it crashed, and another host's scheduler.
async fn crashed(policy: &str) -> (Desk, lombard_scheduler::Scheduler) {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    desk.hourly().await;
    desk.set(1, [("missed_runs", json!(policy))]).await;
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    let symbols = vec!["S3".parse().expect("a symbol")];
    let begun = scheduler.run_now(job(JOB), symbols).await;
    begun.expect("it is noted");
    running(&scheduler, JOB).await;
    drop(scheduler);
    held.end();
    let desk = desk.reopened().await;
    desk.clock.advance(MINUTE);
    let scheduler = desk.start().await;
    (desk, scheduler)
}

#[tokio::test]
async fn an_interrupted_run_is_marked_and_not_made_again_unless_asked_for() {
    let (desk, scheduler) = crashed("skip").await;
    settled(&scheduler, &desk.clock).await;
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!((made.outcome.as_str(), made.attempt), ("interrupted", 1));
    assert_eq!(made.ended_at, Some(desk.clock.now()));
    assert!(made.error.as_ref().unwrap().contains("in the middle of it"));
    assert_eq!(status(&scheduler, JOB).last_run, Some(made));
    // Schedules go on.
    desk.clock.set(time("2025-10-10T13:00:00Z"));
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["interrupted", "ok"]);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn an_interrupted_run_is_made_again_where_asked_for() {
    let (_desk, scheduler) = crashed("run-once").await;
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["interrupted", "ok"]);
    assert_eq!(made[1].trigger, JobTrigger::CatchUp);
    assert_eq!(made[1].symbols, made[0].symbols);
    assert_eq!(made[1].planned_at, made[0].planned_at);
    scheduler.stop(MINUTE).await;
}
