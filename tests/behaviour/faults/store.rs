//! A full disk, a locked database, a failing disk, a lost connection and a slow
//! one, under every kind of work and at every point of it.
//!
//! Owns: that each is an error of its own kind, that nothing half is kept, that
//! every connection is back, and that the next one is served.

use std::time::Duration;

use lombard_store::{Fault, Point, StoreError};

use super::{Desk, Kept, Trouble, Work, is_told_as, kept};
use crate::support::wire::Running;
use crate::support::{Setup, all_connections_are_back, deadline, in_time};

const AT_ONCE: [Fault; 4] = [Fault::Full, Fault::Busy, Fault::Io, Fault::Lost];

/// As good as for ever.
const SLOW: Fault = Fault::Slow(Duration::from_secs(24 * 60 * 60));

/// Where a kind of work comes by.
fn points(work: Work) -> &'static [Point] {
    match work {
        Work::Render => &[Point::Snapshot, Point::Read],
        Work::Run => &Point::ALL,
        Work::Save | Work::Import => &[Point::Begin, Point::Write, Point::Commit],
    }
}

/// Has this work meet this fault; gives what there is after it.
async fn meets(
    desk: &mut Desk,
    trouble: &Trouble,
    (work, point, fault): (Work, Point, Fault),
    before: &Kept,
) {
    trouble.begins(point, fault);
    let error = desk.does(work).await.expect_err("it meets the fault");
    assert!(trouble.hits() > 0, "{work:?} did not come by {point:?}");
    is_told_as(fault, &error);
    if !matches!(point, Point::Snapshot | Point::Read) {
        desk.does(Work::Render).await.expect("who reads is served");
    }
    trouble.ends();
    all_connections_are_back(desk.host.store()).await;
    let after = kept(&desk.host).await;
    // A run whose plugin was told of the fault is kept with it, all of it.
    let is_noted = work == Work::Run && after.analysis != before.analysis;
    match is_noted {
        true => assert!(matches!(point, Point::Read), "{work:?} {point:?} {fault:?}"),
        false => assert_eq!(&after, before, "{work:?} {point:?} {fault:?}"),
    }
    assert_eq!(after.recommendations, before.recommendations);
}

#[tokio::test]
async fn every_fault_is_told_leaves_nothing_half_done_and_is_over_with_it() {
    let trouble = Trouble::default();
    let mut desk = Desk::new(Setup {
        faults: trouble.faults(),
        ..Setup::one_connection()
    })
    .await;
    for work in Work::ALL {
        for point in points(work) {
            for fault in AT_ONCE {
                let before = kept(&desk.host).await;
                meets(&mut desk, &trouble, (work, *point, fault), &before).await;
                desk.is_done(work).await;
            }
        }
    }
}

#[tokio::test]
async fn what_a_session_lost_stays_lost_for_it_and_nobody_else() {
    let trouble = Trouble::default();
    let desk = Desk::new(Setup {
        faults: trouble.faults(),
        ..Setup::one_connection()
    })
    .await;
    let mut session = desk.host.session("look");
    session.open().await.expect("it is free");
    trouble.begins(Point::Read, Fault::Lost);
    session.faults().await.expect_err("the connection is lost");
    trouble.ends();
    // On another connection it could see another state.
    session.faults().await.expect_err("it is still lost");
    let mut another = desk.host.session("look");
    in_time(another.open()).await.expect("there is another");
    another.end();
    assert_eq!(session.end().connections, 1);
    all_connections_are_back(desk.host.store()).await;
}

#[tokio::test]
async fn who_reads_too_slowly_meets_its_deadline() {
    let trouble = Trouble::default();
    let mut desk = Desk::new(Setup {
        faults: trouble.faults(),
        limits: deadline(Duration::from_secs(2)),
        ..Setup::one_connection()
    })
    .await;
    let before = kept(&desk.host).await;
    let slow = (Work::Render, Point::Read, SLOW);
    meets(&mut desk, &trouble, slow, &before).await;
    desk.is_done(Work::Render).await;
}

/// Also where no plugin is called yet, or none at all.
#[tokio::test]
async fn a_read_that_takes_too_long_is_given_up() {
    let trouble = Trouble::default();
    let mut desk = Desk::new(Setup {
        faults: trouble.faults(),
        statement_timeout: Duration::from_secs(1),
        ..Setup::one_connection()
    })
    .await;
    let before = kept(&desk.host).await;
    let slow = (Work::Run, Point::Snapshot, SLOW);
    meets(&mut desk, &trouble, slow, &before).await;
    desk.is_done(Work::Run).await;
    let mut session = desk.host.session("look");
    trouble.begins(Point::Read, SLOW);
    let slow = in_time(session.accounts()).await.expect_err("it is slow");
    assert!(matches!(slow, StoreError::TooSlow { .. }), "{slow:?}");
    trouble.ends();
    session.end();
    all_connections_are_back(desk.host.store()).await;
    desk.is_done(Work::Render).await;
}

#[tokio::test]
async fn a_write_that_takes_too_long_is_given_up_and_the_next_one_is_not() {
    let trouble = Trouble::default();
    let mut desk = Desk::new(Setup {
        faults: trouble.faults(),
        statement_timeout: Duration::from_secs(1),
        ..Setup::one_connection()
    })
    .await;
    for (work, point) in [
        (Work::Run, Point::Write),
        (Work::Save, Point::Commit),
        (Work::Import, Point::Begin),
    ] {
        let before = kept(&desk.host).await;
        meets(&mut desk, &trouble, (work, point, SLOW), &before).await;
        desk.is_done(work).await;
    }
}

#[tokio::test]
async fn over_http_it_is_told_with_what_helps() {
    let trouble = Trouble::default();
    let desk = Desk::new(Setup {
        faults: trouble.faults(),
        ..Setup::default()
    })
    .await;
    let server = Running::serve(desk.host.shared()).await;
    let bearer = format!("Bearer {}", server.operator);
    let headers = [
        ("Authorization", &*bearer),
        ("Content-Type", "application/json"),
        ("If-Match", "*"),
    ];
    let save = "PATCH /api/v1/experts/1/settings";
    let body = "{\"min_confidence\": \"7\"}";
    for (fault, words, again) in [
        (Fault::Full, "--db-limit", false),
        (Fault::Busy, "end the program", true),
        (Fault::Io, "its disk", false),
        (Fault::Lost, "try again", true),
    ] {
        trouble.begins(Point::Commit, fault);
        let refused = server.ask(save, &headers, body).await;
        assert_eq!(refused.status, 503, "{refused:?}");
        assert!(refused.body.contains("\"storage-failed\""), "{refused:?}");
        assert!(refused.body.contains(words), "{refused:?}");
        assert!(!refused.body.contains("code:"), "what the database said");
        assert_eq!(
            refused.header("retry-after").is_some(),
            again,
            "{refused:?}"
        );
        let seen = server.ask("GET /api/v1/experts/1", &headers, "").await;
        assert_eq!(seen.status, 200, "who reads is served");
        trouble.ends();
        let saved = server.ask(save, &headers, body).await;
        assert_eq!(saved.status, 200, "{saved:?}");
    }
}
