//! Documents that the tests of the command line import.
//!
//! Owns: what is in them. Must not know: what is made of them.

use serde_json::{Value as Json, json};

use crate::support::books::Book;

/// A book of so many open transactions.
pub(super) fn of(transactions: u64) -> Json {
    Book::of(transactions).document()
}

/// A book whose accounts are: one at the paper broker, one at Alpaca without
/// keys.
pub(super) fn with_alpaca() -> Json {
    let mut document = of(8);
    document["accounts"][1]["provider"] = json!("alpaca");
    document
}

/// Two symbols with a year of bars, and experts 1 (moving-average-cross), 2
/// (rsi-mean-reversion), 3 (a plugin that is not there) and 4 (disabled).
pub(super) fn with_bars() -> Json {
    let mut document = of(4);
    let plugins = [
        "moving-average-cross",
        "rsi-mean-reversion",
        "not-there",
        "moving-average-cross",
    ];
    for (at, plugin) in plugins.into_iter().enumerate() {
        document["experts"][at]["plugin"] = json!(plugin);
    }
    document["experts"][3]["enabled"] = json!(false);
    let rising = (0..336).map(|day| bar("UP", day, 100 + day));
    let falling = (0..336).map(|day| bar("DOWN", day, 500 - day));
    document["bars"] = rising.chain(falling).collect();
    document
}

/// Both.
pub(crate) fn with_alpaca_and_bars() -> Json {
    let mut document = with_bars();
    document["accounts"][1]["provider"] = json!("alpaca");
    document
}

fn bar(symbol: &str, day: u32, close: u32) -> Json {
    json!({
        "symbol": symbol,
        "date": format!("2024-{:02}-{:02}", 1 + day / 28, 1 + day % 28),
        "open": close.to_string(),
        "high": (close + 2).to_string(),
        "low": (close - 2).to_string(),
        "close": format!("{close}.{}", day % 3 * 3),
        "volume": "1000",
    })
}
