//! Runs that are in each other's way, that fail, and that are stopped.
//!
//! Owns: overlaps, room, attempts, deadlines, cancelling and stopping. Must not
//! know: when a run is due.

use std::time::Duration;

use lombard_model::JobOutcome;
use lombard_scheduler::{SchedulerError, SchedulerOptions};
use serde_json::json;

use super::desk::{Desk, JOB, MINUTE, idle, job, outcomes, running, runs, status, time, until};
use crate::support::books::{self, Book};
use crate::support::{PATIENCE, Setup, in_time};

const OTHER: &str = "expert/1/open-positions";

#[tokio::test]
async fn a_run_that_overlaps_the_last_is_skipped_and_told() {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    desk.hourly().await;
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    desk.clock.set(time("2025-10-10T13:00:00Z"));
    running(&scheduler, JOB).await;
    let refused = scheduler.run_now(job(JOB), vec![]).await.unwrap_err();
    assert!(matches!(refused, SchedulerError::UnderWay(_)), "{refused}");
    let limit = desk.options().deadline;
    assert!(limit < 60 * MINUTE, "the deadline would end it");
    // The next is due; the clock is set, so no time passes for the deadline.
    desk.clock.set(time("2025-10-10T14:00:00Z"));
    until(|| status(&scheduler, JOB).next_run == Some(time("2025-10-10T15:00:00Z"))).await;
    held.end();
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["ok", "skipped"]);
    assert_eq!(made[1].planned_at, time("2025-10-10T14:00:00Z"));
    assert!(
        made[1]
            .error
            .as_deref()
            .unwrap()
            .contains("still under way")
    );
    idle(&scheduler).await;
    let last = status(&scheduler, JOB).last_run.unwrap();
    assert_eq!(last.outcome, JobOutcome::Ok);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn two_jobs_of_an_instance_run_one_after_the_other() {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    running(&scheduler, JOB).await;
    scheduler.run_now(job(OTHER), vec![]).await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let waiting = status(&scheduler, OTHER).under_way.unwrap();
    assert_eq!((waiting.running_since, waiting.attempt), (None, 0));
    held.end();
    idle(&scheduler).await;
    assert_eq!(outcomes(&runs(&scheduler, JOB, 1).await), ["ok"]);
    assert_eq!(outcomes(&runs(&scheduler, OTHER, 1).await), ["ok"]);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn no_more_runs_are_made_at_once_than_there_is_room() {
    let setup = Setup {
        acquire_timeout: PATIENCE,
        ..Setup::one_connection()
    };
    let desk = Desk::of(setup, 4).await;
    for id in 1..=4 {
        desk.set(id, [("enter_market_schedule", json!("0 13 * * *"))])
            .await;
    }
    let options = SchedulerOptions {
        concurrent: 2,
        ..desk.options()
    };
    let scheduler = desk.try_start(options).await.unwrap();
    let held = desk.hold().await;
    desk.clock.set(time("2025-10-10T13:00:00Z"));
    let run = || {
        let jobs = scheduler.jobs();
        let under_way = jobs.iter().filter_map(|job| job.under_way.clone());
        let runs: Vec<_> = under_way.filter(|run| run.run.is_some()).collect();
        let waiting = runs
            .iter()
            .filter(|run| run.running_since.is_none())
            .count();
        (runs.len() - waiting, waiting)
    };
    until(|| run() == (2, 2)).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(run().0 <= 2);
    }
    held.end();
    idle(&scheduler).await;
    let made = scheduler.history(None, None, 10).await.unwrap();
    assert_eq!(outcomes(&made), ["ok"; 4]);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn what_may_pass_is_tried_again_after_a_pause_that_doubles() {
    let (desk, held) = Desk::blocked(Duration::from_millis(500)).await;
    drop(held);
    let scheduler = desk.start().await;
    let attempt = |many: u32| {
        let scheduler = &scheduler;
        until(move || {
            let under_way = status(scheduler, JOB).under_way;
            under_way.is_some_and(|run| run.attempt == many)
        })
    };
    let mut held = Some(desk.hold().await);
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    attempt(1).await;
    // The pauses are as long as the options say, and no shorter.
    for (failed, many, pause) in [(1, 2, MINUTE), (2, 3, 2 * MINUTE)] {
        refused(&desk, failed).await;
        desk.clock.advance(pause - Duration::from_millis(1));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        attempt(many - 1).await;
        if many == 3 {
            held.take();
        }
        desk.clock.advance(Duration::from_millis(1));
        attempt_or_end(&scheduler, many).await;
    }
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!((made.outcome.as_str(), made.attempt), ("ok", 3));
    assert_eq!((made.error, made.analysis.is_some()), (None, true));

    // Not for ever.
    idle(&scheduler).await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    for many in 1..=3 {
        refused(&desk, 2 + many).await;
        desk.clock.advance(2 * MINUTE);
    }
    idle(&scheduler).await;
    held.end();
    let made = runs(&scheduler, JOB, 2).await.remove(1);
    assert_eq!((made.outcome.as_str(), made.attempt), ("error", 3));
    assert!(made.error.unwrap().contains("no database connection"));
    scheduler.stop(MINUTE).await;
}

/// Waits until so many calls in all were refused for want of a connection, and
/// whoever made the last one pauses.
async fn refused(desk: &Desk, many: usize) {
    until(|| {
        let calls = desk.host.recent_calls();
        let refused = calls.iter().filter(|call| call.error.is_some());
        refused.count() >= many
    })
    .await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

async fn attempt_or_end(scheduler: &lombard_scheduler::Scheduler, many: u32) {
    until(|| {
        let under_way = status(scheduler, JOB).under_way;
        under_way.is_none_or(|run| run.attempt == many)
    })
    .await;
}

#[tokio::test]
async fn a_plugin_s_fault_is_not_tried_again() {
    let desk = Desk::new().await;
    let mut book = Book::of(0).document();
    book["experts"][0]["plugin"] = "guest-overstates".into();
    desk.host.import(books::read(&book)).await.unwrap();
    let scheduler = desk.start().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!((made.outcome.as_str(), made.attempt), ("error", 1));
    assert!(made.error.unwrap().contains("101"));
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_run_ends_at_its_deadline_and_its_job_goes_on() {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    running(&scheduler, JOB).await;
    desk.clock.advance(desk.options().deadline);
    idle(&scheduler).await;
    held.end();
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["deadline", "ok"]);
    assert!(made[0].error.as_deref().unwrap().contains("600 s"));
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_run_is_cancelled_while_it_runs_and_while_it_waits() {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    running(&scheduler, JOB).await;
    scheduler.run_now(job(OTHER), vec![]).await.unwrap();
    for name in [OTHER, JOB] {
        in_time(scheduler.cancel(job(name))).await.unwrap();
        assert_eq!(status(&scheduler, name).under_way, None);
        let refused = scheduler.cancel(job(name)).await.unwrap_err();
        assert!(
            matches!(refused, SchedulerError::NotUnderWay(_)),
            "{refused}"
        );
    }
    held.end();
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!((made.outcome.as_str(), made.attempt), ("cancelled", 1));
    let made = runs(&scheduler, OTHER, 1).await.remove(0);
    assert_eq!((made.outcome.as_str(), made.began_at), ("cancelled", None));
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_stop_waits_for_what_runs_and_no_longer_than_its_grace() {
    let (desk, held) = Desk::blocked(PATIENCE).await;
    drop(held);
    // One that ends in time.
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    running(&scheduler, JOB).await;
    let stop = scheduler.stop(MINUTE);
    let end = async {
        desk.clock.advance(MINUTE - Duration::from_millis(1));
        tokio::task::yield_now().await;
        held.end();
    };
    in_time(async { tokio::join!(stop, end) }).await;
    drop(scheduler);
    // One that does not.
    let scheduler = desk.start().await;
    let held = desk.hold().await;
    scheduler.run_now(job(JOB), vec![]).await.unwrap();
    running(&scheduler, JOB).await;
    let stop = scheduler.stop(MINUTE);
    let end = async {
        tokio::task::yield_now().await;
        desk.clock.advance(MINUTE);
    };
    in_time(async { tokio::join!(stop, end) }).await;
    held.end();
    assert_eq!(scheduler.health().under_way, 0);
    let made = runs(&scheduler, JOB, 2).await;
    assert_eq!(outcomes(&made), ["ok", "interrupted"]);
    assert_eq!(made[1].error.as_deref(), Some("the host stopped"));
}
