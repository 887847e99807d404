//! What brokers said of prices.
//!
//! Owns: finding the price of an instrument, and what counts as one. Must not
//! know: what is priced.

use lombard_model::{AccountId, Decimal, Quote, Symbol};

use crate::order::sorted_by;
use crate::sums::is_positive;

/// Current prices by instrument.
pub(crate) struct Prices<'a>(Vec<&'a Quote>);

impl<'a> Prices<'a> {
    /// Brokers answer in the order they were asked in, which is this order.
    pub(crate) fn of(quotes: &'a [Quote]) -> Self {
        Self(sorted_by(quotes.iter().collect(), |one, other| {
            one.instrument.cmp(&other.instrument)
        }))
    }

    /// The price of a symbol on an account; one that is not above 0 is none.
    pub(crate) fn price(&self, account: AccountId, symbol: &Symbol) -> Option<Decimal> {
        let at = self.0.binary_search_by(|quote| {
            let instrument = &quote.instrument;
            (instrument.account, &instrument.symbol).cmp(&(account, symbol))
        });
        self.0[at.ok()?].price.filter(|price| is_positive(*price))
    }
}
