//! Positions, floating P/L and balance usage: one calculation with one name.
//!
//! Owns: the numbers of the three standard widgets and the views of them. The
//! widgets are views of it in Wasm, the benchmark of it natively; both run this
//! code. Must not know: where records come from or where views go. No I/O.
//!
//! A report is made in two steps, since what has to be asked of brokers is only
//! known once the positions are:
//!
//! ```
//! use lombard_book::{Book, Holders, floating_pl_per_expert};
//! # let (transactions, orders, experts, accounts) = (vec![], vec![], vec![], vec![]);
//! # let ask_brokers = |_| vec![];
//!
//! let book = Book::of(&transactions, &orders);
//! let quotes = ask_brokers(book.instruments(Holders::Experts));
//! let report = floating_pl_per_expert(&book, &experts, &quotes);
//! let view = report.into_view(&accounts, None);
//! assert_eq!(view.title, "Floating P/L per expert");
//! ```
//!
//! All arithmetic is exact as far as 28 digits reach, and checked: what would
//! overflow becomes a warning that names its transaction and takes nothing from
//! the others.

mod balance_usage;
mod book;
mod floating_pl;
mod labels;
mod order;
mod position;
mod prices;
mod sums;
mod view;
mod warning;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod pl_cases;
#[cfg(test)]
mod usage_cases;

pub use balance_usage::{BalanceUsage, UsageRow, accounts_to_ask, balance_usage_per_expert};
pub use book::{Book, Holders};
pub use floating_pl::{FloatingPl, PlRow, floating_pl_per_account, floating_pl_per_expert};
pub use labels::account_labels;
pub use position::Position;
pub use warning::{Cause, Warning};
