//! How much of its account's balance each expert uses.
//!
//! Owns: filled, pending, virtual and available, and their totals. Must not
//! know: how a view looks.

use std::cmp::Reverse;

use lombard_model::{AccountId, Balance, Decimal, Expert, ExpertId, Quote};

use crate::book::Pending;
use crate::labels::{expert_labels, label_of};
use crate::order::{distinct, sorted_by_key};
use crate::prices::Prices;
use crate::sums::{SumsById, add, fits, minus, plus, times, total};
use crate::warning::{Cause, Warning};
use crate::{Book, Holders};

/// Balance usage of each expert, from the highest to the lowest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceUsage {
    /// One for each enabled expert, and for each disabled one that uses
    /// balance; by `filled + pending`, ties by id.
    pub rows: Vec<UsageRow>,
    /// The sum of all `filled`; none where it is too large a number.
    pub total_filled: Option<Decimal>,
    /// The sum of all `pending`; none where it is too large a number.
    pub total_pending: Option<Decimal>,
    /// What is missing from the rows, each once.
    pub warnings: Vec<Warning>,
    /// The accounts with a part in the totals, each once.
    pub summed: Vec<AccountId>,
}

/// The balance usage of one expert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The expert.
    pub id: ExpertId,
    /// What it is called.
    pub label: String,
    /// What its positions cost.
    pub filled: Decimal,
    /// What its working orders bind.
    pub pending: Decimal,
    /// Its share of its account's balance; absent where that is not known.
    pub virtual_equity: Option<Decimal>,
    /// What is left of that, never below 0; absent where that is not known.
    pub available: Option<Decimal>,
}

#[derive(Debug, Default)]
struct Usage {
    filled: Decimal,
    pending: Decimal,
}

/// The accounts whose balances [`balance_usage_per_expert`] needs, each once,
/// by id.
#[must_use]
pub fn accounts_to_ask(book: &Book<'_>, experts: &[Expert]) -> Vec<AccountId> {
    let mut busy: Vec<_> = book
        .positions()
        .iter()
        .filter_map(|p| p.transaction.expert)
        .collect();
    busy.extend(book.pending().iter().filter_map(|p| p.transaction.expert));
    busy = distinct(busy);
    let has_row = |expert: &&Expert| expert.enabled || busy.binary_search(&expert.id).is_ok();
    distinct(experts.iter().filter(has_row).map(|e| e.account).collect())
}

/// Balance usage per expert.
///
/// `balances` answer [`accounts_to_ask`], `quotes` answer
/// [`Book::pending_instruments`] of [`Holders::Experts`]; what is missing in
/// them is not known.
#[must_use]
pub fn balance_usage_per_expert(
    book: &Book<'_>,
    experts: &[Expert],
    balances: &[Balance],
    quotes: &[Quote],
) -> BalanceUsage {
    let mut tally = Tally {
        usages: SumsById::new(),
        summed: SumsById::new(),
        warnings: book.warnings(Holders::Experts),
    };
    tally.take_positions(book);
    tally.take_pending(book, &Prices::of(quotes));
    for expert in experts.iter().filter(|expert| expert.enabled) {
        tally.usages.of(expert.id);
    }
    tally.report(experts, balances)
}

struct Tally {
    usages: SumsById<ExpertId, Usage>,
    summed: SumsById<AccountId, ()>,
    warnings: Vec<Warning>,
}

impl Tally {
    fn take_positions(&mut self, book: &Book<'_>) {
        for position in book.positions() {
            let Some(expert) = position.transaction.expert else {
                continue;
            };
            let filled = &mut self.usages.of(expert).filled;
            if let Some(sum) = add(*filled, position.cost) {
                *filled = sum;
                self.summed.of(position.account);
            } else {
                self.warnings
                    .push(Warning::of_position(position, Cause::TooLarge));
            }
        }
    }

    fn take_pending(&mut self, book: &Book<'_>, prices: &Prices<'_>) {
        for pending in book.pending() {
            let Some(expert) = pending.transaction.expert else {
                continue;
            };
            let sum = &mut self.usages.of(expert).pending;
            match bound(pending, prices, *sum) {
                Ok(more) => {
                    *sum = more;
                    self.summed.of(pending.account);
                }
                Err(cause) => self.warnings.push(Warning::Transaction {
                    transaction: pending.transaction.id,
                    account: pending.account,
                    cause,
                }),
            }
        }
    }

    fn report(mut self, experts: &[Expert], balances: &[Balance]) -> BalanceUsage {
        let labels = expert_labels(experts);
        let mut rows = Vec::new();
        for (id, usage) in self.usages.into_vec() {
            let expert = experts.iter().find(|expert| expert.id == id);
            let is_used = !usage.filled.is_zero() || !usage.pending.is_zero();
            if !is_used && expert.is_none_or(|expert| !expert.enabled) {
                continue;
            }
            let share = expert.map_or(Ok(None), |expert| share(expert, balances));
            let virtual_equity = share.unwrap_or_else(|warning| {
                self.warnings.push(warning);
                None
            });
            rows.push(usage.into_row(id, label_of(&labels, id, "expert"), virtual_equity));
        }
        let rows = sorted_by_key(rows, |row| (Reverse(plus(row.filled, row.pending)), row.id));
        let total_filled = total(rows.iter().map(|row| row.filled));
        let total_pending = total(rows.iter().map(|row| row.pending));
        if total_filled.is_none() || total_pending.is_none() {
            self.warnings.push(Warning::TotalTooLarge);
        }
        BalanceUsage {
            rows,
            total_filled,
            total_pending,
            warnings: distinct(self.warnings),
            summed: self.summed.into_ids(),
        }
    }
}

impl Usage {
    fn into_row(self, id: ExpertId, label: String, virtual_equity: Option<Decimal>) -> UsageRow {
        // Each is bounded by what can be sent, so that this can't overflow.
        let left = |equity: Decimal| minus(minus(equity, self.filled)?, self.pending);
        UsageRow {
            id,
            label,
            filled: self.filled,
            pending: self.pending,
            virtual_equity,
            available: virtual_equity
                .and_then(left)
                .map(|left| left.max(Decimal::ZERO)),
        }
    }
}

impl BalanceUsage {
    /// Whether the view can't be worded without the accounts: there are
    /// warnings to word, or currencies to compare.
    #[must_use]
    pub fn needs_accounts(&self) -> bool {
        !self.warnings.is_empty() || self.summed.len() > 1
    }
}

/// The sum with what this order binds in it.
fn bound(pending: &Pending<'_>, prices: &Prices<'_>, sum: Decimal) -> Result<Decimal, Cause> {
    let symbol = &pending.transaction.symbol;
    let price = pending
        .price
        .or_else(|| prices.price(pending.account, symbol))
        .ok_or_else(|| Cause::NoPrice(symbol.clone()))?;
    times(pending.rest, price)
        .and_then(|bound| add(sum, bound))
        .ok_or(Cause::TooLarge)
}

/// The expert's share of its account's balance.
fn share(expert: &Expert, balances: &[Balance]) -> Result<Option<Decimal>, Warning> {
    let balance = balances
        .iter()
        .find(|balance| balance.account == expert.account);
    let Some(cash) = balance.and_then(|balance| balance.cash) else {
        return Err(Warning::NoBalance {
            expert: expert.id,
            account: expert.account,
        });
    };
    times(cash, expert.virtual_equity_percent)
        .and_then(|hundredfold| hundredfold.checked_div(Decimal::ONE_HUNDRED))
        .and_then(fits)
        .map(Some)
        .ok_or(Warning::VirtualTooLarge { expert: expert.id })
}
