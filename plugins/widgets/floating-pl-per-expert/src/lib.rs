//! Floating profit or loss of open positions, per expert.
//!
//! Owns: which sets the widget reads. Must not know: the numbers; they are in
//! `lombard-book`, and so is the view of them.

use lombard_book::{Book, Holders, floating_pl_per_expert};
use lombard_sdk::prelude::*;

struct FloatingPlPerExpert;

impl Widget for FloatingPlPerExpert {
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error> {
        let (transactions, orders) = session.book(&TransactionFilter::open())?;
        let experts = session.experts()?;
        let book = Book::of(&transactions, &orders);
        let quotes = session.quotes(&book.instruments(Holders::Experts))?;
        let report = floating_pl_per_expert(&book, &experts, &quotes);
        let accounts = match report.needs_accounts() {
            true => session.accounts()?,
            false => Vec::new(),
        };
        Ok(report.into_view(&accounts, request.max_rows))
    }
}

lombard_sdk::widget!(FloatingPlPerExpert);
