//! Which database a command works on.
//!
//! Owns: the forms of `--db`, and that a password in one is told to nobody.
//! Must not know: what is in a database.

use std::fs;

use super::{Ran, User, books, rows, says};

#[test]
fn a_database_is_named_by_path_or_by_url_and_made_where_there_is_none() {
    let user = User::new();
    let file = user.write("a.json", books::of(4).to_string());
    for name in ["path.sqlite", "sqlite:short.sqlite", "sqlite://long.sqlite"] {
        user.text(&["--db", name, "import", &file]);
        let made = name.trim_start_matches("sqlite:").trim_start_matches("//");
        assert!(user.path(made).exists(), "no {made}");
        let accounts = user.json(&["account", "list", "--db", name]);
        assert_eq!(rows(&accounts, "accounts").len(), 2);
    }
    assert!(!user.database().exists(), "--db goes before LOMBARD_DB");
}

#[test]
fn a_database_grows_no_further_than_it_may() {
    let user = User::new();
    let file = user.write("a.json", books::of(2_000).to_string());
    let refused = user.fails(&["--db-limit", "1000", "import", &file]);
    says(
        &refused,
        &["no room for the database to grow", "remedy", "--db-limit"],
    );
    let accounts = user.json(&["account", "list"]);
    assert_eq!(rows(&accounts, "accounts").len(), 0, "all or nothing");
    user.text(&["--db-limit", "100000000", "import", &file]);
    // What is there is read, and what needs no room is written.
    user.text(&[
        "--db-limit",
        "1000",
        "settings",
        "set",
        "expert/1",
        "min_confidence",
        "7",
    ]);
    user.misuses(&["--db-limit", "0", "account", "list"]);
}

#[test]
fn without_a_word_it_is_in_the_data_folder_of_the_user() {
    let user = User::new();
    let output = user
        .command(&["account", "list"])
        .env_remove("LOMBARD_DB")
        .env("XDG_DATA_HOME", user.path("data"))
        .output();
    assert_eq!(
        Ran::of(output.unwrap())
            .done(&["account", "list"])
            .lines()
            .count(),
        3
    );
    assert!(!user.database().exists());
}

#[test]
fn a_url_that_will_not_do_is_wrong_usage_and_its_password_is_not_told() {
    let user = User::new();
    for url in [
        "postgres://user:hunter2@host/db",
        "postgres://host/db?user=u&password=hunter2",
        "mysql://user:p@hunter2@host/db",
        "sqlite://a.sqlite?key=hunter2",
    ] {
        for arguments in [
            &["--db", url, "account", "list"][..],
            &["demo", "--db", url],
        ] {
            let message = user.misuses(arguments);
            says(&message, &["--db", "file"]);
            assert!(!message.contains("hunter2"), "{message}");
        }
        for arguments in [
            &["account", "list"][..],
            &["--help"],
            &["--json", "import", "a"],
        ] {
            let output = user.command(arguments).env("LOMBARD_DB", url).output();
            let ran = Ran::of(output.unwrap());
            let told = ran.stdout.contains("hunter2") || ran.stderr.contains("hunter2");
            assert!(!told, "{ran:?}");
        }
    }
    for url in ["", "sqlite:", "sqlite::memory:"] {
        user.misuses(&["--db", url, "account", "list"]);
    }
}

#[test]
fn what_is_no_database_of_lombards_fails_and_is_left_as_it_is() {
    let user = User::new();
    let text = user.write("notes.txt", "buy low, sell high\n".repeat(1_000));
    let folder = user.path("").display().to_string();
    let nowhere = user.path("no/such/folder/a.sqlite").display().to_string();
    for database in [&text, &folder, &nowhere] {
        let message = user.fails(&["--db", database, "account", "list"]);
        says(&message, &["the database", database, "remedy: ", "--db"]);
    }
    assert_eq!(fs::read_to_string(&text).unwrap().lines().count(), 1_000);
}

#[test]
fn a_folder_for_compiled_plugins_that_will_not_do_is_named() {
    let user = User::new();
    let file = user.write("file", "");
    let message = user.fails(&["--cache", &file, "account", "list"]);
    says(
        &message,
        &[&file, "remedy: name another folder with --cache"],
    );
}
