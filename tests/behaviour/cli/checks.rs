//! `lombard plugin check`.
//!
//! Owns: that its answer is that of an installation, without any of its
//! effects. Must not know: how a component is read.

use serde_json::{Value as Json, json};

use super::{Ran, User, has_keys, rows, says};
use crate::support::files;

#[test]
fn a_plugin_that_would_be_accepted_is_told_whole() {
    let user = User::new();
    let file = user.guest("probes");
    let checked = user.json(&["plugin", "check", &file]);
    assert_eq!(
        (&checked["accepted"], &checked["refusals"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(
        (&checked["name"], &checked["kind"]),
        (&json!("guest-probes"), &json!("widget"))
    );
    assert_eq!(
        (&checked["api"], &checked["host_api"]),
        (&json!("0.1.0"), &json!("0.1.0"))
    );
    assert_eq!(checked["exports"], json!(["render"]));
    let imports = rows(&checked, "imports");
    assert!(
        imports.contains(&json!("lombard:platform/session@0.1.0")),
        "{imports:?}"
    );
    let grants = rows(&checked, "grants");
    assert_eq!(grants.len(), 4);
    assert_eq!(
        grants[2],
        json!({"grant": "read:transactions", "words": "read transactions"})
    );
    has_keys(&checked["settings"], &["what", "id"]);
    has_keys(
        &checked["limits"],
        &["memory_bytes", "deadline_ms", "result_bytes", "statements"],
    );
    let sizes = &checked["sizes"];
    assert_eq!(sizes["file"], files::guest("probes").len());
    for part in ["code", "data", "custom", "memory_at_the_begin"] {
        assert!(sizes[part].as_u64() > Some(0), "{part}: {sizes}");
    }
    has_keys(&sizes["custom_sections"], &["lombard:plugin"]);

    let words = user.text(&["plugin", "check", &file]);
    says(
        &words,
        &[
            "guest-probes",
            "read the names",
            "code",
            "memory_bytes",
            "accepted",
            "What to do",
        ],
    );
}

#[test]
fn what_comes_with_lombard_would_be_accepted() {
    let user = User::new();
    let experts = ["moving-average-cross", "rsi-mean-reversion"];
    for name in files::WIDGETS.iter().chain(&experts) {
        let file = user.write("plugin.wasm", files::plugin(name));
        user.text(&["plugin", "check", &file]);
    }
}

#[test]
fn nothing_is_opened_or_written_for_it() {
    let user = User::new();
    let file = user.guest("fails");
    let ran = user.run(&["plugin", "check", &file, "--db", "nowhere/a.sqlite"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!user.database().exists());
}

#[test]
fn what_would_be_refused_fails_with_every_reason_and_its_remedy() {
    let user = User::new();
    let bad = component(
        r#"(import "wasi:io/poll@0.2.0" (instance))
           (import "lombard:platform/nothing@0.1.0" (instance))
           (import "lombard:platform/log@0.2.0" (instance))"#,
        "api = \"0.2.0\"",
    );
    let bad = user.write("bad.wasm", bad);
    let Ran {
        code,
        stdout,
        stderr,
    } = user.run(&["plugin", "check", &bad, "--json"]);
    assert_eq!(code, Some(1));
    let error: Json = serde_json::from_str(&stderr).unwrap();
    says(
        error["error"].as_str().unwrap(),
        &["bad.wasm", "4 more", "wasi:io/poll"],
    );
    let checked: Json = serde_json::from_str(&stdout).unwrap();
    assert_eq!(checked["accepted"], false);
    let told = checked["refusals"].to_string();
    for words in [
        "wasi:io/poll@0.2.0",
        "nothing@0.1.0",
        "log@0.2.0",
        "0.2.0, this host has 0.1.0",
        "no function `render`",
    ] {
        assert!(told.contains(words), "`{words}` is not in: {told}");
    }
    assert_eq!(rows(&checked, "refusals").len(), 5);

    let text = user.run(&["plugin", "check", &bad]);
    assert_eq!(text.code, Some(1));
    says(&text.stdout, &["refused: ", "without WASI"]);
    says(&text.stderr, &["would be refused", "remedy: "]);
}

#[test]
fn its_answer_is_that_of_an_installation() {
    let user = User::new();
    let greedy = r#"(core module (memory 2000) (func (export "f")))"#;
    let broken = r#"(core module (func (result i32)))"#;
    let files = [
        user.guest("traps"),
        user.write("text.wasm", "(component)"),
        user.write("empty.wasm", ""),
        user.write("core.wasm", b"\0asm\x01\0\0\0"),
        user.write("bare.wasm", b"\0asm\x0d\0\x01\0"),
        user.write("cut.wasm", &files::guest("fails")[..10_000]),
        user.write("none.wasm", component("", "api = \"0.1.0\"")),
        user.write("greedy.wasm", component(greedy, "api = \"0.1.0\"")),
        user.write("broken.wasm", component(broken, "api = \"0.1.0\"")),
        user.write("manifest.wasm", component("", "colour = 1")),
    ];
    for file in &files {
        let checked = user.run(&["plugin", "check", file]);
        let installed = user.run(&["plugin", "install", file, "--grant-all"]);
        assert_eq!(
            checked.code, installed.code,
            "{file}: {checked:?}, {installed:?}"
        );
    }
    for missing in ["no.wasm", "."] {
        says(&user.fails(&["plugin", "check", missing]), &[missing]);
    }
}

/// A widget's component of this text, with a manifest that has this line.
fn component(body: &str, line: &str) -> Vec<u8> {
    let mut bytes = wat::parse_str(format!("(component {body})")).expect("a component");
    let manifest = format!(
        "name = \"made-up\"\nversion = \"0.1.0\"\nkind = \"widget\"\n{line}\n\
         description = \"\"\ngrants = []\n"
    );
    let section = [b"\x0elombard:plugin", manifest.as_bytes()].concat();
    let length = u8::try_from(section.len()).expect("short");
    // The length as LEB128, in two bytes.
    bytes.extend([0, length & 0x7f | 0x80, length >> 7]);
    bytes.extend(section);
    bytes
}
