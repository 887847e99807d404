//! Versions of a plugin: what another one changes, the way back, the lock.
//!
//! Owns: what an operator sees of it, in a database and through a host. Must
//! not know: how binaries are kept.

use serde_json::{Value as Json, json};

use super::serving::Serving;
use super::{User, books, rows, says};
use crate::support::{files, wat};

/// Two versions of one widget, in files.
fn versions(user: &User) -> (String, String) {
    let one = |version, more: &str| {
        let manifest = format!(
            "name = \"made-up\"\nversion = \"{version}\"\nkind = \"widget\"\napi = \"0.1.0\"\n{more}"
        );
        let bytes = wat::titled_with(version, &manifest);
        user.write(&format!("{version}.wasm"), bytes)
    };
    let first = one(
        "0.1.0",
        "grants = [\"read:orders\"]\n[settings.top]\ntype = \"int\"\ndefault = 3\n",
    );
    let second = one(
        "0.2.0",
        "grants = [\"read:orders\", \"read:prices\"]\n[settings.most]\ntype = \"int\"\ndefault = 3\n",
    );
    (first, second)
}

fn install(user: &User, file: &str) -> Json {
    user.json(&["plugin", "install", file, "--grant", "read:orders"])
}

fn title(user: &User) -> Json {
    user.json(&["widget", "render", "made-up"])["view"]["title"].take()
}

#[test]
fn another_version_tells_what_it_changes_and_can_be_gone_back_from() {
    let user = User::with(&books::of(4));
    let (first, second) = versions(&user);
    assert_eq!(install(&user, &first)["upgrade"], Json::Null);
    let upgrade = install(&user, &second)["upgrade"].take();
    assert_eq!(upgrade["from"], "0.1.0");
    assert_eq!(
        upgrade["changes"],
        json!([
            "asks also for read:prices: read current prices",
            "has a new setting `most`",
            "has no setting `top` any more; what was saved of it stays",
        ])
    );
    assert_eq!(title(&user), "0.2.0");
    let back = user.json(&["plugin", "rollback", "made-up"]);
    assert_eq!(back["rolled_back"]["version"], "0.1.0");
    assert_eq!(title(&user), "0.1.0");
    let words = user.text(&["plugin", "install", &second, "--grant", "read:orders"]);
    says(
        &words,
        &[
            "in place of 0.1.0",
            "has a new setting `most`",
            "plugin rollback",
        ],
    );
    let told = user.fails(&["plugin", "rollback", "floating-pl-per-expert"]);
    says(&told, &["floating-pl-per-expert", "plugin list"]);
}

#[test]
fn a_host_that_runs_is_upgraded_and_rolled_back_the_same() {
    let user = User::with(&books::of(4));
    let (first, second) = versions(&user);
    let _serving = Serving::begin(&user);
    install(&user, &first);
    assert_eq!(title(&user), "0.1.0");
    let upgrade = install(&user, &second)["upgrade"].take();
    assert_eq!(rows(&upgrade, "changes").len(), 3, "{upgrade}");
    assert_eq!(title(&user), "0.2.0");
    let back = user.json(&["plugin", "rollback", "made-up"]);
    assert_eq!(back["rolled_back"]["version"], "0.1.0");
    assert_eq!(title(&user), "0.1.0");
    let told = user.fails(&["plugin", "rollback", "nobody"]);
    says(&told, &["nobody"]);
}

