//! Invariant 2, the first half: one call, at most one session and one
//! connection, taken at the first read that needs the database.
//!
//! Owns: what a call takes. How it gives it back stands in `exits`.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lombard_model::UseCase;
use lombard_model::view::Cell;
use lombard_runtime::{CallError, RunRequest};
use lombard_store::{StoreError, TransactionFilter};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{
    PATIENCE, Setup, TestHost, all_connections_are_back, call_error, expert, guest, in_time, probe,
    render, stat, watch,
};

async fn host(setup: Setup) -> TestHost {
    setup.open_with(Book::default().dataset()).await
}

#[tokio::test]
async fn a_session_that_is_not_read_takes_no_connection() {
    let host = host(Setup::one_connection()).await;
    let opened = host.store().pool_status().sessions_opened;
    let session = host.session("nothing");
    assert!(!session.is_open());
    assert_eq!(session.version(), None);
    assert_eq!(host.store().pool_status().live_sessions, 0);
    let cost = session.end();
    assert_eq!(
        (cost.sessions, cost.connections, cost.statements),
        (0, 0, 0)
    );
    assert_eq!(host.store().pool_status().sessions_opened, opened);
}

#[tokio::test]
async fn a_call_that_reads_nothing_takes_no_connection() {
    let host = host(Setup::one_connection()).await;
    // Held by another: a call that wanted it would fail.
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let opened = host.store().pool_status().sessions_opened;
    for what in ["nothing", "as_of", "undeclared"] {
        let cost = probe(&host, what, 1).await.unwrap().cost;
        assert_eq!(
            (cost.sessions, cost.connections, cost.statements),
            (0, 0, 0),
            "{what}"
        );
    }
    assert_eq!(host.store().pool_status().sessions_opened, opened);
}

/// A day that began before there was time is no fault of the host's.
#[tokio::test]
async fn a_guest_asks_up_to_the_ends_of_time() {
    let host = host(Setup::one_connection()).await;
    let view = probe(&host, "ends_of_time", 1).await.unwrap().view;
    let counted = ["first", "last", "of_all"].map(|key| stat(&view, key));
    assert_eq!(counted, [0, 1, 1].map(Cell::Integer));
}

