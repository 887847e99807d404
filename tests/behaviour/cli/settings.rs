//! `lombard settings`.
//!
//! Owns: that values are typed, checked, and gone when they are unset. Must
//! not know: where they are kept.

use serde_json::{Value as Json, json};

use super::{User, books, has_keys, rows, says};

#[test]
fn settings_are_listed_with_type_value_and_where_it_comes_from() {
    let user = User::with(&books::with_bars());
    let listed = user.json(&["settings", "list", "expert/1"]);
    let keys: Vec<_> = rows(&listed, "settings")
        .iter()
        .map(|one| one["key"].clone())
        .collect();
    // What all experts share, and the plugin's own.
    assert!(
        keys.contains(&json!("min_confidence")) && keys.contains(&json!("fast_days")),
        "{keys:?}"
    );
    for one in rows(&listed, "settings") {
        has_keys(
            one,
            &[
                "type",
                "value",
                "source",
                "secret",
                "required",
                "description",
            ],
        );
        // Nothing was saved, and not everything has a default.
        let source = if one["value"].is_null() {
            "unset"
        } else {
            "default"
        };
        assert_eq!(one["source"], source, "{one}");
    }
    let words = user.text(&["settings", "list", "expert/1"]);
    says(
        &words,
        &["Trading days of the fast average; fewer than those of the slow one"],
    );
}

#[test]
fn a_value_is_saved_as_its_type_and_its_default_shows_again_when_unset() {
    let user = User::with(&books::with_bars());
    let list = || user.json(&["settings", "list", "expert/1"]);
    let before = list();
    for (key, text, value) in [
        ("fast_days", "10", json!(10)),
        ("min_confidence", "70.50", json!("70.5")),
        ("min_confidence", "0", json!("0")),
        ("enabled_instruments", "UP,DOWN", json!(["UP", "DOWN"])),
        ("enabled_instruments", r#"["UP"]"#, json!(["UP"])),
        ("enabled_instruments", "", json!([])),
    ] {
        let saved = user.json(&["settings", "set", "expert/1", key, text]);
        assert_eq!(
            (&saved["value"], &saved["source"]),
            (&value, &json!("saved")),
            "{key} {text}"
        );
        assert_eq!(user.json(&["settings", "get", "expert/1", key]), saved);
    }
    assert_eq!(
        user.text(&["settings", "get", "expert/1", "fast_days"]),
        "10\n"
    );
    for key in ["fast_days", "min_confidence", "enabled_instruments"] {
        let unset = user.json(&["settings", "unset", "expert/1", key]);
        assert_eq!(unset["source"], "default", "{unset}");
    }
    assert_eq!(list(), before);
}

#[test]
fn a_value_that_does_not_fit_is_refused_and_nothing_is_saved() {
    let user = User::with(&books::with_alpaca_and_bars());
    let lists = || ["expert/1", "account/2"].map(|owner| user.json(&["settings", "list", owner]));
    let before = lists();
    for (owner, key, value, words) in [
        ("expert/1", "fast_days", "ten", "must be a whole number"),
        ("expert/1", "fast_days", "1.5", "must be a whole number"),
        ("expert/1", "fast_days", "-3", "valid: 2 to 250"),
        ("expert/1", "min_confidence", "NaN", "must be a decimal"),
        ("expert/1", "min_confidence", "101", "can't be \"101\""),
        (
            "expert/1",
            "colour",
            "red",
            "setting `colour` is not declared",
        ),
        (
            "account/2",
            "paper_trading",
            "maybe",
            "must be true or false",
        ),
        (
            "account/1",
            "api_key",
            "x",
            "setting `api_key` is not declared",
        ),
    ] {
        let message = user.fails(&["settings", "set", owner, key, value]);
        says(&message, &[words]);
        assert_eq!(lists(), before, "{owner} {key} {value}");
    }
    says(
        &user.fails(&["settings", "get", "expert/1", "colour"]),
        &["not declared"],
    );
    says(
        &user.fails(&["settings", "unset", "expert/1", "colour"]),
        &["not declared", "remedy"],
    );
}

#[test]
fn owners_that_are_not_there_fail_and_owners_that_make_no_sense_are_wrong_usage() {
    let user = User::with(&books::of(4));
    let message = user.fails(&["settings", "list", "account/99"]);
    says(&message, &["there is no account 99", "account list"]);
    let message = user.fails(&["settings", "get", "expert/99", "min_confidence"]);
    says(&message, &["there is no expert 99", "expert list"]);
    for owner in [
        "expert",
        "expert/",
        "expert/0",
        "expert/-1",
        "expert/x",
        "widget/1",
    ] {
        user.misuses(&["settings", "list", owner]);
    }
    user.misuses(&["settings", "set", "expert/1", "min_confidence"]);
    user.misuses(&["settings", "get", "expert/1"]);
}

#[test]
fn a_value_that_begins_with_a_hyphen_is_a_value() {
    let user = User::with(&books::with_alpaca());
    user.text(&["settings", "set", "account/2", "api_key", "-secret-"]);
    let saved = user.json(&["settings", "get", "account/2", "api_key"]);
    assert_eq!(saved["source"], "saved");
    assert_ne!(saved["value"], Json::Null);
}
