//! Widgets over HTTP.
//!
//! Owns: that they show the golden numbers in the shape of the command line,
//! and that a view which can't have changed costs nothing. Must not know: how
//! the numbers are calculated.

use hyper::Method;

use super::{API, Answer, Serving};
use crate::cli::goldens::compare;
use crate::support::books::Book;
use crate::support::files::{WIDGETS, goldens};
use crate::support::{Setup, all_connections_are_back};

async fn view(serving: &Serving, widget: &str, tag: Option<&str>) -> Answer {
    let path = format!("{API}/widgets/{widget}");
    let condition = tag.map(|tag| ("if-none-match", tag));
    let headers: Vec<_> = condition.into_iter().collect();
    serving.send(Method::GET, &path, &headers, "").await
}

#[tokio::test]
async fn every_golden_scenario_comes_out_row_for_row() {
    for golden in goldens() {
        let serving = Serving::of(Setup::default(), golden.dataset).await;
        for widget in WIDGETS {
            let shown = view(&serving, widget, None).await.json(200);
            let place = format!("{} / {widget}", golden.name);
            compare(&shown["view"], &golden.expected[widget], &place);
            let plugin = serving.host.plugin(widget).await.unwrap();
            let rendered = crate::support::render(&serving.host, &plugin)
                .await
                .unwrap();
            assert_eq!(shown["view"], serde_json::to_value(&rendered.view).unwrap());
            assert_eq!(shown["plugin"]["digest"], plugin.plugin.digest.to_string());
            let cost = serde_json::to_value(rendered.cost).unwrap();
            let keys = |of: &serde_json::Value| {
                of.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
            };
            assert_eq!(
                keys(&shown["cost"]),
                keys(&cost),
                "as `widget render --json` has it"
            );
        }
        all_connections_are_back(serving.host.store()).await;
    }
}

#[tokio::test]
async fn a_view_at_hand_is_not_rendered_again_until_the_data_changes() {
    for share_reads in [true, false] {
        let setup = Setup {
            share_reads,
            ..Setup::default()
        };
        let serving = Serving::of(setup, Book::of(20).dataset()).await;
        for (widget, more) in WIDGETS.into_iter().zip(21..) {
            let first = view(&serving, widget, None).await;
            let tag = first.header("etag").expect("a tag").to_owned();
            first.json(200);
            let opened = serving.host.store().pool_status().sessions_opened;
            let calls = serving.host.recent_calls().len();
            for _ in 0..20 {
                let again = view(&serving, widget, Some(&tag)).await;
                assert_eq!((again.status, again.body.len()), (304, 0), "{again:?}");
                assert_eq!(again.header("etag"), Some(&*tag));
            }
            let listed = format!("\"other\", {tag}");
            assert_eq!(view(&serving, widget, Some(&listed)).await.status, 304);
            assert_eq!(serving.host.store().pool_status().sessions_opened, opened);
            assert_eq!(serving.host.recent_calls().len(), calls);
            // Other parameters are another view.
            let other = format!("{widget}?max_rows=1");
            view(&serving, &other, Some(&tag)).await.json(200);

            serving.host.import(Book::of(more).dataset()).await.unwrap();
            let changed = view(&serving, widget, Some(&tag)).await;
            assert_ne!(changed.header("etag"), Some(&*tag));
            changed.json(200);
        }
    }
}

#[tokio::test]
async fn a_view_of_the_time_has_no_tag_and_is_made_each_time() {
    let serving = Serving::begin().await;
    serving.install_guest("probes").await;
    let of_time = "guest-probes?param.what=as_of";
    let first = view(&serving, of_time, None).await;
    assert_eq!(first.header("etag"), None);
    first.json(200);
    let again = view(&serving, of_time, Some("*")).await;
    again.json(200);
    let of_data = view(&serving, "guest-probes?param.what=account&param.id=1", None).await;
    assert!(of_data.header("etag").is_some());
}

#[tokio::test]
async fn parameters_are_read_by_their_definitions() {
    let serving = Serving::begin().await;
    serving.install_guest("probes").await;
    for bad in [
        "param.what=dance",
        "param.id=0",
        "param.id=x",
        "param.unknown=1",
        "param.id=1&param.id=2",
        "max_rows=-1",
        "max_rows=1&max_rows=1",
        "rows=1",
        "param.=1",
    ] {
        let answer = view(&serving, &format!("guest-probes?{bad}"), None).await;
        answer.problem(400, "bad-request");
    }
    let few = view(&serving, "floating-pl-per-expert?max_rows=1", None)
        .await
        .json(200);
    assert!(few["view"].is_object());
    view(&serving, "nobody", None)
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_widget_that_fails_is_told_as_such() {
    let serving = Serving::begin().await;
    for guest in ["fails", "traps"] {
        serving.install_guest(guest).await;
        let answer = view(&serving, &format!("guest-{guest}"), None).await;
        answer.problem(502, "call-failed");
    }
}
