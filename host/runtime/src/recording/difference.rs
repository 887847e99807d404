//! Where two outcomes differ.
//!
//! Owns: laying them side by side so that a reader sees what changed: a
//! recommendation beside the one about the same symbol, a row beside the one
//! with the same id, a block beside the one at its place. Must not know: who
//! reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::Outcome;

/// The differences that are kept; further ones are counted.
const MOST: usize = 1_000;

/// One place where two outcomes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `recommendations[AAPL].confidence` or
    /// `view.blocks[0].rows[1].pl`: symbols and ids name what has one, places
    /// from 0 what has none. `result` where the two have nothing in common.
    pub at: String,
    /// What the recording has there, if anything.
    pub recorded: Option<Json>,
    /// What the replay gave there, if anything.
    pub replayed: Option<Json>,
}

/// The places where they differ, and how many more there are.
pub(super) fn between(recorded: &Outcome, replayed: &Outcome) -> (Vec<Difference>, u64) {
    let mut comparing = Comparing::default();
    comparing.values("", &recorded.to_json(), &replayed.to_json());
    (comparing.found, comparing.further)
}

#[derive(Default)]
struct Comparing {
    found: Vec<Difference>,
    further: u64,
}

impl Comparing {
    fn values(&mut self, at: &str, recorded: &Json, replayed: &Json) {
        if recorded == replayed {
            return;
        }
        match (recorded, replayed) {
            (Json::Object(one), Json::Object(other)) if is_comparable(one, other) => {
                self.objects(at, one, other);
            }
            (Json::Array(one), Json::Array(other)) => self.lists(at, one, other),
            _ => self.differ(at, Some(recorded), Some(replayed)),
        }
    }

    fn objects(&mut self, at: &str, recorded: &Map<String, Json>, replayed: &Map<String, Json>) {
        let keys: BTreeSet<_> = recorded.keys().chain(replayed.keys()).collect();
        for key in keys {
            let at = match at {
                "" => key.clone(),
                at => format!("{at}.{key}"),
            };
            self.either(&at, recorded.get(key), replayed.get(key));
        }
    }

    fn lists(&mut self, at: &str, recorded: &[Json], replayed: &[Json]) {
        let Some((mut old, new)) = named(recorded).zip(named(replayed)) else {
            for place in 0..recorded.len().max(replayed.len()) {
                let at = format!("{at}[{place}]");
                self.either(&at, recorded.get(place), replayed.get(place));
            }
            return;
        };
        let order = |of: &Names<'_>| {
            let both = |name: &&String| old.by_name.contains_key(*name);
            let names = of.order.iter().filter(both);
            names
                .filter(|name| new.by_name.contains_key(*name))
                .cloned()
                .collect::<Vec<_>>()
        };
        let (was, is) = (order(&old), order(&new));
        for name in &new.order {
            let at = format!("{at}[{name}]");
            self.either(
                &at,
                old.by_name.remove(name),
                new.by_name.get(name).copied(),
            );
        }
        for name in &old.order {
            if let Some(gone) = old.by_name.get(name) {
                self.differ(&format!("{at}[{name}]"), Some(gone), None);
            }
        }
        if was != is {
            let (was, is) = (Json::from(was), Json::from(is));
            self.differ(&format!("{at}.order"), Some(&was), Some(&is));
        }
    }

    fn either(&mut self, at: &str, recorded: Option<&Json>, replayed: Option<&Json>) {
        match (recorded, replayed) {
            (Some(recorded), Some(replayed)) => self.values(at, recorded, replayed),
            (recorded, replayed) => self.differ(at, recorded, replayed),
        }
    }

    fn differ(&mut self, at: &str, recorded: Option<&Json>, replayed: Option<&Json>) {
        if self.found.len() == MOST {
            self.further += 1;
            return;
        }
        self.found.push(Difference {
            at: if at.is_empty() { "result" } else { at }.to_owned(),
            recorded: recorded.cloned(),
            replayed: replayed.cloned(),
        });
    }
}

