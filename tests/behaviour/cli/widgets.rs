//! `lombard widget render`.
//!
//! Owns: the shape of what it prints, what a render costs, and how one fails.
//! Must not know: what a widget calculates.

use serde_json::{Value as Json, json};

use super::{User, books, has_keys, rows, says};
use crate::support::files::WIDGETS;

#[test]
fn a_render_is_printed_in_the_shape_that_others_read() {
    let user = User::with(&books::of(20));
    for widget in WIDGETS {
        let printed = user.json(&["widget", "render", widget]);
        has_keys(&printed, &["plugin", "view", "cost"]);
        assert_eq!(printed["plugin"]["name"], widget);
        has_keys(&printed["plugin"], &["version"]);
        let digest = printed["plugin"]["digest"].as_str().unwrap();
        let digits = digest.strip_prefix("sha256:").unwrap();
        assert!(
            digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()),
            "{digest}"
        );
        let cost = [
            "sessions",
            "connections",
            "statements",
            "rows",
            "wall_us",
            "cpu_us",
        ];
        has_keys(&printed["cost"], &cost);
        assert!(
            printed["cost"]["memory_peak_bytes"].as_u64() > Some(0),
            "{printed}"
        );
        shape(&printed["view"]);
    }
}

fn shape(view: &Json) {
    assert!(view["title"].is_string(), "{view}");
    let table = block(view, "table");
    let columns = rows(table, "columns");
    for column in columns {
        has_keys(column, &["key", "label", "kind"]);
    }
    assert!(!rows(table, "rows").is_empty(), "{view}");
    for row in rows(table, "rows") {
        assert!(row["id"].is_u64(), "{row}");
        for column in columns {
            has_keys(row, &[column["key"].as_str().expect("a key")]);
        }
    }
    let stat = block(view, "stat");
    has_keys(stat, &["key", "label", "kind"]);
    assert!(stat["value"].is_string(), "money is a string: {stat}");
}

/// The first block of this type.
fn block<'a>(view: &'a Json, kind: &str) -> &'a Json {
    let found = rows(view, "blocks")
        .iter()
        .find(|block| block["type"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {view}"))
}

#[test]
fn a_render_costs_as_much_for_two_thousand_transactions_as_for_twenty() {
    let cost = |transactions| {
        let user = User::with(&books::of(transactions));
        WIDGETS.map(|widget| {
            let cost = user.json(&["widget", "render", widget])["cost"].take();
            assert_eq!(
                (&cost["sessions"], &cost["connections"]),
                (&json!(1), &json!(1))
            );
            let statements = cost["statements"].as_u64().unwrap();
            assert!(
                (1..=5).contains(&statements),
                "{widget}, {transactions}: {cost}"
            );
            statements
        })
    };
    assert_eq!(cost(20), cost(2_000));
}

#[test]
fn a_file_is_rendered_with_what_is_granted_and_set_on_the_command_line() {
    let user = User::with(&books::of(4));
    let probes = user.guest("probes");
    let render = [
        "widget",
        "render",
        &probes,
        "--grant-all",
        "--param",
        "what=account",
    ];
    assert_eq!(user.json(&render)["view"]["title"], "Account");
    let words = user.text(&render);
    says(&words, &["Account\n═══════\n", "1 session, ", " ms\n"]);
}

#[test]
fn a_parameter_that_is_not_declared_or_not_of_its_type_is_refused() {
    let user = User::new();
    let probes = user.guest("probes");
    for (parameter, words) in [
        ("colour=red", ["setting `colour` is not declared", "what"]),
        ("id=one", ["setting `id` must be a whole number", "one"]),
        ("id=0", ["setting `id` can't be 0", "valid"]),
        (
            "what=harm",
            ["setting `what` can't be \"harm\"", "\"nothing\""],
        ),
    ] {
        let message = user.fails(&["widget", "render", &probes, "--param", parameter]);
        says(&message, &words);
    }
    let message = user.misuses(&["widget", "render", &probes, "--param", "id"]);
    says(&message, &["KEY=VALUE"]);
}

#[test]
fn a_widget_that_misbehaves_is_named_and_harms_nothing_else() {
    let user = User::with(&books::of(4));
    let sound = || user.json(&["widget", "render", "floating-pl-per-account"])["view"].take();
    let before = sound();
    for (guest, words) in [
        ("traps", "trapped in `render`"),
        ("loops", "the limit `deadline_ms` is 5000"),
        ("fails", "failed on purpose, with 4 transactions read"),
        ("floods", "the limit `result_bytes`"),
        ("hoards", "the limit `memory_bytes`"),
    ] {
        let file = user.guest(guest);
        let message = user.fails(&["widget", "render", &file, "--grant-all"]);
        says(
            &message,
            &[
                &format!("lombard: guest-{guest} 0.1.0: "),
                words,
                "\n  remedy: ",
            ],
        );
        assert!(
            !message.contains("_RN"),
            "the guest's frames are for the log: {message}"
        );
        assert_eq!(sound(), before, "after {guest}");
    }
}

#[test]
fn a_widget_without_a_grant_is_denied_and_told_which() {
    let user = User::with(&books::of(4));
    let fails = user.guest("fails");
    for arguments in [
        vec!["widget", "render", &fails],
        vec!["widget", "render", &fails, "--grant", "none"],
        vec!["widget", "render", &fails, "--grant", "read:bars"],
        vec![
            "widget",
            "render",
            "floating-pl-per-expert",
            "--grant",
            "none",
        ],
    ] {
        let message = user.fails(&arguments);
        says(
            &message,
            &["grant `read:transactions`", "remedy: grant it with --grant"],
        );
    }
    let message = user.misuses(&["widget", "render", &fails, "--grant", "read:everything"]);
    says(&message, &["read:everything", "read:transactions"]);
}

#[test]
fn what_is_no_widget_is_refused() {
    let user = User::new();
    let message = user.fails(&["widget", "render", "moving-average-cross"]);
    says(
        &message,
        &[
            "`moving-average-cross` is of kind expert",
            "lombard expert run",
        ],
    );
    let message = user.fails(&["widget", "render", "nothing-like-it"]);
    says(
        &message,
        &[
            "`nothing-like-it`",
            "floating-pl-per-expert",
            "plugin install",
        ],
    );
    let message = user.fails(&["widget", "render", "none.wasm"]);
    says(&message, &["none.wasm can't be opened", "check the path"]);
}

#[test]
fn an_account_that_cannot_be_reached_is_a_warning_and_no_failure() {
    let user = User::with(&books::with_alpaca());
    for widget in WIDGETS {
        let view = user.json(&["widget", "render", widget])["view"].take();
        let warned = rows(&view, "blocks").iter().any(|block| {
            block["type"] == "warning" && block["text"].as_str().unwrap().contains("(2)")
        });
        assert!(warned, "{widget}: {view}");
    }
    let accounts = user.json(&["account", "list"]);
    let account = &rows(&accounts, "accounts")[1];
    assert_eq!(
        (&account["reachable"], &account["cash"]),
        (&json!(false), &Json::Null)
    );
    says(
        &user.text(&["account", "list"]),
        &["! account 2: setting `api_key` is required"],
    );
}
