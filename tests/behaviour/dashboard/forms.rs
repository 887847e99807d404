//! Settings in forms.
//!
//! Owns: saving, being refused, and being told that somebody was faster.

use super::{Answer, Dashboard};

const PAGE: &str = "/experts/1";
const FORM: &str = "/experts/1/settings";

/// The state that a page's form was made from.
fn state(page: &Answer) -> String {
    page.between("name=\"state\" value=\"", "\"").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_was_saved_is_on_the_page_and_an_empty_one_is_the_default() {
    let dashboard = Dashboard::of_main().await;
    let page = dashboard.get(PAGE).await;
    assert!(
        page.body.contains("placeholder=\"default: 10\""),
        "{}",
        page.body
    );
    let fields = [("state", &*state(&page)), ("set-min_confidence", "62.50")];
    let saved = dashboard.post(FORM, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(saved.header("location"), "/experts/1?saved=1");
    let page = dashboard.get("/experts/1?saved=1").await;
    for part in ["name=\"set-min_confidence\" value=\"62.5\"", "Saved."] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
    let fields = [("state", &*state(&page)), ("set-min_confidence", "")];
    assert_eq!(dashboard.post(FORM, &fields).await.status, 303);
    let page = dashboard.get(PAGE).await;
    assert!(
        page.body.contains("name=\"set-min_confidence\" value=\"\""),
        "{}",
        page.body
    );
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_at_fault_is_told_beside_its_field_and_nothing_is_saved() {
    let dashboard = Dashboard::of_main().await;
    let before = state(&dashboard.get(PAGE).await);
    let fields = [
        ("state", &*before),
        ("set-min_confidence", "101<b>"),
        ("set-max_position_percent", "5"),
    ];
    let refused = dashboard.post(FORM, &fields).await;
    assert_eq!(refused.status, 422);
    for part in [
        "id=\"set-min_confidence-fault\"",
        "aria-invalid=\"true\"",
        "value=\"101&lt;b&gt;\"",
        "name=\"set-max_position_percent\" value=\"5\"",
    ] {
        assert!(refused.body.contains(part), "no {part} in {}", refused.body);
    }
    assert_eq!(state(&dashboard.get(PAGE).await), before);
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_editors_is_told_and_overwrites_nothing() {
    let dashboard = Dashboard::of_main().await;
    let both = state(&dashboard.get(PAGE).await);
    let first = [("state", &*both), ("set-min_confidence", "60")];
    assert_eq!(dashboard.post(FORM, &first).await.status, 303);
    let second = [("state", &*both), ("set-min_confidence", "70")];
    let told = dashboard.post(FORM, &second).await;
    assert_eq!(told.status, 409);
    let table = told.between("<tbody>", "</tbody>");
    assert!(table.contains("60") && table.contains("70"), "{table}");
    let page = dashboard.get(PAGE).await;
    assert!(
        page.body
            .contains("name=\"set-min_confidence\" value=\"60\""),
        "{}",
        page.body
    );
    // Having seen both, the second may insist.
    let insisting = [("state", &*state(&told)), ("set-min_confidence", "70")];
    assert_eq!(dashboard.post(FORM, &insisting).await.status, 303);
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_in_and_never_comes_out() {
    let dashboard = Dashboard::of_main().await;
    let page = dashboard.get("/accounts/4").await;
    let keys: Vec<_> = page
        .body
        .split("<input type=\"password\" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!keys.is_empty(), "{}", page.body);
    let state = state(&page);
    let mut fields = vec![("state", &*state)];
    fields.extend(keys.iter().map(|key| (*key, "hunter2<b>")));
    let saved = dashboard.post("/accounts/4/settings", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let stale = dashboard.post("/accounts/4/settings", &fields).await;
    assert_eq!(stale.status, 409);
    for page in [stale, dashboard.get("/accounts/4").await] {
        assert!(!page.body.contains("hunter2"), "{}", page.body);
    }
    dashboard.end().await;
}