#[tokio::test]
async fn a_call_served_from_the_cache_takes_no_connection() {
    let host = host(Setup::one_connection()).await;
    let first = probe(&host, "account", 2).await.unwrap();
    assert_eq!((first.cost.sessions, first.cost.statements), (1, 1));
    assert_eq!(stat(&first.view, "second"), Cell::from("A2"));
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    let second = probe(&host, "account", 2).await.unwrap();
    assert_eq!(second.view, first.view);
    let cost = second.cost;
    assert_eq!(
        (cost.sessions, cost.connections, cost.statements),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_call_that_reads_takes_one_session_and_one_connection() {
    let host = host(Setup::default()).await;
    for widget in WIDGETS {
        let plugin = host.plugin(widget).await.unwrap();
        let before = host.store().pool_status().sessions_opened;
        let cost = render(&host, &plugin).await.unwrap().cost;
        let opened = host.store().pool_status().sessions_opened - before;
        all_connections_are_back(host.store()).await;
        assert_eq!(
            (cost.sessions, cost.connections, opened),
            (1, 1, 1),
            "{widget}"
        );
    }
    all_connections_are_back(host.store()).await;
    assert_eq!(
        host.store().pool_status().size,
        1,
        "one call after the other needs one"
    );
}

#[tokio::test]
async fn without_a_free_connection_a_call_fails_in_its_time() {
    let patience = Duration::from_millis(500);
    let host = host(Setup {
        acquire_timeout: patience,
        ..Setup::one_connection()
    })
    .await;
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let mut held = host.session("in the way");
    held.open().await.unwrap();

    let begun = Instant::now();
    let error = call_error(in_time(render(&host, &widget)).await);
    assert!(begun.elapsed() >= patience, "it did not wait: {error}");
    assert!(
        error
            .to_string()
            .contains("no database connection became free"),
        "{error}"
    );
    assert!(
        matches!(error, CallError::Plugin(_) | CallError::Unavailable(_)),
        "{error:?}"
    );
    let own = host.session("the host's").open().await;
    assert!(matches!(own, Err(StoreError::Unavailable { waited }) if waited == patience));

    held.end();
    render(&host, &widget).await.unwrap();
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_connection_comes_back_rolled_back() {
    let host = host(Setup::one_connection()).await;
    for (turn, more) in [30, 40, 50, 60].into_iter().enumerate() {
        let mut session = host.session("before");
        session
            .transactions(&TransactionFilter::open(), None, 1_000)
            .await
            .unwrap();
        match turn % 2 {
            0 => drop(session.end()),
            _ => drop(session),
        }
        host.import(Book::of(more).dataset()).await.unwrap();
        // The same connection: it would still see the old state.
        let mut session = host.session("after");
        let open = session
            .transactions(&TransactionFilter::open(), None, 1_000)
            .await
            .unwrap();
        assert_eq!(u64::try_from(open.len()), Ok(more), "turn {turn}");
        session.end();
    }
    assert_eq!(host.store().pool_status().size, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_on_a_pool_of_two_wait_for_each_other_and_all_finish() {
    let host = Arc::new(
        host(Setup {
            connections: 2,
            acquire_timeout: Duration::from_secs(60),
            ..Setup::default()
        })
        .await,
    );
    let calls = (0..60_usize).map(|at| {
        let host = Arc::clone(&host);
        tokio::spawn(async move {
            let widget = host.plugin(WIDGETS[at % 3]).await.unwrap();
            render(&host, &widget).await.unwrap().cost
        })
    });
    for call in calls.collect::<Vec<_>>() {
        let cost = in_time(call).await.unwrap();
        assert_eq!((cost.sessions, cost.connections), (1, 1));
    }
    all_connections_are_back(host.store()).await;
    assert!(host.store().pool_status().size <= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_renders_at_once_on_a_pool_of_ten_are_all_served() {
    const RENDERS: usize = 1_000;
    let host = Arc::new(
        host(Setup {
            connections: 10,
            acquire_timeout: PATIENCE,
            ..Setup::default()
        })
        .await,
    );
    let widget = host.plugin(WIDGETS[0]).await.unwrap();
    let shows = render(&host, &widget).await.unwrap().view;
    let before = host.store().pool_status().sessions_opened;
    let renders = (0..RENDERS).map(|_| {
        let (host, widget) = (Arc::clone(&host), widget.clone());
        tokio::spawn(async move { render(&host, &widget).await })
    });
    for rendering in renders.collect::<Vec<_>>() {
        let rendered = in_time(rendering).await.unwrap().unwrap();
        assert_eq!(rendered.view, shows);
    }
    all_connections_are_back(host.store()).await;
    let pool = host.store().pool_status();
    assert_eq!(pool.sessions_opened - before, RENDERS as u64, "{pool:?}");
    assert!(pool.size <= 10, "{pool:?}");
}

#[tokio::test]
async fn each_session_that_is_opened_is_one_event_that_says_for_whom() {
    let host = host(Setup::default()).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&told);
    let _watching = tracing::subscriber::set_default(watch::on_line(
        |target| target.starts_with("lombard_store"),
        move |line| lines.lock().unwrap().push(line.to_owned()),
    ));
    let mut expected = Vec::new();
    let mut next = host.store().pool_status().sessions_opened + 1;
    let mut expect = |plugin: &str, call: &str| {
        expected.push(format!(
            "message=session opened session={next} plugin=\"{plugin}\" call=\"{call}\" "
        ));
        next += 1;
    };
    for widget in WIDGETS {
        let plugin = host.plugin(widget).await.unwrap();
        render(&host, &plugin).await.unwrap();
        let call = host.recent_calls().pop().unwrap();
        expect(widget, &format!("render {}", call.id));
    }
    // One that reads nothing opens none, and one that fails opens its own.
    probe(&host, "nothing", 1).await.unwrap();
    let fails = guest(&host, "fails").await;
    render(&host, &fails).await.unwrap_err();
    let call = host.recent_calls().pop().unwrap();
    expect("guest-fails", &format!("render {}", call.id));
    // Whose an expert is, is not known before it is read.
    let run = host.run_expert(RunRequest {
        expert: expert(1),
        symbols: Vec::new(),
        use_case: UseCase::EnterMarket,
    });
    run.await.unwrap_err();
    let call = host.recent_calls().pop().unwrap();
    expect("expert 1", &format!("analyze {}", call.id));
    let mut own = host.session("its own");
    own.open().await.unwrap();
    own.open().await.unwrap();
    own.end();
    expect("host", "its own");

    let told = told.lock().unwrap();
    let opened: Vec<_> = told
        .iter()
        .filter(|line| line.contains("session opened"))
        .collect();
    assert_eq!(opened, expected.iter().collect::<Vec<_>>());
}
