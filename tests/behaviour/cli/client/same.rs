//! What is printed is the same, be the database opened here or by a host.

use serde_json::Value as Json;

use super::super::serving::Serving;
use super::super::{User, books};

/// What changes nothing and costs nothing, so that it prints the same each
/// time.
const LOOKING: [&[&str]; 11] = [
    &["account", "list"],
    &["expert", "list"],
    &["recommendation", "list"],
    &["recommendation", "list", "--limit", "1"],
    &["plugin", "list"],
    &["plugin", "inspect", "moving-average-cross"],
    &["plugin", "inspect", "guest-settles"],
    &["settings", "list", "expert/1"],
    &["settings", "list", "account/2"],
    &["settings", "get", "expert/1", "enabled_instruments"],
    &["settings", "get", "account/2", "api_key"],
];

/// A user with all that can be listed.
fn user() -> User {
    let mut document = books::with_alpaca_and_bars();
    document["accounts"][1]["settings"] = serde_json::json!({"api_key": "hidden"});
    let user = User::with(&document);
    user.text(&[
        "settings",
        "set",
        "expert/1",
        "enabled_instruments",
        "UP,DOWN",
    ]);
    user.text(&["expert", "run", "1"]);
    let guest = user.guest("settles");
    let some = ["--grant", "read:experts", "--accounts", "2"];
    user.text(&[&["plugin", "install", &guest][..], &some].concat());
    user.text(&["widget", "render", "floating-pl-per-expert"]);
    user
}

/// What is left of a document without what differs each time.
fn without(json: &str, keys: &[&str]) -> Json {
    fn strip(json: &mut Json, keys: &[&str]) {
        match json {
            Json::Object(object) => {
                object.retain(|key, _| !keys.contains(&key.as_str()));
                object.values_mut().for_each(|one| strip(one, keys));
            }
            Json::Array(list) => list.iter_mut().for_each(|one| strip(one, keys)),
            _ => {}
        }
    }
    let mut json = serde_json::from_str(json).expect("a document");
    strip(&mut json, keys);
    json
}

#[test]
fn lists_and_settings_are_the_same_bytes() {
    let user = user();
    let both = |ask: &dyn Fn(&[&str]) -> String| {
        let printed = LOOKING.iter().map(|arguments| {
            let json = [arguments, &["--json"][..]].concat();
            (ask(arguments), ask(&json))
        });
        printed.collect::<Vec<_>>()
    };
    let here = both(&|arguments| user.text(arguments));
    let serving = Serving::begin(&user);
    let there = both(&|arguments| user.through(arguments));
    for ((arguments, here), there) in LOOKING.iter().zip(here).zip(there) {
        assert_eq!(here, there, "{arguments:?}");
    }
    serving.stop();
}

#[test]
fn renders_are_the_same_but_for_what_they_cost() {
    let user = User::with(&books::of(20));
    let probes = user.guest("probes");
    user.text(&["plugin", "install", &probes, "--grant-all"]);
    let renders: [&[&str]; 4] = [
        &["widget", "render", "floating-pl-per-expert"],
        &["widget", "render", "floating-pl-per-account"],
        &["widget", "render", "balance-usage-per-expert"],
        &[
            "widget",
            "render",
            "guest-probes",
            "--param",
            "what=account",
        ],
    ];
    let both = |ask: &dyn Fn(&[&str]) -> String| {
        let printed = renders.iter().map(|arguments| {
            let json = ask(&[arguments, &["--json"][..]].concat());
            let text = ask(arguments);
            // The last line says what it cost.
            let text = text.lines().rev().skip(1).map(str::to_owned);
            (text.collect::<Vec<_>>(), without(&json, &["cost"]))
        });
        printed.collect::<Vec<_>>()
    };
    let here = both(&|arguments| user.text(arguments));
    let serving = Serving::begin(&user);
    let there = both(&|arguments| user.through(arguments));
    for ((arguments, here), there) in renders.iter().zip(here).zip(there) {
        assert_eq!(here, there, "{arguments:?}");
    }
    serving.stop();
}

