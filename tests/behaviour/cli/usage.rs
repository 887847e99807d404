//! How the command line is used: help, exit codes, where what is printed goes.
//!
//! Owns: what is the same for every command. Must not know: what one does.

use std::process::Stdio;

use super::{Ran, User, books, says};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["import"],
    &["plugin"],
    &["plugin", "install"],
    &["plugin", "list"],
    &["plugin", "inspect"],
    &["plugin", "check"],
    &["plugin", "remove"],
    &["widget", "render"],
    &["expert", "run"],
    &["expert", "list"],
    &["settings", "list"],
    &["settings", "get"],
    &["settings", "set"],
    &["settings", "unset"],
    &["account", "list"],
    &["recommendation", "list"],
    &["replay"],
    &["audit"],
    &["bench"],
    &["serve"],
    &["token", "new"],
    &["token", "list"],
    &["token", "revoke"],
    &["completions"],
];

#[test]
fn every_command_has_help_that_begins_with_what_it_does() {
    let user = User::new();
    for command in COMMANDS {
        let help = user.text(&[command, &["--help"][..]].concat());
        let about = help.lines().next().unwrap();
        assert!(
            about.len() > 10 && !about.starts_with("Usage"),
            "{command:?}: {help}"
        );
        says(
            &help,
            &["Usage: lombard", "--db <URL>", "--json", "--quiet"],
        );
    }
    for command in [
        &[][..],
        &["import"],
        &["plugin", "install"],
        &["widget", "render"],
        &["replay"],
    ] {
        says(&user.text(&[command, &["--help"]].concat()), &["Example"]);
    }
}

#[test]
fn what_is_no_command_is_wrong_usage() {
    let user = User::new();
    for arguments in [
        &["plugni", "list"][..],
        &["plugin"],
        &["import"],
        &["import", "a", "b"],
        &["bench", "--transactions", "0"],
        &["bench", "--renders", "many"],
        &["recommendation", "list", "--limit", "0"],
        &["account", "list", "--colour"],
        &["account", "list", "-q", "-v"],
        &["completions", "tcsh"],
    ] {
        user.misuses(arguments);
    }
}

#[test]
fn an_error_is_json_where_json_was_asked_for_and_goes_to_stderr() {
    let user = User::new();
    let message = user.fails(&["widget", "render", "none", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&message).unwrap();
    says(
        error["error"].as_str().unwrap(),
        &["no plugin `none` is installed"],
    );
    says(error["remedy"].as_str().unwrap(), &["plugin install"]);
}

#[test]
fn results_go_to_stdout_and_the_log_to_stderr() {
    let user = User::with(&books::of(4));
    let list = |more: &[&str]| user.run(&[&["account", "list"], more].concat());
    let (plain, told, quiet) = (list(&[]), list(&["-vv"]), list(&["-q"]));
    assert_eq!(plain.stdout, told.stdout);
    assert_eq!(plain.stdout, quiet.stdout);
    assert_eq!((plain.stderr.as_str(), quiet.stderr.as_str()), ("", ""));
    says(&told.stderr, &["session opened"]);
}

#[test]
fn what_is_not_printed_on_a_terminal_has_no_colours() {
    let user = User::with(&books::of(4));
    for command in [
        &["widget", "render", "balance-usage-per-expert"][..],
        &["account", "list"],
    ] {
        let ran = user.run(&[command, &["-vv"]].concat());
        assert!(
            !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
            "{ran:?}"
        );
    }
}

#[test]
fn without_unicode_in_the_locale_all_that_is_drawn_is_ascii() {
    let user = User::with(&books::with_bars());
    for command in [
        &["widget", "render", "balance-usage-per-expert"][..],
        &["account", "list"],
        &["expert", "run", "--all"],
        &["bench", "--transactions", "1", "--renders", "1"],
        &["demo"],
    ] {
        let output = user.command(command).env("LC_ALL", "C").output().unwrap();
        let ran = Ran::of(output);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.stdout.is_ascii() && !ran.stdout.contains("\\u{"),
            "{command:?}: {ran:?}"
        );
    }
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let user = User::with(&books::with_bars());
    for command in [
        &["--help"][..],
        &["completions", "bash"],
        &["demo"],
        &["widget", "render", "floating-pl-per-expert", "--json"],
        &["expert", "run", "--all", "--json"],
    ] {
        let mut child = user
            .command(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{command:?}: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{command:?}: {ran:?}");
    }
}