/// Blocks of different types, or a result and an error, have nothing in common.
fn is_comparable(recorded: &Map<String, Json>, replayed: &Map<String, Json>) -> bool {
    let shared = |key: &String| replayed.contains_key(key);
    recorded.get("type") == replayed.get("type") && recorded.keys().any(shared)
}

/// The items of a list by what names each.
struct Names<'a> {
    order: Vec<String>,
    by_name: BTreeMap<String, &'a Json>,
}

/// None where something has no name, or two have the same.
fn named(list: &[Json]) -> Option<Names<'_>> {
    let name = |item: &Json| match (item.get("symbol"), item.get("id"), item.get("key")) {
        (Some(Json::String(symbol)), ..) => Some(symbol.clone()),
        (_, Some(Json::Number(id)), _) => Some(id.to_string()),
        // A stat among blocks is found by its key, but not the other blocks.
        (_, _, Some(Json::String(key))) => Some(key.clone()),
        _ => None,
    };
    let order: Vec<_> = list.iter().map(name).collect::<Option<_>>()?;
    let by_name: BTreeMap<_, _> = order.iter().cloned().zip(list).collect();
    (by_name.len() == order.len()).then_some(Names { order, by_name })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(recorded: &Json, replayed: &Json) -> Vec<(String, Option<Json>, Option<Json>)> {
        let mut comparing = Comparing::default();
        comparing.values("", recorded, replayed);
        assert_eq!(comparing.further, 0);
        let found = comparing.found.into_iter();
        found
            .map(|one| (one.at, one.recorded, one.replayed))
            .collect()
    }

    #[test]
    fn recommendations_stand_beside_those_of_their_symbol() {
        let recorded = json!({"recommendations": [
            {"symbol": "A", "confidence": "1"}, {"symbol": "B", "confidence": "2"},
        ]});
        let replayed = json!({"recommendations": [
            {"symbol": "C", "confidence": "3"}, {"symbol": "A", "confidence": "1.5"},
        ]});
        let expected = [
            (
                "recommendations[C]".to_owned(),
                None,
                Some(json!({"symbol": "C", "confidence": "3"})),
            ),
            (
                "recommendations[A].confidence".to_owned(),
                Some(json!("1")),
                Some(json!("1.5")),
            ),
            (
                "recommendations[B]".to_owned(),
                Some(json!({"symbol": "B", "confidence": "2"})),
                None,
            ),
        ];
        assert_eq!(found(&recorded, &replayed), expected);
    }

    #[test]
    fn another_order_of_the_same_is_a_difference() {
        let (one, other) = (json!({"symbol": "A"}), json!({"symbol": "B"}));
        let found = found(&json!([one, other]), &json!([other, one]));
        let expected = (
            ".order".to_owned(),
            Some(json!(["A", "B"])),
            Some(json!(["B", "A"])),
        );
        assert_eq!(found, [expected]);
    }

    #[test]
    fn what_has_no_name_of_its_own_stands_beside_what_is_at_its_place() {
        let recorded = json!([{"id": 1, "pl": "1"}, {"id": 1, "pl": "2"}]);
        let replayed = json!([{"id": 1, "pl": "1"}, {"id": 1, "pl": "3"}, {"id": 1, "pl": "4"}]);
        let at: Vec<_> = found(&recorded, &replayed)
            .into_iter()
            .map(|(at, ..)| at)
            .collect();
        assert_eq!(at, ["[1].pl", "[2]"]);
    }

    #[test]
    fn blocks_of_two_types_have_nothing_in_common() {
        let recorded = json!({"type": "text", "text": "a"});
        let replayed = json!({"type": "empty", "text": "a"});
        let expected = (
            "result".to_owned(),
            Some(recorded.clone()),
            Some(replayed.clone()),
        );
        assert_eq!(found(&recorded, &replayed), [expected]);
    }

    #[test]
    fn differences_beyond_the_bound_are_counted() {
        let list = |from: usize| Json::from((from..from + 1_500).collect::<Vec<_>>());
        let mut comparing = Comparing::default();
        comparing.values("", &list(0), &list(5_000));
        assert_eq!((comparing.found.len(), comparing.further), (MOST, 500));
    }
}
