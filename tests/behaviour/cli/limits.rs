//! `lombard plugin limit`, and what `inspect` says of it.

use serde_json::json;

use super::serving::Serving;
use super::{User, books, says};

const WIDGET: &str = "floating-pl-per-expert";

#[test]
fn what_a_plugin_may_use_is_set_shown_and_forgotten() {
    let user = User::with(&books::of(4));
    let limit = |arguments: &[&str]| {
        let all = [&["plugin", "limit", WIDGET], arguments].concat();
        user.json(&all)["limits_set"].take()
    };
    assert_eq!(limit(&[]), json!({}));
    assert_eq!(limit(&["view_rows=0"]), json!({"view_rows": 0}));
    assert_eq!(
        limit(&["deadline_ms=900", "statements=7"]),
        json!({"deadline_ms": 900, "statements": 7, "view_rows": 0})
    );
    let inspected = user.json(&["plugin", "inspect", WIDGET]);
    assert_eq!(inspected["limits"]["statements"], 7);
    assert_eq!(inspected["limits"]["rows"], 2_000_000);
    assert_eq!(
        inspected["limits_set"],
        json!(["deadline_ms", "statements", "view_rows"])
    );
    let words = user.text(&["plugin", "inspect", WIDGET]);
    says(
        &words,
        &[
            "concurrent_calls",
            "set for it: deadline_ms, statements, view_rows",
        ],
    );
    // It holds, in another process, and says which limit it was.
    let told = user.fails(&["widget", "render", WIDGET]);
    says(
        &told,
        &["the limit `view_rows` is 0", "lombard plugin limit"],
    );
    assert_eq!(limit(&["--reset"]), json!({}));
    user.json(&["widget", "render", WIDGET]);
}

#[test]
fn what_can_t_be_set_is_refused() {
    let user = User::new();
    for (bad, words) in [
        ("view_rows", "limit=number"),
        ("view_rows=-1", "limit=number"),
        ("fuel=3", "unknown limit `fuel`"),
        ("stack_bytes=3", "the same for all"),
        ("concurrent_calls=0", "1 to 64"),
        ("memory_bytes=99999999999999999999", "limit=number"),
    ] {
        says(&user.misuses(&["plugin", "limit", WIDGET, bad]), &[words]);
    }
    let stranger = user.fails(&["plugin", "limit", "stranger", "view_rows=1"]);
    says(&stranger, &["stranger"]);
}

#[test]
fn it_is_set_through_a_host_and_holds_there_at_once() {
    let user = User::with(&books::of(4));
    let _serving = Serving::begin(&user);
    let set = user.json(&["plugin", "limit", WIDGET, "view_rows=0"]);
    assert_eq!(set["limits_set"], json!({"view_rows": 0}));
    let told = user.fails(&["widget", "render", WIDGET]);
    says(&told, &["the limit `view_rows` is 0"]);
    let inspected = user.json(&["plugin", "inspect", WIDGET]);
    assert_eq!(inspected["limits_set"], json!(["view_rows"]));
    user.text(&["plugin", "limit", WIDGET, "--reset"]);
    user.json(&["widget", "render", WIDGET]);
}
