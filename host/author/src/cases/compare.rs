//! What is other than expected.
//!
//! Owns: comparing two documents so that a person sees what differs: rows by
//! their id, recommendations by their symbol, and not all that stands behind a
//! row that is missing. Must not know: where they come from.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// One thing that is other than expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, such as `view.blocks[0].rows[id 7].pl`.
    pub path: String,
    /// What was expected; none where it is more than that.
    pub expected: Option<Json>,
    /// What is there; none where it is missing.
    pub found: Option<Json>,
}

/// The fields by which things in a list are known, the first that all have.
const NAMES: [&str; 4] = ["id", "symbol", "key", "label"];

/// All differences, in the order of what is expected.
#[must_use]
pub fn differences(expected: &Json, found: &Json) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare("", expected, found, &mut differences);
    differences
}

fn compare(path: &str, expected: &Json, found: &Json, into: &mut Vec<Difference>) {
    match (expected, found) {
        _ if expected == found => {}
        (Json::Object(expected), Json::Object(found)) => objects(path, expected, found, into),
        (Json::Array(expected), Json::Array(found)) => lists(path, expected, found, into),
        _ => into.push(Difference {
            path: path.to_owned(),
            expected: Some(expected.clone()),
            found: Some(found.clone()),
        }),
    }
}

fn objects(
    path: &str,
    expected: &Map<String, Json>,
    found: &Map<String, Json>,
    into: &mut Vec<Difference>,
) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    for (key, value) in expected {
        pair(below(key), Some(value), found.get(key), into);
    }
    for (key, value) in found {
        if !expected.contains_key(key) {
            pair(below(key), None, Some(value), into);
        }
    }
}

fn lists(path: &str, expected: &[Json], found: &[Json], into: &mut Vec<Difference>) {
    let names = NAMES.iter().find_map(|name| {
        let expected = named(expected, name)?;
        Some((name, expected, named(found, name)?))
    });
    let Some((name, expected_by, found_by)) = names else {
        for at in 0..expected.len().max(found.len()) {
            let path = format!("{path}[{at}]");
            pair(path, expected.get(at), found.get(at), into);
        }
        return;
    };
    let below = |value: &str| format!("{path}[{name} {value}]");
    let mut order = Vec::new();
    for one in expected {
        let value = shown(&one[*name]);
        pair(
            below(&value),
            expected_by.get(&value).copied(),
            found_by.get(&value).copied(),
            into,
        );
        order.push(value);
    }
    let others = found.iter().map(|one| shown(&one[*name]));
    let there: Vec<_> = others.collect();
    for value in there
        .iter()
        .filter(|value| !expected_by.contains_key(*value))
    {
        pair(below(value), None, found_by.get(value).copied(), into);
    }
    let both = |values: &[String]| -> Vec<String> {
        let shared =
            |value: &&String| expected_by.contains_key(*value) && found_by.contains_key(*value);
        values.iter().filter(shared).cloned().collect()
    };
    let (was, is) = (both(&order), both(&there));
    if was != is {
        into.push(Difference {
            path: format!("{path} (order by {name})"),
            expected: Some(was.into()),
            found: Some(is.into()),
        });
    }
}

fn pair(path: String, expected: Option<&Json>, found: Option<&Json>, into: &mut Vec<Difference>) {
    match (expected, found) {
        (Some(expected), Some(found)) => compare(&path, expected, found, into),
        (expected, found) => into.push(Difference {
            path,
            expected: expected.cloned(),
            found: found.cloned(),
        }),
    }
}

/// The things by this field; none where one has no such field, or two have the
/// same.
fn named<'a>(list: &'a [Json], name: &str) -> Option<BTreeMap<String, &'a Json>> {
    let mut by_name = BTreeMap::new();
    for one in list {
        let value = one.get(name).filter(|value| !value.is_null())?;
        if by_name.insert(shown(value), one).is_some() {
            return None;
        }
    }
    Some(by_name)
}

/// A text as it is, anything else as JSON has it.
fn shown(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(expected: &Json, found: &Json) -> Vec<String> {
        let found = differences(expected, found);
        found.into_iter().map(|one| one.path).collect()
    }

    #[test]
    fn what_is_the_same_does_not_differ() {
        let one = json!({ "rows": [{ "id": 1, "pl": "2" }], "n": null });
        assert!(differences(&one, &one).is_empty());
    }

    #[test]
    fn a_row_that_is_missing_does_not_make_all_behind_it_differ() {
        let expected = json!({ "rows": [{ "id": 1 }, { "id": 2 }, { "id": 3, "pl": "1" }] });
        let found = json!({ "rows": [{ "id": 1 }, { "id": 3, "pl": "2" }, { "id": 4 }] });
        assert_eq!(
            paths(&expected, &found),
            ["rows[id 2]", "rows[id 3].pl", "rows[id 4]"]
        );
    }

    #[test]
    fn the_order_of_rows_counts() {
        let (one, two) = (json!({ "symbol": "A" }), json!({ "symbol": "B" }));
        let told = differences(&json!([one, two]), &json!([two, one]));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].path, " (order by symbol)");
        assert_eq!(told[0].found, Some(json!(["B", "A"])));
    }

    #[test]
    fn lists_without_names_are_compared_place_by_place() {
        assert_eq!(paths(&json!([1, 2]), &json!([1, 3, 4])), ["[1]", "[2]"]);
        // Two of one name are none by name.
        let twice = json!([{ "id": 1 }, { "id": 1 }]);
        assert_eq!(paths(&twice, &json!([{ "id": 1 }])), ["[1]"]);
        assert_eq!(paths(&json!({ "a": 1 }), &json!({ "b": 1 })), ["a", "b"]);
        assert_eq!(paths(&json!("x"), &json!(1)), [""]);
    }
}
