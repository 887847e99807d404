//! Experts run when their schedules say so, and everybody can see whether they
//! did.
//!
//! Owns: what is due, what is kept of it, and what can be asked. Runs that are
//! in each other's way or fail stand in `runs`, what a host left in `missed`.

mod desk;
mod missed;
mod runs;

use lombard_model::{AnalysisId, JobTrigger, Timestamp};
use lombard_scheduler::{SchedulerError, SchedulerOptions};
use lombard_store::StoreOptions;
use serde_json::json;

use crate::support::{Setup, all_connections_are_back};
use desk::{Desk, JOB, MINUTE, idle, job, outcomes, runs, settled, status, time, until};

#[tokio::test]
async fn a_run_is_made_when_it_is_due_and_its_analysis_is_kept() {
    let desk = Desk::new().await;
    desk.set(
        1,
        [
            ("enter_market_schedule", json!("30 9 * * MON-FRI")),
            ("schedule_time_zone", json!("america/new_york")),
        ],
    )
    .await;
    let scheduler = desk.start().await;
    let planned = time("2025-10-10T13:30:00Z");
    let before = status(&scheduler, JOB);
    assert_eq!(before.next_run, Some(planned));
    assert_eq!(before.expression.as_deref(), Some("30 9 * * MON-FRI"));
    assert_eq!(before.zone.as_deref(), Some("America/New_York"));
    assert_eq!((before.name.as_str(), before.last_run), ("E1", None));
    // Its other use case has no schedule.
    let other = status(&scheduler, "expert/1/open-positions");
    assert_eq!((other.expression, other.next_run), (None, None));

    desk.clock.set(time("2025-10-10T13:29:59Z"));
    tokio::task::yield_now().await;
    assert_eq!(status(&scheduler, JOB).under_way, None);
    desk.clock.set(planned);
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!(
        (made.trigger, made.planned_at),
        (JobTrigger::Schedule, planned)
    );
    assert_eq!((made.outcome.as_str(), made.attempt), ("ok", 1));
    assert_eq!(
        (made.began_at, made.ended_at),
        (Some(planned), Some(planned))
    );
    assert_eq!(made.analysis.map(AnalysisId::get), Some(1));
    idle(&scheduler).await;
    let after = status(&scheduler, JOB);
    // A weekend lies between.
    assert_eq!(after.next_run, Some(time("2025-10-13T13:30:00Z")));
    assert_eq!(after.last_run, Some(made));
    let mut session = desk.host.session("look");
    let stored = session.latest_recommendations(10).await.unwrap();
    assert_eq!(
        stored[0].recommendation.symbol.as_str(),
        "S0",
        "its own pick"
    );
    session.end();
    scheduler.stop(MINUTE).await;
    all_connections_are_back(desk.host.store()).await;
}

#[tokio::test]
async fn where_the_clocks_change_a_run_is_made_once() {
    // In New York 02:30 is left out on 9 March, 01:30 comes twice on 2 November.
    for (expression, begin, planned) in [
        (
            "30 2 * * *",
            "2025-03-09T06:59:00Z",
            ["2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"],
        ),
        (
            "30 1 * * *",
            "2025-11-02T05:29:00Z",
            ["2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"],
        ),
    ] {
        let desk = Desk::new().await;
        desk.set(
            1,
            [
                ("enter_market_schedule", json!(expression)),
                ("schedule_time_zone", json!("America/New_York")),
            ],
        )
        .await;
        desk.clock.set(time(begin));
        let scheduler = desk.start().await;
        let planned = planned.map(time);
        assert_eq!(status(&scheduler, JOB).next_run, Some(planned[0]));
        for at in planned {
            desk.clock.set(at);
            until(|| status(&scheduler, JOB).next_run > Some(at)).await;
            idle(&scheduler).await;
        }
        let made = runs(&scheduler, JOB, 2).await;
        let at: Vec<Timestamp> = made.iter().map(|run| run.planned_at).collect();
        assert_eq!((at, outcomes(&made)), (planned.into(), vec!["ok"; 2]));
        scheduler.stop(MINUTE).await;
    }
}

