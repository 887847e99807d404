//! Wilder's relative strength index.
//!
//! Owns: the index as J. Welles Wilder Jr. defines it in *New Concepts in
//! Technical Trading Systems* (1978), section VI. Must not know: what one makes
//! of it.

use lombard_sdk::prelude::*;

/// The index on each day that has one: the first is that of `closes[days]`.
///
/// `100 − 100 / (1 + RS)` with `RS` the average gain over the average loss of a
/// day. The first averages are the means of the first `days` changes; from then
/// on each is `(before × (days − 1) + today) / days`. Without losses it is 100,
/// without any change 50. None where there are too few closes, or numbers that
/// can't be added up.
pub(crate) fn rsi(closes: &[Decimal], days: usize) -> Option<Vec<Decimal>> {
    if days == 0 || closes.len() <= days {
        return None;
    }
    let mut averages = Averages::first(&closes[..=days], Decimal::from(days))?;
    let mut indices = vec![averages.index()?];
    for pair in closes[days..].windows(2) {
        averages = averages.then(pair[1].checked_sub(pair[0])?)?;
        indices.push(averages.index()?);
    }
    Some(indices)
}

#[derive(Clone, Copy, Debug)]
struct Averages {
    gain: Decimal,
    loss: Decimal,
    days: Decimal,
}

impl Averages {
    fn first(closes: &[Decimal], days: Decimal) -> Option<Self> {
        let (mut gain, mut loss) = (Decimal::ZERO, Decimal::ZERO);
        for pair in closes.windows(2) {
            let (up, down) = parts(pair[1].checked_sub(pair[0])?);
            gain = gain.checked_add(up)?;
            loss = loss.checked_add(down)?;
        }
        Some(Self {
            gain: gain.checked_div(days)?,
            loss: loss.checked_div(days)?,
            days,
        })
    }

    fn then(self, change: Decimal) -> Option<Self> {
        let (up, down) = parts(change);
        Some(Self {
            gain: self.smoothed(self.gain, up)?,
            loss: self.smoothed(self.loss, down)?,
            days: self.days,
        })
    }

    fn smoothed(self, before: Decimal, today: Decimal) -> Option<Decimal> {
        before
            .checked_mul(self.days - Decimal::ONE)?
            .checked_add(today)?
            .checked_div(self.days)
    }

    /// `100 × gain / (gain + loss)`, which is Wilder's formula without a
    /// division by a loss of 0.
    fn index(self) -> Option<Decimal> {
        let both = self.gain.checked_add(self.loss)?;
        if both.is_zero() {
            return Some(Decimal::from(50));
        }
        self.gain
            .checked_mul(Decimal::ONE_HUNDRED)?
            .checked_div(both)
    }
}

/// A change as gain and loss, of which one is 0.
fn parts(change: Decimal) -> (Decimal, Decimal) {
    (change.max(Decimal::ZERO), (-change).max(Decimal::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(closes: &[i64], days: usize) -> Option<Vec<String>> {
        let closes: Vec<_> = closes.iter().copied().map(|c| Decimal::new(c, 2)).collect();
        let indices = rsi(&closes, days)?;
        Some(
            indices
                .iter()
                .map(|index| index.round_dp(2).to_string())
                .collect(),
        )
    }

    #[test]
    fn the_first_index_is_of_plain_means_and_the_next_are_smoothed() {
        // Changes +1, −1, +2: gain 3/3, loss 1/3, so 100 × 1 / (4/3) = 75.
        // Then −3: gain 2/3, loss (2/3 + 3)/3 = 11/9, so 100 × 6/17.
        let indices = of(&[1000, 1100, 1000, 1200, 900], 3).unwrap();
        assert_eq!(indices, ["75.00", "35.29"]);
    }

    #[test]
    fn fourteen_days_by_hand() {
        // Gains add up to 3.34 and losses to 1.40 over the 14 changes:
        // 334 / 4.74 = 70.46; then −0.28 and +0.03 are smoothed in.
        let closes = [
            4434, 4409, 4415, 4361, 4433, 4483, 4510, 4542, 4584, 4608, 4589, 4603, 4561, 4628,
            4628, 4600, 4603,
        ];
        assert_eq!(of(&closes, 14).unwrap(), ["70.46", "66.25", "66.48"]);
    }

    #[test]
    fn one_way_and_no_way() {
        assert_eq!(of(&[1, 2, 3, 4], 3).unwrap(), ["100"]);
        assert_eq!(of(&[4, 3, 2, 1], 3).unwrap(), ["0"]);
        assert_eq!(of(&[7, 7, 7, 7], 3).unwrap(), ["50"]);
        assert_eq!(of(&[1, 2, 3], 3), None);
    }
}
