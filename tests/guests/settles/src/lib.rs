//! An expert that does what its setting `step` says with its settings, and
//! tells in its explanation what it saw.
//!
//! Owns: one behaviour for each value of the setting. Must not know: what a
//! test expects of it.

use std::fmt::Debug;

use lombard_sdk::prelude::*;
use lombard_sdk::{SessionError, SettingsError};

struct Settles;

impl Expert for Settles {
    fn analyze(_: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let seen = match settings::str("step")?.as_str() {
            "read" => read(),
            "secrets" => secrets(),
            "save" => save(51, "7.25"),
            "save-bad" => save(101, "7.25"),
            "save-deep" => save_deep(),
            "replace" => replace(),
            "account-often" => account_often(),
            "save-often" => save_often(100),
            // Until it is stopped.
            "save-on" => save_often(i64::MAX),
            other => return Err(Error::request(format!("can't do `{other}`"))),
        };
        let first = request.symbols.first().cloned();
        let symbol = first.ok_or_else(|| Error::request("no symbol"))?;
        Ok(vec![Recommendation {
            symbol,
            action: Action::Hold,
            confidence: Decimal::ONE,
            risk: RiskLevel::Low,
            horizon: TimeHorizon::ShortTerm,
            expected_profit_percent: Decimal::ZERO,
            explanation: seen.join("\n"),
        }])
    }
}

fn read() -> Vec<String> {
    vec![
        line("note", settings::optional_str("note")),
        line("days", settings::int("days")),
        line("share", settings::decimal("share")),
        line("ratio", settings::float("ratio")),
        line("loud", settings::bool("loud")),
        line("names", settings::list("names")),
        line("extra", settings::json("extra")),
        line("undeclared", settings::get("undeclared")),
        line("days as text", settings::str("days")),
        line("min_confidence", settings::decimal("min_confidence")),
        line("keys", settings::all().map(keys)),
    ]
}

fn secrets() -> Vec<String> {
    let stolen = [("token", SettingValue::Str("mine".to_owned()))];
    vec![
        line("token", settings::get("token")),
        line("keys", settings::all().map(keys)),
        line("save token", settings::save(&stolen)),
        line("api_key", settings::account("api_key")),
        line("api_secret", settings::account("api_secret")),
        line("paper_trading", settings::account("paper_trading")),
        line("account undeclared", settings::account("undeclared")),
    ]
}

/// Saves two settings, of which the first may not fit, and reads both back.
fn save(days: i64, share: &str) -> Vec<String> {
    let share = share.parse().unwrap_or_default();
    let patch = [
        ("days", SettingValue::Int(days)),
        ("share", SettingValue::Decimal(share)),
    ];
    vec![
        line("save", settings::save(&patch)),
        line("days", settings::int("days")),
        line("share", settings::decimal("share")),
    ]
}

/// Saves documents that can be read alone: the first one not among others.
fn save_deep() -> Vec<String> {
    let deep = |levels| SettingValue::Json("[".repeat(levels) + &"]".repeat(levels));
    vec![
        line("save 127", settings::save(&[("extra", deep(127))])),
        line("save 64", settings::save(&[("extra", deep(64))])),
    ]
}

fn replace() -> Vec<String> {
    let entries = [("loud", SettingValue::Bool(true))];
    vec![
        line("replace", settings::replace(&entries)),
        line("loud", settings::bool("loud")),
        line("days", settings::int("days")),
    ]
}

/// Reads one setting of its account in a loop.
fn account_often() -> Vec<String> {
    let often = (0..25).map(|_| settings::account("paper_trading"));
    often.map(|one| line("paper_trading", one)).collect()
}

/// Saves until it is refused, then reads what it has.
fn save_often(times: i64) -> Vec<String> {
    let refused = (0..times).find_map(|turn| {
        let days = turn % 100 + 1;
        let saved = settings::save(&[("days", SettingValue::Int(days))]);
        saved.err()
    });
    vec![
        format!("refused: {refused:?}"),
        line("days", settings::int("days")),
    ]
}

fn keys(entries: Vec<(String, SettingValue)>) -> Vec<String> {
    entries.into_iter().map(|(key, _)| key).collect()
}

fn line(what: &str, answer: Result<impl Debug, Error>) -> String {
    match answer {
        Ok(value) => format!("{what}: {value:?}"),
        Err(error) => format!("{what}: {} ({error})", word(&error)),
    }
}

fn word(error: &Error) -> &'static str {
    match error {
        Error::Session(SessionError::Denied(_)) | Error::Settings(SettingsError::Denied(_)) => {
            "denied"
        }
        Error::Settings(SettingsError::Undeclared(_)) => "undeclared",
        Error::Settings(SettingsError::Invalid(_)) => "invalid",
        _ => "failed",
    }
}

lombard_sdk::expert!(Settles);
