//! What a guest answers, and settings that it saves.
//!
//! Owns: that each is refused, or is what it says and is read again from how it
//! is written. Must not know: how a guest makes them.

#![no_main]

mod draw;

use std::sync::LazyLock;

use draw::Bytes;
use libfuzzer_sys::fuzz_target;
use lombard_model::view::View;
use lombard_model::{
    Decimal, Definitions, Recommendation, SettingDefinition, SettingFormat, SettingType, Symbol,
};
use lombard_runtime::fuzzing::{self, Draw as _};

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    match bytes.byte() % 4 {
        0 | 1 => view(&mut bytes),
        2 => recommendations(&mut bytes),
        _ => settings(&mut bytes),
    }
});

fn view(bytes: &mut Bytes<'_>) {
    let Ok(view) = fuzzing::view(bytes, 250) else {
        return;
    };
    let text = serde_json::to_string(&view).expect("a view is JSON");
    let json = serde_json::from_str(&text).expect("and is read again");
    let back = View::from_json(&json).expect("as a view");
    let again = serde_json::to_string(&back).expect("a view is JSON");
    assert_eq!(text, again);
}

fn recommendations(bytes: &mut Bytes<'_>) {
    static ASKED: LazyLock<Vec<Symbol>> = LazyLock::new(|| {
        let symbols = ["AAPL", "MSFT", "BTC/USD"].map(Symbol::new);
        symbols
            .into_iter()
            .collect::<Result<_, _>>()
            .expect("they are symbols")
    });
    let Ok(answer) = fuzzing::recommendations(bytes, &ASKED) else {
        return;
    };
    assert!(answer.len() <= ASKED.len());
    for one in answer {
        assert!(ASKED.contains(&one.symbol));
        assert!(Decimal::ZERO <= one.confidence && one.confidence <= Decimal::ONE_HUNDRED);
        assert!(one.explanation.len() <= Recommendation::MAX_EXPLANATION);
    }
}

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
    let of = |kind| SettingDefinition::new(kind, "");
    let definitions = [
        ("days", of(SettingType::Int).within(-5, 250)),
        ("extra", of(SettingType::Json)),
        ("list", of(SettingType::List)),
        ("mode", of(SettingType::Str).one_of(&["fast", "AAPL"])),
        ("on", of(SettingType::Bool)),
        ("ratio", of(SettingType::Float)),
        ("share", of(SettingType::Decimal).within("-1", "100")),
        ("text", of(SettingType::Str)),
        ("when", of(SettingType::Str).written_as(SettingFormat::Cron)),
        (
            "where",
            of(SettingType::Str).written_as(SettingFormat::TimeZone),
        ),
    ];
    let definitions = definitions.map(|(key, definition)| (key.to_owned(), definition));
    Definitions::new(definitions.into()).expect("they agree with themselves")
});

/// A value that fits its definition is kept as JSON, and fits again.
fn settings(bytes: &mut Bytes<'_>) {
    for (key, json) in fuzzing::entries(bytes, &DEFINITIONS).unwrap_or_default() {
        let definition = DEFINITIONS.get(&key).expect("it is declared");
        let Ok(value) = definition.read(&key, &json) else {
            continue;
        };
        let saved = serde_json::json!({ key.as_str(): value.to_json() }).to_string();
        let saved: serde_json::Value = serde_json::from_str(&saved).expect("settings are JSON");
        assert_eq!(definition.read(&key, &saved[&key]), Ok(value));
    }
}
