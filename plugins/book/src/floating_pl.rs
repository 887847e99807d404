//! Floating P/L, per expert and per account.
//!
//! Owns: `(price − average) × open`, negated for what was sold, and its sums.
//! Must not know: how a view looks.

use std::cmp::Reverse;

use lombard_model::{Account, AccountId, Decimal, Expert, ExpertId, Quote};

use crate::labels::{expert_labels, label_of};
use crate::order::{distinct, sorted_by_key};
use crate::prices::Prices;
use crate::sums::{SumsById, add, total};
use crate::warning::{Cause, Warning};
use crate::{Book, Holders, Position, account_labels};

/// Floating P/L of each of some things, from highest to lowest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloatingPl<I> {
    /// One for each with a priced position; ties by id.
    pub rows: Vec<PlRow<I>>,
    /// The sum of the rows; none where it is too large a number.
    pub total: Option<Decimal>,
    /// What is missing from the rows, each once.
    pub warnings: Vec<Warning>,
    /// The accounts with a part in the rows, each once.
    pub summed: Vec<AccountId>,
}

/// The floating P/L of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlRow<I> {
    /// What it is of.
    pub id: I,
    /// What that is called.
    pub label: String,
    /// How much.
    pub pl: Decimal,
}

/// Floating P/L per expert, over the transactions that have one.
///
/// `quotes` answer [`Book::instruments`] of [`Holders::Experts`]; what is
/// missing in them has no price.
#[must_use]
pub fn floating_pl_per_expert(
    book: &Book<'_>,
    experts: &[Expert],
    quotes: &[Quote],
) -> FloatingPl<ExpertId> {
    let labels = expert_labels(experts);
    let label = |id| label_of(&labels, id, "expert");
    per(
        book,
        Holders::Experts,
        quotes,
        |position| position.transaction.expert,
        label,
    )
}

/// Floating P/L per account, over all transactions, those by hand too.
///
/// `quotes` answer [`Book::instruments`] of [`Holders::Everyone`].
#[must_use]
pub fn floating_pl_per_account(
    book: &Book<'_>,
    accounts: &[Account],
    quotes: &[Quote],
) -> FloatingPl<AccountId> {
    let labels = account_labels(accounts);
    let label = |id| label_of(&labels, id, "account");
    per(
        book,
        Holders::Everyone,
        quotes,
        |position| Some(position.account),
        label,
    )
}

fn per<I: Copy + Ord>(
    book: &Book<'_>,
    of: Holders,
    quotes: &[Quote],
    id_of: impl Fn(&Position<'_>) -> Option<I>,
    label: impl Fn(I) -> String,
) -> FloatingPl<I> {
    let prices = Prices::of(quotes);
    let mut sums = SumsById::<I, Decimal>::new();
    let mut summed = SumsById::<AccountId, ()>::new();
    let mut warnings = book.warnings(of);
    for position in book.positions() {
        let Some(id) = id_of(position) else {
            continue;
        };
        let sum = sums.get(id).copied().unwrap_or_default();
        match priced(position, &prices, sum) {
            Ok(sum) => {
                *sums.of(id) = sum;
                summed.of(position.account);
            }
            Err(cause) => warnings.push(Warning::of_position(position, cause)),
        }
    }
    let row = |(id, pl)| PlRow {
        id,
        label: label(id),
        pl,
    };
    let rows = sums.into_vec().into_iter().map(row).collect();
    let rows = sorted_by_key(rows, |row| (Reverse(row.pl), row.id));
    let total = total(rows.iter().map(|row| row.pl));
    if total.is_none() {
        warnings.push(Warning::TotalTooLarge);
    }
    FloatingPl {
        rows,
        total,
        warnings: distinct(warnings),
        summed: summed.into_ids(),
    }
}

/// The sum with this position's part in it.
fn priced(position: &Position<'_>, prices: &Prices<'_>, sum: Decimal) -> Result<Decimal, Cause> {
    let symbol = &position.transaction.symbol;
    let price = prices
        .price(position.account, symbol)
        .ok_or_else(|| Cause::NoPrice(symbol.clone()))?;
    position
        .floating_pl(price)
        .and_then(|pl| add(sum, pl))
        .ok_or(Cause::TooLarge)
}

impl<I> FloatingPl<I> {
    /// Whether the view can't be worded without the accounts: there are
    /// warnings to word, or currencies to compare.
    #[must_use]
    pub fn needs_accounts(&self) -> bool {
        !self.warnings.is_empty() || self.summed.len() > 1
    }
}
