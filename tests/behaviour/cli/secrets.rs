//! No secret is ever printed.
//!
//! Owns: looking for one in everything that the binary says. Must not know:
//! where a secret is kept.

use std::fs;

use serde_json::json;

use super::{Ran, User, books};

const KEY: &str = "PK-first-secret";
const SECRET: &str = "SK-second-secret";

#[test]
fn a_saved_secret_is_in_no_output_at_any_level_of_detail() {
    let user = User::with(&books::with_alpaca_and_bars());
    silent(&user.run(&["-vvv", "settings", "set", "account/2", "api_key", KEY]));
    let file = fs::File::open(user.write("key.txt", format!("{SECRET}\n"))).unwrap();
    let mut set = user.command(&["-vvv", "settings", "set", "account/2", "api_secret", "-"]);
    silent(&Ran::of(set.stdin(file).output().unwrap()));

    for key in ["api_key", "api_secret"] {
        let shown = user.json(&["settings", "get", "account/2", key]);
        assert_eq!(
            (&shown["value"], &shown["source"]),
            (&json!("•••"), &json!("saved"))
        );
        assert_eq!(user.text(&["settings", "get", "account/2", key]), "•••\n");
    }
    for command in [
        &["settings", "list", "account/2"][..],
        &["account", "list"],
        &["widget", "render", "floating-pl-per-account"],
        &["widget", "render", "balance-usage-per-expert"],
        &["expert", "run", "--all"],
        &["expert", "list"],
        &["plugin", "inspect", "floating-pl-per-account"],
        &["settings", "unset", "account/2", "api_key"],
    ] {
        for more in [&["-vvv"][..], &["-vvv", "--json"], &["-q"]] {
            silent(&user.run(&[command, more].concat()));
        }
    }
}

#[test]
fn a_secret_in_a_document_is_in_no_error_about_it() {
    let user = User::new();
    let mut document = books::with_alpaca();
    document["accounts"][1]["settings"] = json!({ "api_key": [KEY], "api_secret": SECRET });
    let file = user.write("book.json", document.to_string());
    let message = user.fails(&["-vvv", "import", &file]);
    assert!(
        message.contains("accounts[1].settings.api_key: "),
        "{message}"
    );
    silent(&user.run(&["-vvv", "import", &file]));
}

fn silent(ran: &Ran) {
    for secret in [KEY, SECRET, "first-secret", "second-secret"] {
        let told = ran.stdout.contains(secret) || ran.stderr.contains(secret);
        assert!(!told, "`{secret}` was told: {ran:?}");
    }
}
