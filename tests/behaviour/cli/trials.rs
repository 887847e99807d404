//! `lombard plugin run` on a database: an author's trial on real data.
//!
//! Owns: that it is a copy that is called on, whatever the plugin does, and what
//! is told where there is nothing to call. Must not know: any plugin.

use std::fs;

use serde_json::{Value as Json, json};

use super::serving::Serving;
use super::{User, books, rows, says};
use crate::support::files;
use crate::support::wat::with_other_manifest;

/// Somebody with a database, and a plugin in a file.
struct Trial {
    user: User,
    plugin: String,
}

impl Trial {
    fn of(document: &Json, plugin: &[u8]) -> Self {
        let user = User::with(document);
        let plugin = user.write("mine.wasm", plugin);
        Self { user, plugin }
    }

    fn arguments<'a>(&'a self, database: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let run = ["plugin", "run", &self.plugin, "--db", database];
        [&run[..], more].concat()
    }

    /// Calls it on the database, of which nothing may change by that.
    fn run(&self, more: &[&str]) -> Json {
        let before = self.database();
        let ran = self.user.json(&self.arguments("book.sqlite", more));
        assert!(self.database() == before, "the database has changed");
        ran
    }

    /// What it holds, and whether there is anything beside it.
    fn database(&self) -> (Vec<u8>, bool) {
        let file = self.user.database();
        let log = file.with_extension("sqlite-wal").exists();
        (fs::read(file).expect("a database"), log)
    }

    fn fails(&self, database: &str, more: &[&str], words: &[&str]) {
        let told = self.user.fails(&self.arguments(database, more));
        says(&told, words);
        says(&told, &["remedy: "]);
    }
}

#[test]
fn a_widget_shows_what_the_database_holds() {
    let widget = files::plugin("floating-pl-per-expert");
    let trial = Trial::of(&books::of(20), &widget);
    let ran = trial.run(&[]);
    assert!(ran["cost"]["statements"].as_u64() > Some(0), "{ran}");
    assert_eq!(ran["cost"]["sessions"], 1);
    // Only a database that is written is asked for: LOMBARD_DB names this one.
    let on_demo = trial.user.json(&["plugin", "run", &trial.plugin]);
    assert_ne!(on_demo["view"], ran["view"]);
    let narrow = trial.run(&["--grant", "none"]);
    says(&narrow["error"].to_string(), &["read:"]);
    let user = &trial.user;
    let rendered = user.json(&["widget", "render", &trial.plugin, "--grant-all"]);
    assert_eq!(rendered["view"], ran["view"]);
}

#[test]
fn an_expert_recommends_and_nothing_of_it_is_stored() {
    let expert = files::plugin("moving-average-cross");
    let trial = Trial::of(&books::with_bars(), &expert);
    let ran = trial.run(&["--symbol", "UP"]);
    assert_eq!(ran["symbols"], json!(["UP"]));
    assert_eq!(rows(&ran, "recommendations").len(), 1);
    // A setting of this call is saved in the copy, and nowhere else.
    let other = trial.run(&["--expert", "1", "--param", "enabled_instruments=DOWN"]);
    assert_eq!(other["symbols"], json!(["DOWN"]));
    let listed = trial.user.json(&["recommendation", "list"]);
    assert_eq!(rows(&listed, "recommendations").len(), 0);
}

#[test]
fn an_instance_that_stays_with_a_version_tries_this_one() {
    let expert = files::plugin("moving-average-cross");
    let ungranted = with_other_manifest(expert, |text| {
        text.replace("grants = [\"read:bars\"]", "grants = []")
    });
    let trial = Trial::of(&books::with_bars(), &ungranted);
    trial.user.text(&["expert", "pin", "1"]);
    let ran = trial.run(&["--expert", "1", "--symbol", "UP"]);
    says(&ran["error"].to_string(), &["read:bars"]);
}

#[test]
fn what_an_expert_saves_it_saves_in_the_copy() {
    let trial = Trial::of(&books::with_bars(), &files::guest("settles"));
    let saved = trial.run(&["--symbol", "UP", "--param", "step=save"]);
    assert_eq!(rows(&saved, "recommendations").len(), 1, "{saved}");
}

#[test]
fn an_expert_without_an_instance_has_one_made_up() {
    let trial = Trial::of(&books::with_bars(), &files::guest("picks"));
    assert_eq!(trial.run(&[])["symbols"], json!(["UP"]));
    let none = ["name none", "made up"];
    trial.fails("book.sqlite", &["--expert", "9"], &none);
}

#[test]
fn a_host_may_have_the_database_open() {
    let widget = files::plugin("floating-pl-per-expert");
    let trial = Trial::of(&books::of(4), &widget);
    let serving = Serving::begin(&trial.user);
    let ran = trial.user.json(&trial.arguments("book.sqlite", &[]));
    assert!(ran["view"].is_object(), "{ran}");
    drop(serving);
}

#[test]
fn what_can_t_be_called_on_is_told_with_what_can() {
    let expert = files::plugin("moving-average-cross");
    let trial = Trial::of(&books::with_bars(), &expert);
    let ours = "name an instance of `moving-average-cross` (1, 4)";
    let there_is_none = ["there is no expert 9", ours];
    trial.fails("book.sqlite", &["--expert", "9"], &there_is_none);
    let of_another = [
        "expert 2 is an instance of `rsi-mean-reversion`, and not of `moving-average-cross`",
        ours,
    ];
    trial.fails("book.sqlite", &["--expert", "2"], &of_another);
    let missing = ["the database none.sqlite can't be opened", "check the path"];
    trial.fails("none.sqlite", &[], &missing);
    assert!(!trial.user.path("none.sqlite").exists());
    trial.user.write("words.txt", "no database ".repeat(400));
    trial.fails(
        "words.txt",
        &[],
        &["the database words.txt can't be opened", "--db"],
    );
    let both = trial.arguments("book.sqlite", &["--dataset", "book.json"]);
    says(&trial.user.misuses(&both), &["--dataset and --db"]);
}
