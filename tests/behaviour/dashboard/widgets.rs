//! Widgets in their panels.
//!
//! Owns: that their numbers get there, and nothing else of a plugin's does.

use lombard_model::Grants;
use serde_json::Value as Json;

use super::{Answer, Dashboard};
use crate::support::files::{WIDGETS, goldens, guest};

#[tokio::test(flavor = "multi_thread")]
async fn the_golden_numbers_stand_in_the_overview() {
    for golden in goldens() {
        let dashboard = Dashboard::of(golden.dataset).await;
        // What had to be compiled first is there now.
        for widget in WIDGETS {
            let panel = dashboard.get(&format!("/panels/{widget}")).await;
            assert_eq!(panel.status, 200, "{}", panel.body);
            let rows = golden.expected[widget]["rows"].as_array().expect("rows");
            for row in rows {
                numbers(row, &panel, &format!("{} / {widget}", golden.name));
            }
        }
        let page = dashboard.get("/").await;
        for widget in WIDGETS {
            let id = format!("id=\"panel-{widget}\"");
            assert!(page.body.contains(&id), "{}: no {id}", golden.name);
        }
        assert!(
            !page.body.contains("data-state=\"loading\""),
            "{}",
            golden.name
        );
        dashboard.end().await;
    }
}

/// Every number of the row stands in its line of the panel, to six places.
fn numbers(row: &Json, panel: &Answer, place: &str) {
    let id = format!("data-id=\"{}\"", row["id"]);
    let line = panel.between(&id, "</tr>");
    let row = row.as_object().expect("a row");
    for (key, wanted) in row.iter().filter(|(key, _)| *key != "id") {
        let Some(wanted) = wanted.as_str().and_then(|text| text.parse().ok()) else {
            continue;
        };
        let wanted: lombard_model::Decimal = wanted;
        let cell = line
            .split("data-key=\"")
            .find(|cell| cell.starts_with(key.as_str()));
        let cell = cell.unwrap_or_else(|| panic!("{place}: no {key} in {line}"));
        let shown = cell
            .split("value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let shown: lombard_model::Decimal = shown.expect("a value").parse().expect("a decimal");
        let off = (shown - wanted).abs();
        assert!(
            off <= lombard_model::Decimal::new(1, 6),
            "{place}, {key}: {shown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_that_did_not_change_is_not_sent_again() {
    let dashboard = Dashboard::of_main().await;
    let address = format!("/panels/{}", WIDGETS[0]);
    let first = dashboard.get(&address).await;
    let tag = [("if-none-match", first.header("etag"))];
    let second = dashboard.get_with(&address, &tag).await;
    assert_eq!((second.status, second.body.as_str()), (304, ""));
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_that_is_not_there_is_a_panel_that_says_so() {
    let dashboard = Dashboard::of_main().await;
    for name in ["nobody", "%3Cscript%3Ealert(1)%3C%2Fscript%3E"] {
        let panel = dashboard.get(&format!("/panels/{name}")).await;
        assert_eq!(panel.status, 404, "{}", panel.body);
        for part in [
            "<section class=\"panel error\"",
            "What helps",
            ">Error</span>",
        ] {
            assert!(panel.body.contains(part), "no {part} in {}", panel.body);
        }
        assert!(!panel.body.contains("<script"), "{}", panel.body);
    }
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_that_fails_fails_alone() {
    let dashboard = Dashboard::of_main().await;
    let installed = dashboard.host.install(guest("traps"), Grants::all());
    let name = installed.await.expect("it is installed").manifest.name;
    let panel = dashboard.get(&format!("/panels/{name}")).await;
    assert_eq!(panel.status, 200, "{}", panel.body);
    for part in ["data-state=\"error\"", "tell its author"] {
        assert!(panel.body.contains(part), "no {part} in {}", panel.body);
    }
    for widget in WIDGETS {
        dashboard.get(&format!("/panels/{widget}")).await;
    }
    let page = dashboard.get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("data-state=\"error\"").count(), 1);
    let plugins = dashboard.get("/plugins").await;
    assert!(plugins.body.contains("render: trap"), "{}", plugins.body);
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_text_wherever_they_are_shown() {
    let main = goldens()
        .into_iter()
        .find(|golden| golden.name.ends_with("main.json"));
    let mut dataset = main.expect("the scenario").dataset;
    let hostile = Json::from("\"><script>alert(1)</script><h1 onclick='x'>");
    dataset.accounts[0].name = serde_json::from_value(hostile.clone()).expect("a name");
    dataset.experts[0].alias = Some(serde_json::from_value(hostile.clone()).expect("a name"));
    let dashboard = Dashboard::of(dataset).await;
    let panels = WIDGETS.map(|widget| format!("/panels/{widget}"));
    let mut shown = 0;
    for path in [
        "/",
        "/accounts",
        "/accounts/1",
        "/experts",
        "/experts/1",
        "/internals",
    ]
    .iter()
    .copied()
    .chain(panels.iter().map(String::as_str))
    {
        let page = dashboard.get(path).await.body;
        assert!(
            !page.contains("<script>") && !page.contains("<h1 on"),
            "{path}: {page}"
        );
        assert!(page.matches("<h1").count() <= 1, "{path}");
        shown += page.matches("&lt;script&gt;alert(1)").count();
    }
    assert!(shown >= 6, "{shown}");
    dashboard.end().await;
}
