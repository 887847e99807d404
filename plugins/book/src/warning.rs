//! Why a number is not the whole.
//!
//! Owns: the warnings and their words. Must not know: which view they are in.

use std::fmt::Write;

use lombard_model::{Account, AccountId, ExpertId, Symbol, TransactionId};

use crate::Position;
use crate::order::distinct;

/// Why a part is missing from a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// The account gives no price for the symbol.
    NoPrice(Symbol),
    /// An order was executed, at a price that nobody said.
    FillWithoutPrice,
    /// The numbers are too large to be added up.
    TooLarge,
}

/// A part that is missing from a report's numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Warning {
    /// A transaction's part on an account.
    Transaction {
        /// The transaction.
        transaction: TransactionId,
        /// The account.
        account: AccountId,
        /// Why.
        cause: Cause,
    },
    /// An expert's share of a balance.
    NoBalance {
        /// The expert.
        expert: ExpertId,
        /// The account that can't be reached.
        account: AccountId,
    },
    /// An expert's share of a balance is too large a number.
    VirtualTooLarge {
        /// The expert.
        expert: ExpertId,
    },
    /// The sum of all rows is too large a number.
    TotalTooLarge,
}

impl Warning {
    pub(crate) fn of_position(position: &Position<'_>, cause: Cause) -> Self {
        Self::Transaction {
            transaction: position.transaction.id,
            account: position.account,
            cause,
        }
    }

    /// The warning in words, such as `transaction 12: no price for XYZ on
    /// account Alpha (1)`. An account that is not among these goes by its id.
    #[must_use]
    pub fn text(&self, accounts: &[Account]) -> String {
        match self {
            Self::Transaction {
                transaction,
                account,
                cause,
            } => {
                let account = named(*account, accounts);
                match cause {
                    Cause::NoPrice(symbol) => {
                        format!("transaction {transaction}: no price for {symbol} on {account}")
                    }
                    Cause::FillWithoutPrice => format!(
                        "transaction {transaction}: a fill without a price on {account} is left out"
                    ),
                    Cause::TooLarge => format!(
                        "transaction {transaction}: left out, its numbers on {account} are too large"
                    ),
                }
            }
            Self::NoBalance { expert, account } => {
                format!(
                    "expert {expert}: no balance of {}",
                    named(*account, accounts)
                )
            }
            Self::VirtualTooLarge { expert } => {
                format!("expert {expert}: its virtual equity is too large a number")
            }
            Self::TotalTooLarge => "the total is too large a number".to_owned(),
        }
    }
}

/// Says that a total adds up more than one currency, where it does.
///
/// `summed` are the accounts with a part in it, each once.
pub(crate) fn mixed_currencies(summed: &[AccountId], accounts: &[Account]) -> Option<String> {
    let is_summed = |account: &&Account| summed.contains(&account.id);
    let currencies: Vec<_> = accounts
        .iter()
        .filter(is_summed)
        .map(|account| account.currency.as_str())
        .collect();
    let currencies = distinct(currencies);
    (currencies.len() > 1).then(|| {
        let currencies = currencies.join(", ");
        format!("amounts in different currencies are added up without conversion: {currencies}")
    })
}

fn named(id: AccountId, accounts: &[Account]) -> String {
    let mut text = "account ".to_owned();
    // Writing to a string does not fail.
    let _ = match accounts.iter().find(|account| account.id == id) {
        Some(account) => write!(text, "{} ({id})", account.name),
        None => write!(text, "{id}"),
    };
    text
}
