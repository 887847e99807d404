//! What a guest asks `session` for, taken from the values of the contract.
//!
//! Owns: the bounds of what it may name, and that a value that can't be finds
//! what an unknown one finds. Must not know: what is answered.

use std::sync::Arc;

use lombard_model::{
    AccountId, Exceeded, ExpertId, Instrument, Limit, Limits, Symbol, TransactionStatus,
};
use lombard_store::TransactionFilter;

use super::SessionFault;
use crate::bindings::session;
use crate::bindings::types::{self as wit, TransactionStatuses};
use crate::limits::wide;

const SET_ITEMS: u32 = Limits::SET_ITEMS;

/// Rows of an answer that has many of each.
const MOST_ROWS: u64 = 1_000_000;

/// That a set is not too large to be named.
pub(super) fn bounded(what: &str, asked: usize) -> Result<(), SessionFault> {
    let asked = wide(asked);
    if asked <= u64::from(SET_ITEMS) {
        return Ok(());
    }
    let exceeded = Exceeded {
        limit: Limit::SetItems,
        value: SET_ITEMS.into(),
        asked: Some(asked),
    };
    Err(SessionFault::limit(format!("{what}: {exceeded}")))
}

/// The same where each may give so many rows.
pub(super) fn bounded_rows(what: &str, asked: usize, each: u32) -> Result<(), SessionFault> {
    bounded(what, asked)?;
    let rows = u64::from(each).saturating_mul(wide(asked));
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let fault = format!("{what}: {rows} rows could be in the answer, at most {MOST_ROWS} can");
    Err(SessionFault::limit(fault))
}

/// The rows of one page.
pub(super) fn page(limit: u32) -> Result<u32, SessionFault> {
    match limit {
        0 => Err(SessionFault::invalid("a limit of 0 asks for nothing")),
        _ => Ok(limit.min(SET_ITEMS)),
    }
}

/// None where it names an id or a symbol that can't be.
pub(super) fn filter(filter: session::TransactionFilter) -> Option<TransactionFilter> {
    let expert = filter.expert.map(ExpertId::try_from).transpose().ok()?;
    let symbol = filter.symbol.map(Symbol::new).transpose().ok()?;
    let states = [
        (TransactionStatuses::WAITING, TransactionStatus::Waiting),
        (TransactionStatuses::OPENED, TransactionStatus::Opened),
        (TransactionStatuses::CLOSING, TransactionStatus::Closing),
        (TransactionStatuses::CLOSED, TransactionStatus::Closed),
    ];
    let wanted = states
        .into_iter()
        .filter(|(flag, _)| filter.statuses.contains(*flag));
    Some(TransactionFilter {
        statuses: wanted.map(|(_, status)| status).collect(),
        expert,
        symbol,
    })
}

/// Without those that can't be ids.
pub(super) fn ids<I: TryFrom<u64>>(asked: &[u64]) -> Vec<I> {
    let mut known = Vec::with_capacity(asked.len());
    known.extend(asked.iter().filter_map(|id| (*id).try_into().ok()));
    known
}

/// Without those that can't be ones.
pub(super) fn instruments(asked: &[wit::Instrument]) -> Vec<Instrument> {
    let read = |asked: &wit::Instrument| {
        Some(Instrument {
            account: AccountId::try_from(asked.account).ok()?,
            symbol: Arc::clone(&asked.symbol).try_into().ok()?,
        })
    };
    let mut known = Vec::with_capacity(asked.len());
    known.extend(asked.iter().filter_map(read));
    known
}

/// Whether it can be one.
pub(super) fn is_instrument(asked: &wit::Instrument) -> bool {
    AccountId::try_from(asked.account).is_ok() && Symbol::is_one(&asked.symbol)
}

/// Each that was asked with what was given of it: of those that can be, in
/// their order.
pub(super) fn each_with<A, G>(
    asked: Vec<A>,
    can_be: impl Fn(&A) -> bool,
    given: Vec<G>,
) -> impl Iterator<Item = (A, Option<G>)> {
    let mut given = given.into_iter();
    asked.into_iter().map(move |one| {
        let its = if can_be(&one) { given.next() } else { None };
        (one, its)
    })
}
