//! What `lombard import` refuses, and what it leaves behind then.
//!
//! Owns: broken documents and the words for them. Must not know: how a
//! document is read.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value as Json, json};

use super::{Ran, User, books, says};

/// Where a sound document is broken, how, and what has to be said.
type Case = (&'static str, Json, &'static [&'static str]);

fn broken_values() -> Vec<Case> {
    let digits = format!("1{}", "0".repeat(40));
    vec![
        (
            "/transactions/3/quantity",
            json!("12,5"),
            &["transactions[3].quantity: ", "`12,5`"],
        ),
        (
            "/transactions/3/quantity",
            json!("NaN"),
            &["transactions[3].quantity: ", "`NaN`"],
        ),
        (
            "/transactions/3/quantity",
            json!("1e40"),
            &["transactions[3].quantity: ", "`1e40`"],
        ),
        (
            "/transactions/3/quantity",
            json!(digits),
            &["transactions[3].quantity: ", "range"],
        ),
        (
            "/transactions/3/quantity",
            json!(1.5),
            &["transactions[3].quantity: ", "a string"],
        ),
        (
            "/orders/2/transaction_id",
            json!(999),
            &["orders[2].transaction_id: ", "999"],
        ),
        (
            "/experts/0/account_id",
            json!(999),
            &["experts[0].account_id: ", "no account 999"],
        ),
        (
            "/transactions/1/id",
            json!(1),
            &["transactions[1].id: ", "already"],
        ),
        ("/accounts/1/id", json!(-1), &["accounts[1].id: ", "-1"]),
        (
            "/orders/0/status",
            json!("Filled"),
            &["orders[0].status: ", "`Filled`"],
        ),
        (
            "/accounts/0/name",
            json!("\u{1b}[2J"),
            &["accounts[0].name: ", "control"],
        ),
        (
            "/format",
            json!("lombard-dataset/2"),
            &["format: ", "lombard-dataset/1"],
        ),
        (
            "/orders/0",
            json!({"id": 1}),
            &["orders[0]: ", "missing field"],
        ),
        (
            "/experts/0",
            json!({"id": 1, "account_id": 1, "plugin": "p", "enabled": true,
                "virtual_equity_pct": "50", "settings": {"min_confidence": "much"}}),
            &["experts[0].settings.min_confidence: ", "decimal"],
        ),
    ]
}

fn broken_texts() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let sound = books::of(4).to_string();
    let with = |extra: &str| sound.replacen('{', extra, 1).into_bytes();
    let wrapped = json!({"description": "a scenario", "dataset": books::of(4)});
    vec![
        ("empty", vec![], &["EOF"]),
        (
            "cut",
            sound.as_bytes()[..sound.len() / 2].to_vec(),
            &["EOF"],
        ),
        (
            "no-json",
            br#"{"accounts": [}"#.to_vec(),
            &["accounts[0]: ", "line 1 column"],
        ),
        ("no-object", b"17".to_vec(), &["invalid type"]),
        (
            "bytes",
            b"{\"format\": \"\xff\xfe\"}".to_vec(),
            &["format: ", "unicode"],
        ),
        (
            "trailing",
            format!("{sound} {{}}").into_bytes(),
            &["trailing characters"],
        ),
        (
            "unknown",
            with(r#"{"colour": "red","#),
            &["colour: unknown field `colour`"],
        ),
        (
            "not-a-number",
            with(r#"{"accounts": [{"balance": NaN}],"#),
            &["accounts[0].balance: "],
        ),
        (
            "wrapped",
            wrapped.to_string().into_bytes(),
            &["unknown field"],
        ),
    ]
}

#[test]
fn a_broken_document_is_refused_with_its_path_and_the_database_untouched() {
    let user = User::with(&books::of(4));
    let before = fs::read(user.database()).unwrap();
    let check = |file: &str, words: &[&str]| {
        let message = user.fails(&["import", file]);
        says(&message, words);
        says(
            &message,
            &[
                file,
                "remedy: correct the document there; nothing was imported",
            ],
        );
        assert_eq!(
            message.lines().count(),
            2,
            "not one clear message: {message}"
        );
        assert!(
            fs::read(user.database()).unwrap() == before,
            "{file} changed the database"
        );
    };
    for (pointer, value, words) in broken_values() {
        let mut document = books::of(4);
        *document.pointer_mut(pointer).unwrap() = value;
        check(&user.write("broken.json", document.to_string()), words);
    }
    for (name, text, words) in broken_texts() {
        check(&user.write(&format!("{name}.json"), text), words);
    }
    let again = user.import(&books::of(4));
    assert_eq!(
        again["written"], 0,
        "a refused document left something: {again}"
    );
}

#[test]
fn what_is_no_file_is_refused_with_its_name() {
    let user = User::new();
    let folder = user.path("").display().to_string();
    says(
        &user.fails(&["import", &folder]),
        &[&folder, "remedy: name a file, not a folder"],
    );
    says(
        &user.fails(&["import", "none.json"]),
        &["none.json can't be opened", "check the path"],
    );
}

#[test]
fn a_refused_document_makes_no_database() {
    let user = User::new();
    let file = user.write("broken.json", "{");
    user.fails(&["import", &file]);
    assert!(!user.database().exists());
}

#[test]
fn two_hundred_megabytes_of_nesting_are_refused_within_the_first() {
    let user = User::new();
    let deep = r#"{"format":"lombard-dataset/1","accounts":[{"settings":{"a":"#;
    for (start, piece) in [("", "["), ("", r#"{"a":"#), (deep, "["), (deep, r#"{"a":"#)] {
        let mut child = user
            .command(&["import", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mebibyte = piece.repeat((1 << 20) / piece.len());
        let mut taken = 0;
        // The reader that has gone refuses the rest.
        let mut open = stdin.write_all(start.as_bytes()).is_ok();
        while open && taken < 200 {
            open = stdin.write_all(mebibyte.as_bytes()).is_ok();
            taken += 1;
        }
        drop(stdin);
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            taken <= 2,
            "{taken} MiB were read of {piece} before it was refused"
        );
        let message = ran.refused(&["import", "-"]);
        assert!(message.len() < 1_000, "{message}");
        says(&message, &["stdin: ", "remedy"]);
    }
}

#[test]
fn a_document_is_read_from_stdin_too() {
    let user = User::new();
    let file = fs::File::open(user.write("book.json", books::of(4).to_string())).unwrap();
    let output = user
        .command(&["import", "-", "--json"])
        .stdin(file)
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["transactions"], &report["orders"]),
        (&json!(4), &json!(8))
    );
}
