//! Invariant 7, the hard way: a process that saves many settings at once is
//! killed in the middle of it, and all of them are saved or none.
//!
//! Owns: killing. What a save that fails leaves stands in `atomic`, whole hosts
//! that are killed amid all they do in `hosts`.
//!
//! The process that is killed is this test binary: it runs [`saver`] alone,
//! with a variable that names the database.

mod clients;
mod found;
mod hosts;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lombard_accounts::{Accounts, AccountsOptions};
use lombard_store::{Location, Purpose, Store, StoreOptions};
use serde_json::Value as Json;

use crate::support::account;
use crate::support::books::Book;
use crate::support::settings::{KEYS, all_at, definitions, owner};

/// Names the database to the process that saves.
const DATABASE: &str = "LOMBARD_TEST_SAVER";

/// How often a process is killed.
const ROUNDS: u64 = 200;

async fn open(database: &Path) -> (Store, Accounts) {
    let options = StoreOptions {
        watch_every: None,
        ..StoreOptions::default()
    };
    let location = Location::file(database.to_owned());
    let store = Store::open(&location, &options).await.expect("a store");
    let accounts = Accounts::new(store.clone(), &AccountsOptions::default());
    (store, accounts)
}

/// The value that all the settings have; 0 where none was saved.
async fn value(store: &Store, accounts: &Accounts) -> i64 {
    let mut session = store.session(Purpose::host("look"));
    let loaded = accounts.account(account(1), &mut session).await;
    let state = loaded.expect("the account").state;
    let saved = state.settings.saved();
    let values: BTreeSet<_> = saved.values().filter_map(Json::as_i64).collect();
    assert!(values.len() <= 1, "half of a save: {saved:?}");
    assert!(saved.is_empty() || saved.len() == KEYS, "half of a save");
    assert_eq!(
        session.faults().await.expect("it reads"),
        Vec::<String>::new()
    );
    session.end();
    values.first().copied().unwrap_or(0)
}

/// Saves one value after the other until it is killed, and says before and
/// after each. As a test of its own it does nothing.
#[tokio::test]
async fn saver() {
    let Some(database) = std::env::var_os(DATABASE) else {
        return;
    };
    let (store, accounts) = open(Path::new(&database)).await;
    let definitions = definitions();
    let tell = |what: &str, value: i64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{what} {value}").and_then(|()| out.flush())
    };
    let mut value = value(&store, &accounts).await;
    loop {
        value += 1;
        // Whoever listened has gone: so must this.
        if tell("saving", value).is_err() {
            return;
        }
        let saved = accounts
            .save_settings(owner(), &definitions, all_at(value))
            .await;
        saved.expect("it saves");
        if tell("saved", value).is_err() {
            return;
        }
    }
}

/// Killed and waited for, however the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have gone by itself, which the test notices elsewhere.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets a process save, kills it after some saves and some microseconds, and
/// gives the last value it had begun to save and the last it had saved.
fn kill_one(database: &Path, saves: u64, micros: u64) -> (i64, i64) {
    let this = std::env::current_exe().expect("this binary");
    let child = Command::new(this)
        .args(["--exact", "kills::saver", "--nocapture"])
        .env(DATABASE, database)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut killed = Killed(child.expect("it starts"));
    let told = killed.0.stdout.take().expect("its output");
    let (mut saving, mut saved, mut seen) = (0, 0, 0);
    let mut lines = BufReader::new(told).lines();
    let mut read = |line: &str, saving: &mut i64, saved: &mut i64| {
        let number = |text: &str| text.parse().expect("a number");
        match line.trim().rsplit_once(' ') {
            // The test runner may have begun the line.
            Some((what, value)) if what.ends_with("saving") => *saving = number(value),
            Some((what, value)) if what.ends_with("saved") => {
                *saved = number(value);
                seen += 1;
            }
            _ => {}
        }
        seen
    };
    while let Some(Ok(line)) = lines.next() {
        if read(&line, &mut saving, &mut saved) >= saves && line.contains("saving") {
            break;
        }
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
    killed.0.kill().expect("it was running");
    // What it had said by then.
    while let Some(Ok(line)) = lines.next() {
        read(&line, &mut saving, &mut saved);
    }
    (saving, saved)
}

#[tokio::test]
async fn a_killed_process_has_saved_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("book.sqlite");
    let (store, _) = open(&database).await;
    store.import(Book::of(5).dataset()).await.unwrap();
    store.close().await;
    let (mut last, mut amid, mut all, mut none) = (0, 0, 0, 0);
    for round in 0..ROUNDS {
        // Some at once, some late: 0 to 3 ms, in an order that is not one.
        let micros = (round * 7_919) % 3_000;
        let (saving, saved) = kill_one(&database, round % 4, micros);
        let (store, accounts) = open(&database).await;
        let found = value(&store, &accounts).await;
        store.close().await;
        assert!(saving > last, "it saved nothing: {saving} after {last}");
        let saved = saved.max(last);
        assert!(
            found == saved || found == saving,
            "{found} was found after {saved} was saved and {saving} begun"
        );
        if saving > saved {
            amid += 1;
            match found == saving {
                true => all += 1,
                false => none += 1,
            }
        }
        last = found;
    }
    println!("{ROUNDS} killed, {amid} amid a save: {all} had saved all, {none} none; {last} saves");
    assert!(amid >= ROUNDS / 10, "only {amid} were killed amid a save");
    assert!(last > 0);
}
