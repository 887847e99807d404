//! Floating profit or loss per expert, written with look-ups in loops.
//!
//! Owns: the worst code that a plugin author may write, with the same view as
//! `floating-pl-per-expert`: it is measured beside it, and shown by nobody.
//! Must not know: the numbers; they are in `lombard-book`.

use std::collections::BTreeMap;

use lombard_book::{Book, Holders, floating_pl_per_expert};
use lombard_sdk::bindings::widget::lombard::platform::{
    settings as host_settings, types as raw_types,
};
use lombard_sdk::model::{
    Account, AccountId, Expert, ExpertId, Instrument, Order, OrderId, Quote, Transaction,
};
use lombard_sdk::prelude::*;

struct NaiveFloatingPl;

impl Widget for NaiveFloatingPl {
    fn render(session: &Session, request: &RenderRequest) -> Result<View, Error> {
        let mut seen = Seen::default();
        let transactions = session.transactions(&TransactionFilter::open())?;
        for transaction in &transactions {
            let look_ups = settings::str("look_ups")?;
            let orders = session.orders_of(&[transaction.id])?;
            if let Some(id) = transaction.expert {
                seen.expert(session, id)?;
            }
            let one = Book::of(std::slice::from_ref(transaction), &orders);
            for instrument in one.instruments(Holders::Experts) {
                seen.quote(session, &instrument)?;
            }
            match look_ups.as_str() {
                "raw" => beside_the_sdk(session, transaction)?,
                "everything" => everything(session, transaction, &orders)?,
                _ => {}
            }
            seen.orders.extend(orders);
        }
        match settings::str("look_ups")?.as_str() {
            "random" => strangers(session)?,
            "sets" => sets(session, &transactions, &seen.orders)?,
            _ => {}
        }
        let book = Book::of(&transactions, &seen.orders);
        let experts: Vec<_> = seen.experts.into_values().collect();
        let accounts: Vec<_> = seen.accounts.into_values().collect();
        let report = floating_pl_per_expert(&book, &experts, &seen.quotes);
        Ok(report.into_view(&accounts, request.max_rows))
    }
}

/// What the view is made of.
#[derive(Default)]
struct Seen {
    experts: BTreeMap<ExpertId, Expert>,
    accounts: BTreeMap<AccountId, Account>,
    orders: Vec<Order>,
    quotes: Vec<Quote>,
}

impl Seen {
    fn expert(&mut self, session: &Session, id: ExpertId) -> Result<(), Error> {
        let Some(expert) = session.expert(id)? else {
            return Ok(());
        };
        if let Some(account) = session.account(expert.account)? {
            self.accounts.insert(account.id, account);
        }
        self.experts.insert(id, expert);
        Ok(())
    }

    /// The price is asked for each time, and kept once.
    fn quote(&mut self, session: &Session, instrument: &Instrument) -> Result<(), Error> {
        let quotes = session.quotes(std::slice::from_ref(instrument))?;
        if !self.quotes.iter().any(|one| one.instrument == *instrument) {
            self.quotes.extend(quotes);
        }
        Ok(())
    }
}

/// The same again, in calls into the host that the SDK does not save.
fn beside_the_sdk(session: &Session, transaction: &Transaction) -> Result<(), Error> {
    let raw = session.raw();
    host_settings::get("look_ups")?;
    raw.orders_of(&[transaction.id.get()])?;
    if let Some(expert) = transaction.expert
        && let Some(expert) = raw.expert(expert.get())?
    {
        raw.account(expert.account)?;
        raw.quotes(&[raw_types::Instrument {
            account: expert.account,
            symbol: transaction.symbol.to_string(),
        }])?;
    }
    Ok(())
}

/// All that can be looked up of what was handed out.
fn everything(session: &Session, transaction: &Transaction, orders: &[Order]) -> Result<(), Error> {
    if let Some(expert) = transaction.expert {
        session.transactions(&TransactionFilter::open().of_expert(expert))?;
    }
    session.transaction(transaction.id)?;
    for order in orders {
        session.order(order.id)?;
        if let Some(other) = order.depends_on {
            session.order(other)?;
        }
        session.transaction(order.transaction)?;
        session.balances(&[order.account])?;
        session.positions(order.account)?;
    }
    Ok(())
}

/// Each set at once, and whether it is what its rows are one by one.
fn sets(session: &Session, transactions: &[Transaction], orders: &[Order]) -> Result<(), Error> {
    let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
    let single = ids.iter().map(|id| session.transaction(*id));
    let single: Vec<_> = single.collect::<Result<Vec<_>, _>>()?;
    let single: Vec<_> = single.into_iter().flatten().collect();
    same("transactions", &session.transactions_by_id(&ids)?, &single)?;
    same("open transactions", transactions, &single)?;
    same("orders of many", &session.orders_of(&ids)?, orders)?;
    let book = session.book(&TransactionFilter::open())?;
    same("transactions of the book", &book.0, transactions)?;
    same("orders of the book", &book.1, orders)?;

    let mut ids: Vec<_> = orders.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    let single = ids.iter().map(|id| session.order(*id));
    let single: Vec<_> = single.collect::<Result<Vec<_>, _>>()?;
    let single: Vec<_> = single.into_iter().flatten().collect();
    same("orders", &session.orders_by_id(&ids)?, &single)?;

    let ids: Vec<_> = session.accounts()?.iter().map(|one| one.id).collect();
    let single = ids.iter().map(|id| session.positions(*id).map(Some));
    let single: Vec<_> = single.collect::<Result<_, _>>()?;
    same("positions", &session.positions_of(&ids)?, &single)?;

    let mut symbols: Vec<_> = orders.iter().map(|one| one.symbol.clone()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    let until = session.as_of();
    let single = symbols.iter().map(|one| session.bars(one, until, 5));
    let single: Vec<_> = single.collect::<Result<_, _>>()?;
    same("bars", &session.bars_of(&symbols, until, 5)?, &single)?;

    let ids: Vec<_> = session.experts()?.iter().map(|one| one.id).collect();
    let mut single = Vec::new();
    for id in &ids {
        single.extend(session.recommendations(*id, 3)?);
    }
    same(
        "recommendations",
        &session.recommendations_of(&ids, 3)?,
        &single,
    )
}

fn same<T: PartialEq>(what: &str, set: &[T], single: &[T]) -> Result<(), Error> {
    if set == single {
        return Ok(());
    }
    Err(Error::other(format!("the {what} differ one by one")))
}

/// Ids that nobody was given, each twice.
fn strangers(session: &Session) -> Result<(), Error> {
    let bad = |error: &dyn std::fmt::Display| Error::other(error.to_string());
    let count = settings::int("strangers")?;
    for at in 0..u64::try_from(count).unwrap_or(0) {
        // Spread over the ids there can be; the same in each call.
        let id = 1_000_000_007 + at * 7_919;
        for _ in 0..2 {
            let order = OrderId::try_from(id).map_err(|error| bad(&error))?;
            if session.order(order)?.is_some() {
                return Err(Error::other("a stranger is known"));
            }
        }
    }
    Ok(())
}

lombard_sdk::widget!(NaiveFloatingPl);
