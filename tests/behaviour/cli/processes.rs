//! Several processes on one database.
//!
//! Owns: that they do not fail each other. Must not know: how they share it.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use super::{Ran, User, books, rows};
use crate::support::files::WIDGETS;

#[test]
fn imports_at_the_same_time_into_a_new_database_all_succeed() {
    let user = User::new();
    let file = user.write("book.json", books::of(200).to_string());
    let children: Vec<_> = (0..4).map(|_| spawn(&user, &["import", &file])).collect();
    for child in children {
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert_eq!(user.json(&["import", &file])["written"], 0);
}

#[test]
fn a_render_during_an_import_shows_all_of_it_or_nothing() {
    let user = User::with(&books::of(20));
    let total = || {
        let view = user.json(&["widget", "render", WIDGETS[1]])["view"].take();
        let stat = |block: &&serde_json::Value| block["type"] == "stat";
        rows(&view, "blocks").iter().find(stat).unwrap()["value"].to_string()
    };
    let before = total();
    let file = user.write("more.json", books::of(5_000).to_string());
    let mut import = spawn(&user, &["import", &file]);
    let mut seen = BTreeSet::new();
    while import.try_wait().unwrap().is_none() {
        seen.insert(total());
    }
    let ran = Ran::of(import.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let after = total();
    assert_ne!(before, after);
    assert!(!seen.is_empty(), "nothing was rendered meanwhile");
    assert!(
        seen.iter().all(|total| [&before, &after].contains(&total)),
        "{seen:?}"
    );
}

#[test]
fn first_renders_at_the_same_time_share_a_new_cache() {
    let user = User::with(&books::of(4));
    let cache = user.path("cache").display().to_string();
    let render = ["--cache", &cache, "widget", "render", WIDGETS[0], "--json"];
    let children: Vec<_> = (0..3).map(|_| spawn(&user, &render)).collect();
    for child in children {
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

fn spawn(user: &User, arguments: &[&str]) -> Child {
    let mut command = user.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary runs")
}
