//! `lombard plugin`.
//!
//! Owns: installing, and that what was granted belongs to one binary. Must not
//! know: what a plugin does.

use std::fs;

use serde_json::{Value as Json, json};

use super::{User, books, has_keys, rows, says};
use crate::support::files;

const RENDER: [&str; 3] = ["widget", "render", "guest-fails"];

#[test]
fn a_plugin_is_installed_listed_inspected_and_removed() {
    let user = User::new();
    let file = user.guest("probes");
    let installed = user.json(&["plugin", "install", &file, "--grant-all"])["installed"].take();
    has_keys(
        &installed,
        &["version", "kind", "api", "digest", "imports", "settings"],
    );
    assert_eq!(installed["name"], "guest-probes");
    assert_eq!(installed["granted"], installed["asks_for"]);

    let listed = listed(&user, "guest-probes").unwrap();
    assert_eq!(
        (&listed["source"], &listed["kind"]),
        (&json!("installed"), &json!("widget"))
    );
    assert_eq!(
        (&listed["digest"], &listed["granted"]),
        (&installed["digest"], &installed["granted"])
    );

    let inspected = user.json(&["plugin", "inspect", "guest-probes"]);
    assert_eq!(inspected["digest"], installed["digest"]);
    let file = user.json(&["plugin", "inspect", &file]);
    assert_eq!(
        (&file["digest"], &file["granted"]),
        (&installed["digest"], &Json::Null)
    );

    assert_eq!(
        user.json(&["plugin", "remove", "guest-probes"]),
        json!({"removed": "guest-probes"})
    );
    says(
        &user.fails(&["plugin", "remove", "guest-probes"]),
        &["guest-probes", "plugin list"],
    );
    assert_eq!(self::listed(&user, "guest-probes"), None);
}

#[test]
fn the_bundled_plugins_are_listed_with_what_they_have() {
    let user = User::new();
    for name in files::WIDGETS {
        let listed = listed(&user, name).unwrap();
        assert_eq!(listed["source"], "bundled");
        assert!(!rows(&listed, "granted").is_empty(), "{listed}");
    }
    let message = user.fails(&["plugin", "remove", files::WIDGETS[0]]);
    says(&message, &[files::WIDGETS[0], "comes with the host"]);
}

#[test]
fn installing_twice_changes_nothing() {
    let user = User::new();
    let file = user.guest("fails");
    let install = ["plugin", "install", &file, "--grant-all"];
    assert_eq!(user.json(&install), user.json(&install));
    let plugins = user.json(&["plugin", "list"]);
    let named = |plugin: &&Json| plugin["name"] == "guest-fails";
    assert_eq!(rows(&plugins, "plugins").iter().filter(named).count(), 1);
}

#[test]
fn a_plugin_has_what_its_last_install_granted_and_nothing_without_a_word() {
    let user = User::with(&books::of(4));
    let file = user.guest("fails");
    for (grants, denied) in [
        (&["--grant-all"][..], false),
        (&["--grant", "none"], true),
        (&["--grant", "read:transactions,read:orders"], false),
        (&[], true),
    ] {
        let ran = user.run(&[&["plugin", "install", file.as_str()], grants].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            ran.stderr.contains("not granted"),
            denied,
            "{grants:?}: {}",
            ran.stderr
        );
        let message = user.fails(&RENDER);
        assert_eq!(
            message.contains("needs the grant"),
            denied,
            "{grants:?}: {message}"
        );
    }
    // What it did not ask for it does not get.
    user.text(&[
        "plugin",
        "install",
        &file,
        "--grant",
        "read:transactions,read:orders",
    ]);
    let granted = listed(&user, "guest-fails").unwrap()["granted"].take();
    assert_eq!(granted, json!(["read:transactions"]));
}

#[test]
fn another_binary_of_the_same_name_has_nothing_that_the_old_one_had() {
    let user = User::with(&books::of(4));
    let old = user.guest("fails");
    user.text(&["plugin", "install", &old, "--grant-all"]);
    says(&user.fails(&RENDER), &["failed on purpose"]);

    let new = user.write("new.wasm", another(&files::guest("fails")));
    let installed = user.json(&["plugin", "install", &new])["installed"].take();
    assert_eq!(
        (&installed["name"], &installed["granted"]),
        (&json!("guest-fails"), &json!([]))
    );
    says(
        &user.fails(&RENDER),
        &["needs the grant `read:transactions`"],
    );

    // Nor does the old one find its grants again.
    user.text(&["plugin", "install", &old]);
    says(
        &user.fails(&RENDER),
        &["needs the grant `read:transactions`"],
    );
}

