//! What a transaction holds on an account.
//!
//! Owns: which fills count, and what they amount to. Must not know: prices, or
//! whose transaction it is.

use lombard_model::{AccountId, Decimal, Order, Side, Transaction};

use crate::sums::{fits, is_positive, minus, plus, times};

/// What a transaction holds on an account; its size is above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// The transaction.
    pub transaction: &'a Transaction,
    /// The account its orders were booked to.
    pub account: AccountId,
    /// Which way it goes.
    pub side: Side,
    /// How much is open: what was entered less what was exited.
    pub open: Decimal,
    /// What was paid for that: `open × average`.
    pub cost: Decimal,
}

impl Position<'_> {
    /// What it would give or take to close it at this price; none where that
    /// is too large a number.
    #[must_use]
    pub fn floating_pl(&self, price: Decimal) -> Option<Decimal> {
        // (price − average) × open, without dividing for the average first.
        let gain = minus(times(price, self.open)?, self.cost)?;
        match self.side {
            Side::Buy => fits(gain),
            Side::Sell => fits(-gain),
        }
    }
}

/// The fills of one transaction on one account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fills {
    entered: Decimal,
    exited: Decimal,
    /// Σ(filled × price) of the entries.
    paid: Decimal,
    is_too_large: bool,
}

impl Fills {
    /// Counts a fill. What does not fit marks the whole position: a part of it
    /// would be a wrong number, not a smaller one.
    pub(crate) fn count(&mut self, order: &Order, filled: Decimal, price: Decimal, side: Side) {
        let counted = if order.side == side {
            self.enter(filled, price)
        } else {
            plus(self.exited, filled).map(|sum| self.exited = sum)
        };
        self.is_too_large |= counted.is_none();
    }

    fn enter(&mut self, filled: Decimal, price: Decimal) -> Option<()> {
        self.paid = plus(self.paid, times(filled, price)?)?;
        self.entered = plus(self.entered, filled)?;
        Some(())
    }

    /// What is open, and what was paid for it; none where nothing is open.
    ///
    /// # Errors
    /// Where the numbers are too large.
    pub(crate) fn position(&self) -> Result<Option<(Decimal, Decimal)>, TooLarge> {
        if self.is_too_large {
            return Err(TooLarge);
        }
        let open = minus(self.entered, self.exited).ok_or(TooLarge)?;
        if !is_positive(open) {
            return Ok(None);
        }
        Ok(Some((open, self.cost(open).ok_or(TooLarge)?)))
    }

    /// `open × Σ(filled × price) / Σ filled`: multiplied before it is divided,
    /// so that an exact result stays exact.
    fn cost(&self, open: Decimal) -> Option<Decimal> {
        if self.exited.is_zero() {
            return fits(self.paid);
        }
        times(open, self.paid)?
            .checked_div(self.entered)
            .and_then(fits)
    }
}

/// Numbers that can't be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// How much of an order was executed; absent counts as nothing.
pub(crate) fn filled(order: &Order) -> Decimal {
    order.filled_quantity.unwrap_or(Decimal::ZERO)
}