#[test]
fn what_is_pinned_is_installed_and_nothing_else() {
    let user = User::new();
    let (first, second) = versions(&user);
    let digest = install(&user, &first)["installed"]["digest"].take();
    let lock = user.text(&["plugin", "lock"]);
    says(
        &lock,
        &["[[plugin]]", "name = \"made-up\"", "version = \"0.1.0\""],
    );
    let lock = user.write("lombard.lock", lock);
    user.text(&["plugin", "lock", "--check", &lock]);
    user.json(&["plugin", "install", &first, "--lock", &lock]);
    user.json(&[
        "plugin",
        "install",
        &first,
        "--digest",
        digest.as_str().unwrap(),
    ]);

    let told = user.fails(&["plugin", "install", &second, "--lock", &lock]);
    says(
        &told,
        &[
            "made-up 0.1.0 is pinned to",
            digest.as_str().unwrap(),
            "plugin lock",
        ],
    );
    let told = user.fails(&[
        "plugin",
        "install",
        &second,
        "--digest",
        digest.as_str().unwrap(),
    ]);
    says(&told, &["and not", digest.as_str().unwrap()]);
    let listed = user.json(&["plugin", "list"]);
    let mut listed = rows(&listed, "plugins").iter();
    let listed = listed.find(|one| one["name"] == "made-up").unwrap();
    assert_eq!(listed["digest"], digest, "nothing was installed");

    install(&user, &second);
    let told = user.fails(&["plugin", "lock", "--check", &lock]);
    says(&told, &["made-up 0.1.0 is not installed so"]);
    for bad in [
        "[[plugin]]\nname = \"A\"",
        "plugin = 3",
        "\u{0}",
        "more = 1",
    ] {
        let bad = user.write("bad.lock", bad);
        says(
            &user.fails(&["plugin", "lock", "--check", &bad]),
            &["bad.lock"],
        );
    }
    says(
        &user.fails(&["plugin", "lock", "--check", "none.lock"]),
        &["none.lock", "path"],
    );
    user.misuses(&["plugin", "install", &first, "--digest", "sha256:12"]);
}

#[test]
fn what_was_saved_under_a_key_that_is_gone_is_there_when_it_comes_back() {
    let user = User::with(&books::with_bars());
    let days = || user.json(&["settings", "get", "expert/1", "fast_days"])["value"].take();
    user.json(&["settings", "set", "expert/1", "fast_days", "9"]);
    let expert = files::plugin("moving-average-cross");
    let file = user.write("expert.wasm", &expert);
    user.json(&["plugin", "install", &file, "--grant-all"]);
    assert_eq!(days(), 9);
    let other = wat::with_other_manifest(expert, |text| text.replace("fast_days", "quick_days"));
    let other = user.write("other.wasm", other);
    let upgrade = user.json(&["plugin", "install", &other, "--grant-all"])["upgrade"].take();
    let changes = upgrade["changes"].to_string();
    says(
        &changes,
        &["new setting `quick_days`", "no setting `fast_days`"],
    );
    says(
        &user.fails(&["settings", "get", "expert/1", "fast_days"]),
        &["fast_days", "quick_days"],
    );
    user.json(&["plugin", "rollback", "moving-average-cross"]);
    assert_eq!(days(), 9);
}

/// The expert of averages, in files of two versions.
fn expert_versions(user: &User) -> (String, String) {
    let one = |version: &str| {
        let bytes = files::plugin("moving-average-cross");
        let bytes = wat::with_other_manifest(bytes, |text| text.replacen("0.1.0", version, 1));
        user.write(&format!("averages-{version}.wasm"), bytes)
    };
    (one("0.2.0"), one("0.3.0"))
}

