//! Adding up within what can be sent.
//!
//! Owns: checked arithmetic, and which numbers are too large. Must not know: what is
//! added up.

use lombard_model::Decimal;

/// What can be sent over the boundary with its whole part intact.
const GREATEST: Decimal = Decimal::from_parts(u32::MAX, u32::MAX >> 1, 0, false, 0);

// Each once, and not anew wherever it is used: the library's take 1 to 2 kB a
// time, and a call costs next to nothing beside them.

/// The sum, unless it is too large for a decimal.
#[inline(never)]
pub(crate) fn plus(one: Decimal, other: Decimal) -> Option<Decimal> {
    one.checked_add(other)
}

/// The difference, unless it is too large for a decimal.
#[inline(never)]
pub(crate) fn minus(one: Decimal, other: Decimal) -> Option<Decimal> {
    one.checked_sub(other)
}

/// The product, unless it is too large for a decimal.
#[inline(never)]
pub(crate) fn times(one: Decimal, other: Decimal) -> Option<Decimal> {
    one.checked_mul(other)
}

/// Whether it is above 0. To compare with 0 takes ten times as long.
pub(crate) const fn is_positive(number: Decimal) -> bool {
    number.is_sign_positive() && !number.is_zero()
}

/// The number, unless it is too large to be sent.
pub(crate) fn fits(number: Decimal) -> Option<Decimal> {
    // Wherever the point stands, nearly all have few digits.
    let digits = number.unpack();
    let is_short = digits.hi == 0 && digits.mid <= u32::MAX >> 1;
    (is_short || number.abs() <= GREATEST).then_some(number)
}

/// The sum, unless it is too large to be sent.
pub(crate) fn add(sum: Decimal, number: Decimal) -> Option<Decimal> {
    plus(sum, number).and_then(fits)
}

/// The sum of all, unless it is too large on the way.
pub(crate) fn total(numbers: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    numbers.into_iter().try_fold(Decimal::ZERO, add)
}

/// The sums of some ids, in the order of the ids.
///
/// A sorted vector: there are few ids and many numbers, mostly in order.
#[derive(Debug)]
pub(crate) struct SumsById<I, S> {
    sums: Vec<(I, S)>,
}

impl<I: Copy + Ord, S: Default> SumsById<I, S> {
    pub(crate) const fn new() -> Self {
        Self { sums: Vec::new() }
    }

    /// The sum of this id, begun where there is none.
    pub(crate) fn of(&mut self, id: I) -> &mut S {
        let at = match self.sums.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => at,
            Err(at) => {
                self.sums.insert(at, (id, S::default()));
                at
            }
        };
        &mut self.sums[at].1
    }

    /// The sum of this id, where it was begun.
    pub(crate) fn get(&self, id: I) -> Option<&S> {
        let at = self.sums.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.sums[at].1)
    }

    /// The ids, in order.
    pub(crate) fn into_ids(self) -> Vec<I> {
        self.sums.into_iter().map(|(id, _)| id).collect()
    }

    /// The ids and their sums, in order.
    pub(crate) fn into_vec(self) -> Vec<(I, S)> {
        self.sums
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::WireDecimal;

    use super::*;

    #[test]
    fn the_greatest_sum_can_just_be_sent() {
        assert_eq!(GREATEST, Decimal::from(i64::MAX));
        assert!(WireDecimal::rounded(GREATEST).is_ok());
        assert!(WireDecimal::rounded(GREATEST + Decimal::ONE).is_err());
        assert_eq!(add(GREATEST, Decimal::ONE), None);
        assert_eq!(add(Decimal::MAX, Decimal::MAX), None);
        assert_eq!(total([GREATEST, -GREATEST]), Some(Decimal::ZERO));
    }

    #[test]
    fn what_fits_is_what_is_no_greater_wherever_the_point_stands() {
        let digits = [
            0,
            1,
            1 << 62,
            i128::from(i64::MAX),
            1 << 63,
            1 << 64,
            (1 << 96) - 1,
        ];
        for number in digits.into_iter().flat_map(|one| [one, -one]) {
            for scale in [0, 1, 9, 28] {
                let number = Decimal::from_i128_with_scale(number, scale);
                let expected = (number.abs() <= GREATEST).then_some(number);
                assert_eq!(fits(number), expected, "{number}");
                assert_eq!(is_positive(number), number > Decimal::ZERO, "{number}");
            }
        }
        assert!(!is_positive(-Decimal::ZERO));
    }

    #[test]
    fn sums_are_kept_by_id() {
        let mut sums = SumsById::<u8, Decimal>::new();
        for id in [3, 1, 3] {
            *sums.of(id) += Decimal::ONE;
        }
        assert_eq!(sums.into_vec(), [(1, Decimal::ONE), (3, Decimal::TWO)]);
    }
}
