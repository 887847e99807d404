//! Floating profit or loss of open positions, per account.
//!
//! Owns: which sets the widget reads. Must not know: the numbers; they are in
//! `lombard-book`, and so is the view of them.

use lombard_book::{Book, Holders, floating_pl_per_account};
use lombard_sdk::prelude::*;

struct FloatingPlPerAccount;

impl Widget for FloatingPlPerAccount {
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error> {
        let (transactions, orders) = session.book(&TransactionFilter::open())?;
        let accounts = session.accounts()?;
        let book = Book::of(&transactions, &orders);
        let quotes = session.quotes(&book.instruments(Holders::Everyone))?;
        let report = floating_pl_per_account(&book, &accounts, &quotes);
        Ok(report.into_view(&accounts, request.max_rows))
    }
}

lombard_sdk::widget!(FloatingPlPerAccount);