#[test]
fn an_expert_stays_with_its_version_in_a_database_and_at_a_host() {
    let user = User::with(&books::with_bars());
    let (second, third) = expert_versions(&user);
    let pinned = || user.json(&["expert", "list"])["experts"][0]["pinned"].take();
    assert_eq!(pinned(), Json::Null);
    // What comes with the host can be stayed with before another is installed.
    let done = user.json(&["expert", "pin", "1"]);
    assert_eq!(
        (&done["expert"], &done["pinned"]["version"]),
        (&json!(1), &json!("0.1.0"))
    );
    for file in [&second, &third] {
        user.json(&["plugin", "install", file, "--grant-all"]);
    }
    assert_eq!(pinned()["version"], "0.1.0");
    says(&user.text(&["expert", "list"]), &["0.1.0 (pinned)"]);
    user.json(&["expert", "run", "1"]);

    let serving = Serving::begin(&user);
    assert_eq!(pinned()["version"], "0.1.0");
    says(
        &user.text(&["expert", "pin", "1", "0.2.0"]),
        &["stays with 0.2.0", "sha256:"],
    );
    assert_eq!(pinned()["version"], "0.2.0");
    user.json(&["expert", "run", "1"]);
    for words in [
        user.fails(&["expert", "pin", "1", "9.9.9"]),
        user.fails(&["expert", "pin", "1", "\u{1b}[2J"]),
    ] {
        says(&words, &["no version", "0.1.0 (", "0.2.0 (", "0.3.0 ("]);
        assert!(!words.contains('\u{1b}'), "{words}");
    }
    says(&user.fails(&["expert", "pin", "99"]), &["no expert 99"]);
    says(
        &user.text(&["expert", "unpin", "1"]),
        &["goes with what is installed"],
    );
    assert_eq!(pinned(), Json::Null);
    drop(serving);
    says(
        &user.fails(&["expert", "pin", "1", "0.9.0"]),
        &["0.1.0 (", "the beginning of its digest"],
    );
    user.misuses(&["expert", "pin", "0"]);
    user.misuses(&["expert", "unpin"]);
}

#[test]
fn settings_of_an_earlier_version_are_kept_until_they_are_purged() {
    let user = User::with(&books::with_bars());
    let bytes = files::plugin("moving-average-cross");
    let without = wat::with_other_manifest(bytes, |text| {
        let text = text.replacen("0.1.0", "0.2.0", 1);
        let (before, rest) = text.split_once("[settings.fresh_days]").expect("a setting");
        let after = rest.split_once("\n[").map_or("", |(_, after)| after);
        match after {
            "" => before.to_owned(),
            after => format!("{before}[{after}"),
        }
    });
    let without = user.write("without.wasm", without);
    let list = || user.json(&["settings", "list", "expert/1"]);
    user.text(&["settings", "set", "expert/1", "fresh_days", "7"]);
    user.text(&["settings", "set", "expert/1", "fast_days", "10"]);
    assert_eq!(list()["undeclared"], json!([]));
    user.text(&["plugin", "install", &without, "--grant-all"]);
    assert_eq!(list()["undeclared"], json!(["fresh_days"]));
    says(
        &user.text(&["settings", "list", "expert/1"]),
        &["lombard settings purge", "fresh_days"],
    );
    // The way back finds it as it was.
    user.text(&["plugin", "remove", "moving-average-cross"]);
    let value = || user.text(&["settings", "get", "expert/1", "fresh_days"]);
    assert_eq!(value().trim(), "7");
    assert_eq!(
        user.json(&["settings", "purge", "expert/1"])["purged"],
        json!([])
    );

    user.text(&["plugin", "install", &without, "--grant-all"]);
    let serving = Serving::begin(&user);
    assert_eq!(list()["undeclared"], json!(["fresh_days"]));
    let done = user.json(&["settings", "purge", "expert/1"]);
    assert_eq!(done["purged"], json!(["fresh_days"]));
    assert_eq!(list()["undeclared"], json!([]));
    says(
        &user.text(&["settings", "purge", "expert/1"]),
        &["nothing is kept"],
    );
    drop(serving);
    user.text(&["plugin", "remove", "moving-average-cross"]);
    assert_eq!(value().trim(), "5");
    assert_eq!(
        user.text(&["settings", "get", "expert/1", "fast_days"])
            .trim(),
        "10"
    );
    // Without its plugin nobody knows what an expert declares.
    says(
        &user.fails(&["settings", "purge", "expert/3"]),
        &["not-there", "plugin install"],
    );
    says(&user.fails(&["settings", "purge", "expert/99"]), &["99"]);
    user.misuses(&["settings", "purge", "widget/1"]);
}
