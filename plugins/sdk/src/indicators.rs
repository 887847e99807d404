//! Technical indicators, from the crate [`yata`].
//!
//! Owns: the way from decimals to the numbers it counts with, and back. Must not
//! know: money. An indicator is statistics over prices and counts in binary
//! floating point; the conversions are written out, so that nobody takes one for
//! an amount. What the SDK itself calculates ([`stats`](crate::stats)) is exact.
//!
//! Behind the feature `indicators`:
//! `lombard-sdk = { …, features = ["indicators"] }`. A moving average, with what
//! it says of the last day:
//!
//! ```
//! use lombard_sdk::indicators::yata::methods::EMA;
//! use lombard_sdk::indicators::yata::prelude::*;
//! use lombard_sdk::indicators::{rounded, series};
//! use lombard_sdk::prelude::*;
//!
//! fn last_average(bars: &[Bar], days: u16) -> Option<Decimal> {
//!     let closes = series(bars.iter().map(|bar| bar.close))?;
//!     let (first, rest) = closes.split_first()?;
//!     let mut average = EMA::new(days, first).ok()?;
//!     let last = rest.iter().map(|close| average.next(close)).last()?;
//!     rounded(last, 2)
//! }
//! # let bar = |close: Decimal| Bar {
//! #     day: Timestamp::from_micros(0), open: close, high: close, low: close, close, volume: close,
//! # };
//! # assert_eq!(last_average(&[bar(dec!(1)), bar(dec!(2)), bar(dec!(4))], 3), Some(dec!(2.75)));
//! ```
//!
//! [`candle`] makes a bar what RSI, MACD, Bollinger bands and the like are counted
//! over:
//!
//! ```
//! use lombard_sdk::indicators::candle;
//! use lombard_sdk::indicators::yata::indicators::RSI;
//! use lombard_sdk::indicators::yata::prelude::*;
//! use lombard_sdk::prelude::*;
//!
//! fn last_rsi(bars: &[Bar]) -> Option<f64> {
//!     let candles: Vec<_> = bars.iter().map(candle).collect::<Option<_>>()?;
//!     let (first, rest) = candles.split_first()?;
//!     let mut rsi = RSI::default().init(first).ok()?;
//!     let last = rest.iter().map(|candle| rsi.next(candle)).last()?;
//!     Some(last.value(0))
//! }
//! # assert_eq!(last_rsi(&[]), None);
//! ```

use lombard_model::{Bar, Decimal};
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use yata::core::Candle;

pub use yata;

/// Prices as indicators count with them; none where one has no such number.
#[must_use]
pub fn series(prices: impl IntoIterator<Item = Decimal>) -> Option<Vec<f64>> {
    prices.into_iter().map(|price| price.to_f64()).collect()
}

/// A bar as indicators count with it; none where a part has no such number.
#[must_use]
pub fn candle(bar: &Bar) -> Option<Candle> {
    Some(Candle {
        open: bar.open.to_f64()?,
        high: bar.high.to_f64()?,
        low: bar.low.to_f64()?,
        close: bar.close.to_f64()?,
        volume: bar.volume.to_f64()?,
    })
}

/// An indicator as a decimal with so many places, to be shown or compared; none
/// where it is no number, or too large.
#[must_use]
pub fn rounded(value: f64, places: u32) -> Option<Decimal> {
    Decimal::from_f64(value).map(|value| value.round_dp(places))
}
