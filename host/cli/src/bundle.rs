//! What comes with the binary: plugins, demo data, real daily bars.
//!
//! Owns: reading the embedded bars. Must not know: what is made of them.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lombard_model::Timestamp;
use lombard_model::dataset::{BarEntry, Dataset, Exact};
use lombard_model::parse_decimal;

const PLUGINS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
const DEMO: &str = include_str!("../data/demo.json");
const BARS: &str = include_str!("../data/market/daily_bars.csv");

/// The plugins that are only there to be measured.
const MEASURED: [&str; 2] = ["bare-calls", "naive-floating-pl"];

/// The bundled plugins, by name.
pub(crate) fn plugins() -> BTreeMap<String, &'static [u8]> {
    let mut plugins = with_measured();
    plugins.retain(|name, _| !MEASURED.contains(&name.as_str()));
    plugins
}

/// The bundled plugins, with those that are only there to be measured.
pub(crate) fn with_measured() -> BTreeMap<String, &'static [u8]> {
    let plugins = PLUGINS.iter();
    plugins
        .map(|(name, bytes)| ((*name).to_owned(), *bytes))
        .collect()
}

/// The demo's dataset, with the real daily bars.
pub(crate) fn demo() -> anyhow::Result<Dataset> {
    let mut dataset = Dataset::read(DEMO.as_bytes()).context("the bundled demo data")?;
    dataset.bars = bars()?;
    Ok(dataset)
}

fn bars() -> anyhow::Result<Vec<BarEntry>> {
    let rows = BARS.lines().skip(1).filter(|line| !line.is_empty());
    rows.map(|line| bar(line).with_context(|| format!("the bundled bar `{line}`")))
        .collect()
}

fn bar(line: &str) -> anyhow::Result<BarEntry> {
    let fields: Vec<_> = line.split(',').collect();
    let [symbol, date, open, high, low, close, volume] = fields[..] else {
        anyhow::bail!("it has {} fields, not 7", fields.len());
    };
    let exact = |text| parse_decimal(text).map(Exact);
    Ok(BarEntry {
        symbol: symbol.parse()?,
        date: Timestamp::from_day(date)?,
        open: exact(open)?,
        high: exact(high)?,
        low: exact(low)?,
        close: exact(close)?,
        volume: exact(volume)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_data_is_sound() {
        let dataset = demo().unwrap();
        assert_eq!(dataset.bars.len(), 1_360);
        assert!(dataset.transactions.len() >= 20);
    }
}