#[test]
fn runs_are_the_same_but_for_their_number_and_what_they_cost() {
    let user = user();
    let runs: [&[&str]; 4] = [
        &["expert", "run", "1"],
        &["expert", "run", "2", "--symbol", "UP"],
        &["expert", "run", "1", "--use-case", "open-positions"],
        &["expert", "run", "--all"],
    ];
    let both = |ask: &dyn Fn(&[&str]) -> String| {
        let printed = runs.iter().map(|arguments| {
            let json = ask(&[arguments, &["--json"][..]].concat());
            let text = ask(arguments);
            let words = text.split_whitespace().map(str::to_owned);
            let words = words.filter(|word| word.parse::<u64>().is_err());
            (
                words.collect::<Vec<_>>(),
                without(&json, &["cost", "analysis"]),
            )
        });
        printed.collect::<Vec<_>>()
    };
    let here = both(&|arguments| user.text(arguments));
    let serving = Serving::begin(&user);
    let there = both(&|arguments| user.through(arguments));
    for ((arguments, here), there) in runs.iter().zip(here).zip(there) {
        assert_eq!(here, there, "{arguments:?}");
    }
    serving.stop();
}

#[test]
fn changes_print_the_same_and_hold() {
    let user = user();
    let guest = user.guest("probes");
    let changes: [&[&str]; 7] = [
        &["settings", "set", "expert/1", "enabled_instruments", "UP"],
        &["settings", "set", "account/2", "api_key", "another"],
        &["settings", "unset", "expert/1", "enabled_instruments"],
        &["plugin", "install", &guest, "--grant", "read:orders"],
        &["plugin", "install", &guest, "--grant-all"],
        &[
            "plugin",
            "install",
            &guest,
            "--grant-all",
            "--accounts",
            "2,1",
        ],
        &["plugin", "remove", "guest-probes"],
    ];
    let both = |ask: &dyn Fn(&[&str]) -> String| {
        let printed = changes.iter().map(|arguments| {
            // In words and as a document, but what can be done once only.
            let again = match arguments.contains(&"remove") {
                true => String::new(),
                false => ask(&[arguments, &["--json"][..]].concat()),
            };
            (again, ask(arguments))
        });
        printed.collect::<Vec<_>>()
    };
    let here = both(&|arguments| user.text(arguments));
    let serving = Serving::begin(&user);
    let there = both(&|arguments| user.through(arguments));
    for ((arguments, here), there) in changes.iter().zip(here).zip(there) {
        assert_eq!(here, there, "{arguments:?}");
        assert!(!format!("{there:?}").contains("another"), "{there:?}");
    }
    // The host knows at once what was installed through it.
    user.through(&["plugin", "install", &guest, "--grant-all"]);
    user.through(&["widget", "render", "guest-probes"]);
    serving.stop();
    user.text(&["plugin", "remove", "guest-probes"]);
}

#[test]
fn failures_say_the_same() {
    let user = user();
    let asked: [&[&str]; 9] = [
        &["expert", "run", "99"],
        &["expert", "run", "4"],
        &["widget", "render", "nothing"],
        &[
            "widget",
            "render",
            "balance-usage-per-expert",
            "--param",
            "what=1",
        ],
        &["settings", "get", "expert/1", "nothing"],
        &["settings", "set", "expert/1", "min_confidence", "lots"],
        &["settings", "list", "account/99"],
        &["plugin", "inspect", "nothing"],
        &["plugin", "remove", "moving-average-cross"],
    ];
    let first = |message: String| message.lines().next().map(str::to_owned);
    let here: Vec<_> = asked.iter().map(|asked| first(user.fails(asked))).collect();
    let serving = Serving::begin(&user);
    for (asked, here) in asked.iter().zip(here) {
        assert_eq!(first(user.fails(asked)), here, "{asked:?}");
    }
    serving.stop();
}
