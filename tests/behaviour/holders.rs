//! Who holds the connections, as the operator is told.
//!
//! Owns: the list of live sessions, and the line of the log where somebody
//! waited in vain. Must not know: how a connection comes back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, all_connections_are_back, render, watch};

#[tokio::test]
async fn who_holds_a_connection_is_listed_and_named_to_the_operator_only() {
    let told = Arc::new(Mutex::new(String::new()));
    let lines = Arc::clone(&told);
    let subscriber = watch::on_line(
        |target| target.starts_with("lombard_store"),
        move |line| lines.lock().unwrap().push_str(line),
    );
    let _watching = tracing::subscriber::set_default(subscriber);
    let host = Setup {
        acquire_timeout: Duration::from_millis(500),
        ..Setup::one_connection()
    }
    .open_with(Book::default().dataset())
    .await;
    assert!(host.store().live_sessions().is_empty());
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let live = host.store().live_sessions();
    assert_eq!(live.len(), 1);
    assert_eq!(live[0].purpose.call, "in the way");

    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let error = render(&host, &widget).await.unwrap_err().to_string();
    assert!(!error.contains("in the way"), "{error}");
    let log = std::mem::take(&mut *told.lock().unwrap());
    for words in [
        "no connection became free",
        "host (in the way, ",
        WIDGETS[0],
    ] {
        assert!(log.contains(words), "`{words}` is not in: {log}");
    }

    held.on_behalf_of(lombard_store::Purpose::host("renamed"));
    assert_eq!(host.store().live_sessions()[0].purpose.call, "renamed");
    drop(held);
    all_connections_are_back(host.store()).await;
    assert!(host.store().live_sessions().is_empty());
}

#[tokio::test]
async fn a_crowd_that_waits_in_vain_is_one_line_of_the_log() {
    const CROWD: usize = 20;
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&lines);
    let log = watch::on_line(
        |target| target.starts_with("lombard_store"),
        move |line| told.lock().unwrap().push(line.to_owned()),
    );
    let host = Setup {
        acquire_timeout: Duration::from_millis(500),
        ..Setup::one_connection()
    }
    .open_with(Book::default().dataset())
    .await;
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let waiting = (0..CROWD).map(|_| async {
        let mut session = host.session("in vain");
        session.open().await.unwrap_err();
    });
    join_all(waiting).with_subscriber(log).await;
    held.end();
    let lines = lines.lock().unwrap();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("no connection became free"))
        .collect();
    let untold: usize = told
        .iter()
        .map(|line| {
            let (_, untold) = line.rsplit_once("untold=").expect("it says how many");
            untold.trim().parse::<usize>().expect("a number")
        })
        .sum();
    // A machine that stands still for a second may have it told again, and
    // then what was not told in between.
    assert!((1..CROWD).contains(&told.len()), "{told:?}");
    assert!(told.len() + untold <= CROWD, "{told:?}");
    assert!(told[0].contains("untold=0"), "{told:?}");
}
