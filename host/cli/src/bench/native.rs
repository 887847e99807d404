//! The three widgets in native Rust.
//!
//! Owns: reading, over the store's session and without a component between,
//! the very sets that the plugins read. The numbers and the views are
//! `lombard-book`'s on both sides.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use lombard_book::{
    Book, Holders, accounts_to_ask, balance_usage_per_expert, floating_pl_per_account,
    floating_pl_per_expert,
};
use lombard_model::view::View;
use lombard_model::{Account, Expert, Order, Transaction};
use lombard_runtime::Host;
use lombard_store::{Session, TransactionFilter};

/// A widget in native Rust.
pub(super) struct Widget {
    /// The plugin that shows the same.
    pub(super) name: &'static str,
    render: for<'a> fn(&'a Host, &'a mut Session) -> BoxFuture<'a, anyhow::Result<View>>,
}

/// The three.
pub(super) const WIDGETS: &[Widget] = &[
    Widget {
        name: "floating-pl-per-expert",
        render: |host, session| Box::pin(pl_per_expert(host, session)),
    },
    Widget {
        name: "floating-pl-per-account",
        render: |host, session| Box::pin(pl_per_account(host, session)),
    },
    Widget {
        name: "balance-usage-per-expert",
        render: |host, session| Box::pin(balance_usage(host, session)),
    },
];

/// Renders once, over a session of its own.
pub(super) async fn render(host: &Host, widget: &Widget) -> anyhow::Result<View> {
    let mut session = host.session("bench");
    session.read_as_last_time(format!("native {}", widget.name));
    let view = (widget.render)(host, &mut session).await;
    session.end();
    view
}

async fn pl_per_expert(host: &Host, session: &mut Session) -> anyhow::Result<View> {
    let (transactions, orders) = open_book(session).await?;
    let experts = experts(session).await?;
    let book = Book::of(&transactions, &orders);
    let wanted = book.instruments(Holders::Experts);
    let quotes = host.accounts().quotes(wanted, session).await?;
    let report = floating_pl_per_expert(&book, &experts, &quotes);
    let accounts = match report.needs_accounts() {
        true => accounts(session).await?,
        false => Vec::new(),
    };
    Ok(report.into_view(&accounts, None))
}

async fn pl_per_account(host: &Host, session: &mut Session) -> anyhow::Result<View> {
    let (transactions, orders) = open_book(session).await?;
    let accounts = accounts(session).await?;
    let book = Book::of(&transactions, &orders);
    let wanted = book.instruments(Holders::Everyone);
    let quotes = host.accounts().quotes(wanted, session).await?;
    Ok(floating_pl_per_account(&book, &accounts, &quotes).into_view(&accounts, None))
}

async fn balance_usage(host: &Host, session: &mut Session) -> anyhow::Result<View> {
    let (transactions, orders) = open_book(session).await?;
    let experts = experts(session).await?;
    let book = Book::of(&transactions, &orders);
    let asked = accounts_to_ask(&book, &experts);
    let balances = host.accounts().balances(&asked, session).await?;
    let wanted = book.pending_instruments(Holders::Experts);
    let quotes = host.accounts().quotes(wanted, session).await?;
    let report = balance_usage_per_expert(&book, &experts, &balances, &quotes);
    let accounts = match report.needs_accounts() {
        true => accounts(session).await?,
        false => Vec::new(),
    };
    Ok(report.into_view(&accounts, None))
}

async fn open_book(session: &mut Session) -> anyhow::Result<(Arc<[Transaction]>, Arc<[Order]>)> {
    let open = TransactionFilter::open();
    let transactions = session.transactions(&open, None, 100_000).await?;
    let ids: Vec<_> = transactions
        .iter()
        .map(|transaction| transaction.id)
        .collect();
    let orders = session.orders_of(&ids).await?;
    Ok((transactions, orders))
}

async fn accounts(session: &mut Session) -> anyhow::Result<Vec<Account>> {
    let rows = session.accounts().await?;
    Ok(rows.iter().map(|row| row.account.clone()).collect())
}

async fn experts(session: &mut Session) -> anyhow::Result<Vec<Expert>> {
    let rows = session.experts().await?;
    Ok(rows.iter().map(|row| row.expert.clone()).collect())
}
