//! What another version of a plugin changes for who operates it.
//!
//! Owns: the differences of two versions in words: grants, settings, contract,
//! functions of the host. Must not know: where either comes from.

use serde_json::{Map, Value as Json};

use super::About;

/// What is other in the one that comes, a line each; nothing where all an
/// operator decides on is the same.
pub(super) fn changes(before: &About, after: &About) -> Vec<String> {
    let mut changes = Vec::new();
    let mut tell = |words: String| changes.push(words);
    if before.api != after.api {
        tell(format!(
            "built for lombard:platform {}, before for {}",
            after.api, before.api
        ));
    }
    for grant in after.asks_for.without(&before.asks_for).iter() {
        tell(format!("asks also for {grant}: {}", grant.words()));
    }
    for grant in before.asks_for.without(&after.asks_for).iter() {
        tell(format!("asks no longer for {grant}"));
    }
    for import in after
        .imports
        .iter()
        .filter(|one| !before.imports.contains(one))
    {
        tell(format!("imports also {import}"));
    }
    for import in before
        .imports
        .iter()
        .filter(|one| !after.imports.contains(one))
    {
        tell(format!("imports no longer {import}"));
    }
    changes.extend(settings(&before.settings, &after.settings));
    changes
}

fn settings(before: &Json, after: &Json) -> Vec<String> {
    let none = Map::new();
    let before = before.as_object().unwrap_or(&none);
    let after = after.as_object().unwrap_or(&none);
    let mut changes = Vec::new();
    for (key, definition) in after {
        match before.get(key) {
            None => changes.push(format!("has a new setting `{key}`")),
            Some(was) if was == definition => {}
            Some(was) => changes.push(format!("setting `{key}`: {}", fields(was, definition))),
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        changes.push(format!(
            "has no setting `{key}` any more; what was saved of it stays"
        ));
    }
    changes
}

/// What of a definition is other.
fn fields(was: &Json, is: &Json) -> String {
    let none = Map::new();
    let (was, is) = (
        was.as_object().unwrap_or(&none),
        is.as_object().unwrap_or(&none),
    );
    let mut names: Vec<_> = was.keys().chain(is.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let shown = |value: Option<&Json>| value.map_or_else(|| "none".to_owned(), Json::to_string);
    let other = names
        .into_iter()
        .filter(|name| was.get(*name) != is.get(*name));
    let other = other.map(|name| {
        format!(
            "{name} was {} and is {}",
            shown(was.get(name)),
            shown(is.get(name))
        )
    });
    other.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use lombard_model::PluginKind;
    use serde_json::json;

    use super::*;

    fn about(grants: &str, settings: Json) -> About {
        About {
            name: "a".to_owned(),
            version: "0.1.0".to_owned(),
            kind: PluginKind::Expert,
            symbols: None,
            api: "0.1.0".to_owned(),
            description: String::new(),
            digest: String::new(),
            bytes: 0,
            imports: vec![],
            asks_for: grants.parse().unwrap(),
            granted: None,
            accounts: None,
            settings,
        }
    }

    #[test]
    fn all_that_an_operator_decides_on_is_compared() {
        let before = about(
            "read:bars,read:orders",
            json!({ "days": { "type": "int", "default": 3 }, "old": { "type": "str" } }),
        );
        let mut after = about(
            "read:bars,read:prices",
            json!({ "days": { "type": "int", "default": 5 }, "new": { "type": "str" } }),
        );
        after.api = "0.1.1".to_owned();
        after.imports = vec!["lombard:platform/log@0.1.0".to_owned()];
        assert_eq!(
            changes(&before, &after),
            [
                "built for lombard:platform 0.1.1, before for 0.1.0",
                "asks also for read:prices: read current prices",
                "asks no longer for read:orders",
                "imports also lombard:platform/log@0.1.0",
                "setting `days`: default was 3 and is 5",
                "has a new setting `new`",
                "has no setting `old` any more; what was saved of it stays",
            ]
        );
        assert!(changes(&before, &before).is_empty());
    }
}
