//! Settings to save.
//!
//! Owns: what account 1 can be set to: `n0` to `n9`, whole numbers, and a
//! secret. Must not know: what is expected of a save.

use lombard_accounts::SettingsPatch;
use lombard_model::{Definitions, SettingDefinition, SettingType};
use lombard_store::SettingsOwner;
use serde_json::Value as Json;

use super::account;

/// How many numbers there are.
pub(crate) const KEYS: usize = 10;

pub(crate) fn owner() -> SettingsOwner {
    SettingsOwner::Account(account(1))
}

pub(crate) fn definitions() -> Definitions {
    let number = SettingDefinition::new(SettingType::Int, "");
    let secret = SettingDefinition::new(SettingType::Str, "").secret();
    let mut all: Vec<_> = keys().map(|key| (key, number.clone())).collect();
    all.push(("token".to_owned(), secret));
    Definitions::new(all.into_iter().collect()).expect("sound definitions")
}

/// A save of all the numbers at once.
pub(crate) fn all_at(value: i64) -> SettingsPatch {
    keys().map(|key| (key, Some(Json::from(value)))).collect()
}

fn keys() -> impl Iterator<Item = String> {
    (0..KEYS).map(|at| format!("n{at}"))
}
