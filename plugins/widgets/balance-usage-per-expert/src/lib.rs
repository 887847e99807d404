//! How much of its share of the account's balance each expert uses.
//!
//! Owns: which sets the widget reads. Must not know: the numbers; they are in
//! `lombard-book`, and so is the view of them.

use lombard_book::{Book, Holders, accounts_to_ask, balance_usage_per_expert};
use lombard_sdk::prelude::*;

struct BalanceUsagePerExpert;

impl Widget for BalanceUsagePerExpert {
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error> {
        let (transactions, orders) = session.book(&TransactionFilter::open())?;
        let experts = session.experts()?;
        let book = Book::of(&transactions, &orders);
        let balances = session.balances(&accounts_to_ask(&book, &experts))?;
        let quotes = session.quotes(&book.pending_instruments(Holders::Experts))?;
        let report = balance_usage_per_expert(&book, &experts, &balances, &quotes);
        let accounts = match report.needs_accounts() {
            true => session.accounts()?,
            false => Vec::new(),
        };
        Ok(report.into_view(&accounts, request.max_rows))
    }
}

lombard_sdk::widget!(BalanceUsagePerExpert);