#[tokio::test]
async fn a_save_moves_a_schedule_at_once_and_misses_nothing() {
    let desk = Desk::new().await;
    let scheduler = desk.start().await;
    assert_eq!(status(&scheduler, JOB).next_run, None);
    let next = |text: &str| {
        let (scheduler, next) = (&scheduler, Some(time(text)));
        until(move || status(scheduler, JOB).next_run == next)
    };
    desk.hourly().await;
    next("2025-10-10T13:00:00Z").await;
    desk.set(1, [("enter_market_schedule", json!("15 11,14 * * *"))])
        .await;
    // Today's first would have been before it was saved.
    next("2025-10-10T14:15:00Z").await;
    desk.set(1, [("schedule_time_zone", json!("Europe/Berlin"))])
        .await;
    next("2025-10-10T12:15:00Z").await;
    assert!(scheduler.history(None, None, 10).await.unwrap().is_empty());

    // So does another process's.
    let there = Setup::default().open_in(desk.path()).await;
    let owner = lombard_store::SettingsOwner::Expert(crate::support::expert(1));
    let write = lombard_store::SettingsWrite {
        unset: vec!["enter_market_schedule".to_owned()],
        ..Default::default()
    };
    there.store().save_settings(owner, write).await.unwrap();
    until(|| status(&scheduler, JOB).next_run.is_none()).await;
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_bad_schedule_is_refused_when_it_is_saved() {
    let desk = Desk::new().await;
    for (key, bad, told) in [
        ("enter_market_schedule", json!("0 25 * * *"), "25"),
        ("open_positions_schedule", json!("0 9 * *"), "5 fields"),
        ("open_positions_schedule", json!("0 0 30 2 *"), "never"),
        ("schedule_time_zone", json!("Mars/Olympus"), "time zone"),
        ("missed_runs", json!("always"), "run-once"),
    ] {
        let error = desk.try_set(1, [(key, bad)]).await.unwrap_err();
        let words = error.to_string();
        assert!(words.contains(key) && words.contains(told), "{words}");
    }
    // One that got past a save is told, and silences only its own job.
    let owner = lombard_store::SettingsOwner::Expert(crate::support::expert(1));
    let write = lombard_store::SettingsWrite {
        set: [("enter_market_schedule".to_owned(), json!("whenever"))].into(),
        ..Default::default()
    };
    desk.host.store().save_settings(owner, write).await.unwrap();
    desk.set(1, [("open_positions_schedule", json!("0 9 * * *"))])
        .await;
    let scheduler = desk.start().await;
    let faulty = status(&scheduler, JOB);
    assert!(faulty.fault.unwrap().contains("enter_market_schedule"));
    assert_eq!(faulty.next_run, None);
    let sound = status(&scheduler, "expert/1/open-positions");
    assert!(sound.next_run.is_some() && sound.fault.is_none());
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_run_by_hand_looks_at_what_it_is_told_to() {
    let desk = Desk::new().await;
    let scheduler = desk.start().await;
    let symbols = vec!["S7".parse().unwrap()];
    let id = scheduler.run_now(job(JOB), symbols.clone()).await.unwrap();
    let made = runs(&scheduler, JOB, 1).await.remove(0);
    assert_eq!((made.id, made.trigger), (id, JobTrigger::Hand));
    assert_eq!((made.symbols, made.outcome.as_str()), (symbols, "ok"));
    let nobody = job("expert/99/enter-market");
    let refused = scheduler.run_now(nobody, vec![]).await.unwrap_err();
    assert!(matches!(refused, SchedulerError::NoJob(id) if id == nobody));
    scheduler.stop(MINUTE).await;
    let refused = scheduler.run_now(job(JOB), vec![]).await.unwrap_err();
    assert!(matches!(refused, SchedulerError::Stopping), "{refused}");
}

#[tokio::test]
async fn an_idle_scheduler_opens_no_session() {
    let desk = Desk::of(Setup::default(), 4).await;
    desk.set(1, [("enter_market_schedule", json!("0 0 1 1 *"))])
        .await;
    let scheduler = desk.start().await;
    settled(&scheduler, &desk.clock).await;
    let opened = desk.host.store().pool_status().sessions_opened;
    let version = desk.host.store().data_version();
    for _ in 0..100 {
        desk.clock.advance(MINUTE);
        settled(&scheduler, &desk.clock).await;
        assert_eq!(scheduler.jobs().len(), 8);
    }
    let now = desk.host.store().pool_status().sessions_opened;
    assert_eq!(now, opened, "it asked the database");
    assert_eq!(desk.host.store().data_version(), version);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn history_is_no_change_of_the_data_and_is_bounded() {
    let desk = Desk::new().await;
    desk.hourly().await;
    // Nothing is stored of a run that finds no plugin, but that it was made.
    let mut book = crate::support::books::Book::of(0).document();
    book["experts"][0]["plugin"] = "someone".into();
    let book = crate::support::books::read(&book);
    desk.host.import(book).await.unwrap();
    let options = SchedulerOptions {
        runs_kept: 3,
        ..desk.options()
    };
    let scheduler = desk.try_start(options).await.unwrap();
    let version = desk.host.store().data_version();
    for _ in 0..5 {
        scheduler.run_now(job(JOB), vec![]).await.unwrap();
        idle(&scheduler).await;
    }
    assert_eq!(desk.host.store().data_version(), version);
    let kept = scheduler.history(None, None, 100).await.unwrap();
    assert_eq!(outcomes(&kept), ["error"; 3]);
    assert!(kept[0].error.as_deref().unwrap().contains("someone"));
    assert_eq!(kept[0].id.0, 5, "the newest are kept");
    assert_eq!(scheduler.history(None, None, 1).await.unwrap().len(), 1);
    scheduler.stop(MINUTE).await;
}

#[tokio::test]
async fn a_task_that_hangs_is_seen_from_outside() {
    let desk = Desk::new().await;
    let scheduler = desk.start().await;
    settled(&scheduler, &desk.clock).await;
    assert!(scheduler.health().is_well());
    // No task gets to run between these two lines.
    desk.clock.advance(61 * MINUTE);
    let health = scheduler.health();
    assert!(!health.is_well());
    let [planner, watcher] = &health.tasks[..] else {
        panic!("not two tasks: {health:?}");
    };
    assert_eq!((planner.task, watcher.task), ("planner", "watcher"));
    assert!(
        planner.is_late && planner.silent >= 60 * MINUTE,
        "{planner:?}"
    );
    assert_eq!(planner.last_heartbeat, time("2025-10-10T12:00:00Z"));
    settled(&scheduler, &desk.clock).await;
    until(|| scheduler.health().is_well()).await;
    scheduler.stop(MINUTE).await;
    let ended = scheduler.health();
    assert!(ended.is_stopping && !ended.is_well());
}

#[tokio::test]
async fn a_database_has_one_scheduler() {
    let desk = Desk::new().await;
    let first = desk.start().await;
    let second = desk.try_start(desk.options()).await.unwrap_err();
    assert!(matches!(second, SchedulerError::Taken { .. }), "{second}");
    first.stop(MINUTE).await;
    desk.start().await.stop(MINUTE).await;
    // Whoever only looks on is in nobody's way.
    let options = StoreOptions::default();
    let store = lombard_store::Store::open(desk.host.store().location(), &options).await;
    store.unwrap().close().await;
}
