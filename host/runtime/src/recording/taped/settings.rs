//! `settings`, listened to.
//!
//! Owns: that a secret which a guest names is not taken down, and that a
//! replayed save is seen by what is read after it. Must not know: tapes.

use serde_json::Value as Json;

use super::{Asked, Taped, json, taped};
use crate::bindings::settings::{Entry, Host, Value};
use crate::capabilities::SettingsFault;

type Answer<T> = Result<T, SettingsFault>;

impl Taped<'_> {
    /// Entries as they may be taken down. No guest is ever given a secret, but
    /// it may name one, and make up a value.
    fn shown(&self, entries: &[Entry]) -> Json {
        let definitions = &self.0.setup.plugin.definitions;
        let shown = entries.iter().map(|entry| {
            match definitions.get(&entry.key).is_ok_and(|one| one.secret) {
                true => serde_json::json!({ "key": entry.key }),
                false => json(entry),
            }
        });
        shown.collect()
    }
}

impl Host for Taped<'_> {
    fn get(&mut self, key: String) -> Answer<Option<Value>> {
        let asked = Asked::of("settings.get", [("key", json(&key))]);
        self.own(asked, |state| state.get(key))
    }

    fn all(&mut self) -> Answer<Vec<Entry>> {
        let asked = Asked::of("settings.all", []);
        self.own(asked, Host::all)
    }

    async fn get_account(&mut self, key: String) -> Answer<Option<Value>> {
        taped!(self.get_account(; key) as "settings.get-account")
    }

    async fn save(&mut self, patch: Vec<Entry>) -> Answer<()> {
        let asked = Asked::of("settings.save", [("patch", self.shown(&patch))]);
        match self.recorded("settings.save", &asked)? {
            Some(answer) => answer.and_then(|()| self.0.has_stored(patch, false)),
            None => {
                let answer = self.0.save(patch).await;
                self.take(asked, answer)
            }
        }
    }

    async fn replace(&mut self, entries: Vec<Entry>) -> Answer<()> {
        let asked = Asked::of("settings.replace", [("entries", self.shown(&entries))]);
        match self.recorded("settings.replace", &asked)? {
            Some(answer) => answer.and_then(|()| self.0.has_stored(entries, true)),
            None => {
                let answer = self.0.replace(entries).await;
                self.take(asked, answer)
            }
        }
    }
}
