//! Which transactions to read.
//!
//! Owns: the filter as authors say it. Must not know: how pages are read.

use lombard_model::{ExpertId, Symbol, TransactionStatus};

use crate::bindings::{session, types};

/// Which transactions to read. Each part that is said narrows.
///
/// ```
/// use lombard_sdk::TransactionFilter;
/// use lombard_sdk::model::ExpertId;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let of_one = TransactionFilter::open().of_expert(ExpertId::try_from(7_u64)?);
/// # let _ = of_one;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionFilter {
    statuses: Vec<TransactionStatus>,
    expert: Option<ExpertId>,
    symbol: Option<Symbol>,
}

impl TransactionFilter {
    /// Every transaction.
    #[must_use]
    pub fn all() -> Self {
        Self::in_status(TransactionStatus::ALL)
    }

    /// Every transaction that is not closed: one that is `closing` still holds
    /// its position.
    #[must_use]
    pub fn open() -> Self {
        Self::in_status(TransactionStatus::OPEN)
    }

    /// Those in one of these states.
    #[must_use]
    pub fn in_status(statuses: &[TransactionStatus]) -> Self {
        Self {
            statuses: statuses.to_vec(),
            expert: None,
            symbol: None,
        }
    }

    /// Of these, those of an expert.
    #[must_use]
    pub fn of_expert(mut self, expert: ExpertId) -> Self {
        self.expert = Some(expert);
        self
    }

    /// Of these, those on a symbol, letter for letter.
    #[must_use]
    pub fn on(mut self, symbol: Symbol) -> Self {
        self.symbol = Some(symbol);
        self
    }

    pub(crate) fn to_raw(&self) -> session::TransactionFilter {
        let flag = |status: &TransactionStatus| match status {
            TransactionStatus::Waiting => types::TransactionStatuses::WAITING,
            TransactionStatus::Opened => types::TransactionStatuses::OPENED,
            TransactionStatus::Closing => types::TransactionStatuses::CLOSING,
            TransactionStatus::Closed => types::TransactionStatuses::CLOSED,
        };
        let none = types::TransactionStatuses::empty();
        session::TransactionFilter {
            statuses: self
                .statuses
                .iter()
                .map(flag)
                .fold(none, |set, one| set | one),
            expert: self.expert.map(ExpertId::get),
            symbol: self
                .symbol
                .as_ref()
                .map(|symbol| symbol.as_str().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_is_every_status_but_closed() {
        let raw = TransactionFilter::open().to_raw();
        let closed = types::TransactionStatuses::CLOSED;
        let all = TransactionFilter::all().to_raw().statuses;
        assert_eq!((raw.statuses | closed).bits(), all.bits());
        assert_eq!((raw.statuses & closed).bits(), 0);
    }

    #[test]
    fn each_part_narrows() {
        let expert = ExpertId::try_from(7_u64).unwrap();
        let symbol = Symbol::new("AAPL").unwrap();
        let raw = TransactionFilter::all()
            .of_expert(expert)
            .on(symbol)
            .to_raw();
        assert_eq!(raw.expert, Some(7));
        assert_eq!(raw.symbol.as_deref(), Some("AAPL"));
    }
}
