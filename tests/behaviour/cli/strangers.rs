//! Texts of strangers on their way to a terminal.
//!
//! Owns: that none turns, hides or floods what stands around it, in results
//! and in messages. Must not know: how a text is made safe.

use serde_json::json;

use super::{Ran, User, books};

/// Turns the direction, hides, overprints, clears.
const NASTY: [char; 6] = [
    '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{1b}', '\u{9b}',
];

#[test]
fn a_name_cannot_turn_or_hide_what_stands_beside_it() {
    let mut document = books::with_bars();
    let name = "safe\u{202e}gpj.exe\u{200b}\u{2066}\u{feff}";
    document["accounts"][0]["name"] = json!(format!("{name}{}", "x".repeat(120)));
    for at in 0..4 {
        document["experts"][at]["alias"] = json!(name);
    }
    document["transactions"][0]["note"] = json!(name);
    let user = User::with(&document);
    for command in [
        &["account", "list"][..],
        &["expert", "list"],
        &["expert", "run", "--all"],
        &["widget", "render", "floating-pl-per-account"],
        &["widget", "render", "floating-pl-per-expert"],
        &["widget", "render", "balance-usage-per-expert"],
    ] {
        let ran = user.run(command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        harmless(&ran);
        assert!(
            ran.stdout.lines().all(|line| line.chars().count() <= 100),
            "{}",
            ran.stdout
        );
    }
    let listed = user.text(&["account", "list"]);
    assert!(listed.contains("safe\\u{202e}gpj.exe\\u{200b}"), "{listed}");
}

#[test]
fn a_message_about_a_document_repeats_its_words_harmlessly_and_briefly() {
    let user = User::new();
    let nasty: String = NASTY.iter().collect();
    for key in [nasty, "k".repeat(1_000_000)] {
        let mut document = books::of(4);
        document["orders"][3][&key] = json!("x");
        let file = user.write("book.json", document.to_string());
        let ran = user.run(&["import", &file]);
        assert_eq!(ran.code, Some(1));
        harmless(&ran);
        let message = ran.refused(&["import"]);
        assert!(message.contains("orders[3]."), "{message}");
        assert!(
            message.len() < 3_000,
            "a message of {} bytes",
            message.len()
        );
    }
}

#[test]
fn an_argument_is_repeated_harmlessly() {
    let user = User::new();
    let nasty: String = NASTY.iter().collect();
    for command in [
        &["widget", "render"][..],
        &["plugin", "inspect"],
        &["plugin", "remove"],
    ] {
        let ran = user.run(&[command, &[nasty.as_str()]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        harmless(&ran);
    }
}

fn harmless(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let found = text.chars().find(|c| NASTY.contains(c));
        assert_eq!(
            found.map(char::escape_unicode).map(|c| c.to_string()),
            None,
            "{text}"
        );
    }
}