#[test]
fn what_is_no_plugin_is_refused_with_its_name_and_not_installed() {
    let user = User::new();
    let before = user.json(&["plugin", "list"]);
    let sparse = user.write("sparse.wasm", "");
    fs::File::options()
        .write(true)
        .open(&sparse)
        .unwrap()
        .set_len((64 << 20) + 1)
        .unwrap();
    for (file, words) in [
        (
            user.path("none.wasm").display().to_string(),
            "check the path",
        ),
        (user.path("").display().to_string(), "is a folder"),
        (
            user.write("text.wasm", "(component)"),
            "not a WebAssembly component",
        ),
        (user.write("empty.wasm", ""), "not a WebAssembly component"),
        (user.write("core.wasm", b"\0asm\x01\0\0\0"), "core module"),
        (
            user.write("bare.wasm", b"\0asm\x0d\0\x01\0"),
            "no `lombard:plugin` section",
        ),
        (
            user.write("cut.wasm", &files::guest("fails")[..10_000]),
            "not a WebAssembly component",
        ),
        (sparse.clone(), "more than 67108864"),
    ] {
        for command in [
            &["plugin", "install"][..],
            &["plugin", "inspect"],
            &["widget", "render"],
        ] {
            let message = user.fails(&[command, &[file.as_str()]].concat());
            says(&message, &[words, &file]);
        }
    }
    assert_eq!(user.json(&["plugin", "list"]), before);
}

#[test]
fn an_unknown_grant_is_wrong_usage() {
    let user = User::new();
    let file = user.guest("fails");
    let message = user.misuses(&["plugin", "install", &file, "--grant", "read:everything"]);
    says(
        &message,
        &["unknown grant `read:everything`", "read:transactions"],
    );
    user.misuses(&["plugin", "install", &file, "--grant", "none", "--grant-all"]);
}

#[test]
fn a_plugin_sees_the_accounts_that_were_named() {
    let user = User::with(&books::of(4));
    let file = user.guest("probes");
    let install = ["plugin", "install", &file, "--grant-all"];
    let some = [&install[..], &["--accounts", "1"]].concat();
    assert_eq!(user.json(&some)["installed"]["accounts"], json!([1]));
    says(&user.text(&some), &["sees: account 1"]);
    let one = listed(&user, "guest-probes").unwrap();
    assert_eq!(one["accounts"], json!([1]));
    let known = user.text(&["plugin", "inspect", "guest-probes"]);
    says(
        &known,
        &["It may", "save its own settings", "with account 1"],
    );
    let look = |id: &str| {
        let id = format!("id={id}");
        let what = ["--param", "what=account", "--param", &id];
        let render = ["widget", "render", "guest-probes"];
        user.json(&[&render[..], &what].concat())["view"].to_string()
    };
    assert!(look("1").contains("A1"));
    assert!(!look("2").contains("A2"));
    user.text(&install);
    assert!(look("2").contains("A2"));
    assert_eq!(
        listed(&user, "guest-probes").unwrap()["accounts"],
        json!("all")
    );
    assert_eq!(
        listed(&user, files::WIDGETS[0]).unwrap()["accounts"],
        json!("all")
    );
    for wrong in ["", "0", "one", "1,2,", "none"] {
        let message = user.misuses(&[&install[..], &["--accounts", wrong]].concat());
        says(&message, &["--accounts", "`all`"]);
    }
}

#[test]
fn a_render_sees_the_accounts_that_were_named_for_it() {
    let user = User::with(&books::of(8));
    let rendered = |more: &[&str]| {
        let render = ["widget", "render", "floating-pl-per-account"];
        user.json(&[&render[..], more].concat())["view"].to_string()
    };
    let (all, one) = (rendered(&[]), rendered(&["--accounts", "1"]));
    assert!(all.contains("A1") && all.contains("A2"), "{all}");
    assert!(one.contains("A1") && !one.contains("A2"), "{one}");
    let file = user.guest("probes");
    let look = ["widget", "render", &file, "--grant", "read:accounts"];
    let of = ["--param", "what=account", "--param", "id=2"];
    let look = [&look[..], &of].concat();
    assert!(user.json(&look)["view"].to_string().contains("A2"));
    let hidden = user.json(&[&look[..], &["--accounts", "1"]].concat());
    assert!(!hidden["view"].to_string().contains("A2"), "{hidden}");
}

#[test]
fn an_expert_of_an_account_that_its_plugin_does_not_see_is_not_run() {
    let mut book = books::of(4);
    book["experts"][1]["plugin"] = json!("guest-settles");
    let user = User::with(&book);
    let file = user.guest("settles");
    user.text(&["plugin", "install", &file, "--grant-all", "--accounts", "1"]);
    let message = user.fails(&["expert", "run", "2"]);
    says(
        &message,
        &["works for account 2", "sees only account 1", "--accounts"],
    );
}

/// Nobody is there to answer, so nobody is asked, and nothing is granted.
#[test]
fn where_nobody_can_answer_nobody_is_asked_and_a_note_says_how_to_grant() {
    let user = User::new();
    let file = user.guest("probes");
    let ran = user.run(&["plugin", "install", &file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    says(&ran.stderr, &["was not granted", "--grant LIST"]);
    assert!(!ran.stderr.contains('?'), "{}", ran.stderr);
    assert_eq!(listed(&user, "guest-probes").unwrap()["granted"], json!([]));
}

fn listed(user: &User, name: &str) -> Option<Json> {
    let plugins = user.json(&["plugin", "list"]);
    rows(&plugins, "plugins")
        .iter()
        .find(|plugin| plugin["name"] == name)
        .cloned()
}

/// The same component with one more custom section: another digest.
fn another(component: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"another";
    let length = u8::try_from(NAME.len()).expect("short");
    let section = [&[0, length + 1, length], NAME].concat();
    [component, &section].concat()
}
