//! {{title}}.

use lombard_sdk::decimals::{money, percent};
use lombard_sdk::prelude::*;
use lombard_sdk::stats;

// Each field is a setting of the expert's instances. They are put into the
// manifest when the plugin is built.
lombard_sdk::settings! {
    /// What the rule goes by.
    struct Rule {
        /// Trading days of the moving average
        days: i64 = 50 [2..=500];
        /// How far from the average a price must be, in percent, to say something
        gap: Decimal = "1" ["0"..="50"];
    }
}

struct AboveAverage;

impl Expert for AboveAverage {
    fn analyze(session: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let rule = Rule::read()?;
        let days = u32::try_from(rule.days).map_err(|_| Error::request("`days` is too large"))?;
        // One read for all symbols, each with its bars, oldest first.
        let bars = session.bars_of(&request.symbols, session.as_of(), days)?;
        let mut recommendations = Vec::new();
        for (symbol, bars) in request.symbols.iter().zip(&bars) {
            match recommendation(symbol, bars, &rule) {
                Some(recommendation) => recommendations.push(recommendation),
                None => log::info!(
                    "{symbol}: {} of {days} daily bars, nothing to say",
                    bars.len()
                ),
            }
        }
        Ok(recommendations)
    }
}

/// None where there are too few bars, or prices that nothing follows from.
fn recommendation(symbol: &Symbol, bars: &[Bar], rule: &Rule) -> Option<Recommendation> {
    if i64::try_from(bars.len()).ok()? < rule.days {
        return None;
    }
    let closes: Vec<_> = bars.iter().map(|bar| bar.close).collect();
    let close = *closes.last()?;
    let average = stats::mean(&closes)?;
    // Checked: numbers of elsewhere may have no answer, and that is no fault here.
    let gap = close
        .checked_div(average)?
        .checked_sub(dec!(1))?
        .checked_mul(dec!(100))?;
    let volatility = stats::annual_volatility(&closes)?;
    let action = match gap {
        gap if gap.abs() < rule.gap => Action::Hold,
        gap if gap > dec!(0) => Action::Buy,
        _ => Action::Sell,
    };
    Some(Recommendation {
        symbol: symbol.clone(),
        action,
        // 50 at the average, 100 from 10 percent on.
        confidence: dec!(50) + dec!(5) * gap.abs().min(dec!(10)),
        risk: stats::risk_of(volatility),
        horizon: TimeHorizon::MediumTerm,
        expected_profit_percent: dec!(0),
        explanation: format!(
            "{symbol} closed at {}, {} from its {}-day average of {}.",
            money(close),
            percent(gap),
            rule.days,
            money(average),
        ),
    })
}

lombard_sdk::expert!(AboveAverage);

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(closes: &[i64]) -> Option<Recommendation> {
        let rule = Rule {
            days: 3,
            gap: dec!(1),
        };
        let bar = |close: &i64| Bar {
            day: Timestamp::from_micros(0),
            open: (*close).into(),
            high: (*close).into(),
            low: (*close).into(),
            close: (*close).into(),
            volume: dec!(0),
        };
        let bars: Vec<_> = closes.iter().map(bar).collect();
        recommendation(&"AAPL".parse().unwrap(), &bars, &rule)
    }

    #[test]
    fn a_price_above_its_average_is_bought() {
        let above = opinion(&[100, 100, 106]).unwrap();
        assert_eq!(above.action, Action::Buy);
        assert!(
            above
                .explanation
                .starts_with("AAPL closed at 106.00, 3.9 % from")
        );
        assert_eq!(opinion(&[100, 100, 94]).unwrap().action, Action::Sell);
        assert_eq!(opinion(&[100, 100, 100]).unwrap().action, Action::Hold);
    }

    #[test]
    fn too_few_bars_or_prices_of_nothing_say_nothing() {
        assert!(opinion(&[100, 106]).is_none());
        assert!(opinion(&[0, 0, 0]).is_none());
    }
}
