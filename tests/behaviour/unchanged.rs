//! Data that has not changed costs nothing.
//!
//! Owns: renders of one version of the data, by one plugin and by many. Must
//! not know: where what was read is kept.

use lombard_model::CallCost;
use lombard_model::view::Cell;
use lombard_runtime::Host;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, TestHost, all_connections_are_back, in_time, probe, render, stat};

async fn sharing(book: Book) -> TestHost {
    let setup = Setup {
        share_reads: true,
        ..Setup::one_connection()
    };
    setup.open_with(book.dataset()).await
}

fn nothing(cost: CallCost) -> bool {
    (cost.sessions, cost.connections, cost.statements, cost.rows) == (0, 0, 0, 0)
}

async fn shown(host: &Host, widget: &str) -> (lombard_model::view::View, CallCost) {
    let plugin = host.plugin(widget).await.expect("a bundled widget");
    let rendered = in_time(render(host, &plugin)).await.expect("a view");
    (rendered.view, rendered.cost)
}

#[tokio::test]
async fn a_dashboard_that_is_refreshed_reads_nothing_until_something_changes() {
    let host = sharing(Book::of(200)).await;
    let mut first = Vec::new();
    for widget in WIDGETS {
        first.push(shown(&host, widget).await.0);
    }
    // Somebody has the only connection: whoever wants one fails.
    let mut held = host.session("in the way");
    held.open().await.unwrap();
    for _ in 0..100 {
        for (widget, first) in WIDGETS.into_iter().zip(&first) {
            let (view, cost) = shown(&host, widget).await;
            assert_eq!(view, *first);
            assert!(nothing(cost), "{widget}: {cost:?}");
        }
    }
    held.end();

    host.import(Book::of(201).dataset()).await.unwrap();
    for (widget, first) in WIDGETS.into_iter().zip(&first) {
        let (view, cost) = shown(&host, widget).await;
        assert_ne!(view, *first, "{widget}: what was before the commit");
        assert!(cost.sessions <= 1);
    }
    all_connections_are_back(host.store()).await;
}

/// What one plugin has read, another need not.
#[tokio::test]
async fn plugins_share_what_was_read_of_one_version() {
    let host = sharing(Book::of(200)).await;
    let (_, alone) = shown(&host, WIDGETS[1]).await;
    assert_eq!(alone.sessions, 1);
    host.store().forget_reads();
    host.import(Book::of(201).dataset()).await.unwrap();
    shown(&host, WIDGETS[0]).await;
    let (_, after) = shown(&host, WIDGETS[1]).await;
    assert!(after.statements < alone.statements, "{after:?}, {alone:?}");
    assert!(after.cache_hits > 0, "{after:?}");
}

#[tokio::test]
async fn another_process_s_commit_is_seen_by_the_next_render() {
    let folder = tempfile::tempdir().unwrap();
    let setup = || Setup {
        share_reads: true,
        ..Setup::default()
    };
    let here = setup().open_in(folder.path()).await;
    here.import(Book::of(20).dataset()).await.unwrap();
    let there = setup().open_in(folder.path()).await;
    let (before, _) = shown(&here, WIDGETS[1]).await;
    there.import(Book::of(21).dataset()).await.unwrap();
    let version = there.store().data_version();
    in_time(async {
        while here.store().data_version() < version {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (after, cost) = shown(&here, WIDGETS[1]).await;
    assert_ne!(after, before);
    assert_eq!(cost.sessions, 1);
}

#[tokio::test]
async fn where_it_is_off_every_render_reads() {
    let host = Setup::one_connection()
        .open_with(Book::of(20).dataset())
        .await;
    for _ in 0..3 {
        let (_, cost) = shown(&host, WIDGETS[0]).await;
        assert_eq!(cost.sessions, 1, "{cost:?}");
    }
}

/// The costs of calls are no data of the book.
#[tokio::test]
async fn the_bill_changes_no_version() {
    let host = sharing(Book::of(20)).await;
    shown(&host, WIDGETS[0]).await;
    let version = host.store().data_version();
    host.flush_bill().await;
    shown(&host, WIDGETS[0]).await;
    host.flush_bill().await;
    assert_eq!(host.store().data_version(), version);
    assert!(nothing(shown(&host, WIDGETS[0]).await.1));
}

/// What a plugin was given that is of no version is given to it anew.
#[tokio::test]
async fn a_plugin_that_asks_for_the_time_or_writes_lines_is_called_each_time() {
    let host = sharing(Book::of(20)).await;
    let calls = |cost: CallCost| cost.host_calls;
    for what in ["as_of", "snapshot"] {
        let first = probe(&host, what, 1).await.unwrap();
        let second = probe(&host, what, 1).await.unwrap();
        assert_eq!(calls(first.cost), calls(second.cost), "{what}");
        assert!(calls(second.cost) > 0);
    }
    // One that does neither is not, whatever its parameters: each has its own.
    for id in [1, 2] {
        let first = probe(&host, "account", id).await.unwrap();
        let second = probe(&host, "account", id).await.unwrap();
        assert_eq!(second.view, first.view);
        assert!(calls(first.cost) > 0 && calls(second.cost) == 0);
        let name = Cell::Text(format!("A{id}"));
        assert_eq!(stat(&second.view, "first"), name);
    }
}
