//! A widget that looks up everything in every way that there is, and shows
//! what it was answered, faults included.
//!
//! Owns: every function of the session, by filter, by id, by list and by page,
//! also with ids that nobody was given. Must not know: what it is allowed to
//! see.

use std::fmt::{Debug, Write as _};

use lombard_sdk::bindings::widget::lombard::platform::session::{
    Session as Raw, TransactionFilter as Filter,
};
use lombard_sdk::bindings::widget::lombard::platform::settings as host_settings;
use lombard_sdk::bindings::widget::lombard::platform::types::{Instrument, TransactionStatuses};
use lombard_sdk::prelude::*;

/// Beside those that can be there: no id at all, and one that is too large.
const STRANGE: [u64; 3] = [0, u64::MAX, i64::MAX as u64];

/// What would end a statement that it stood in, and begin another.
const SQL: &str = "'; DROP TABLE experts; --";

/// Two that may be there, and others.
const SYMBOLS: [&str; 6] = ["S0", "S1", "none", "", SQL, "S1' OR '1'='1"];

/// Later than anything.
const UNTIL: i64 = 4_000_000_000_000_000;

struct Pries;

impl Widget for Pries {
    fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
        let mut ids: Vec<u64> = (1..=u64::try_from(settings::int("upto")?).unwrap_or(1)).collect();
        ids.extend(STRANGE);
        let raw = session.raw();
        let mut seen = Seen::default();
        match settings::str("first")?.as_str() {
            "sets" => {
                sets(raw, &ids, &mut seen);
                one_by_one(raw, &ids, &mut seen);
            }
            _ => {
                let mut alone = Seen::default();
                one_by_one(raw, &ids, &mut alone);
                sets(raw, &ids, &mut seen);
                seen.0 += &alone.0;
            }
        }
        seen.add("account setting", host_settings::get_account("api_secret"));
        seen.add("account key", host_settings::get_account("api_key"));
        Ok(view("Seen").text(seen.0).build())
    }
}

/// Every answer, a line each.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn add(&mut self, asked: impl Debug, answer: impl Debug) {
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "{asked:?}: {answer:?}");
    }
}

fn sets(raw: &Raw, ids: &[u64], seen: &mut Seen) {
    for filter in filters(ids) {
        pages(raw, &filter, seen);
    }
    seen.add("transactions", raw.transactions_by_id(ids));
    seen.add("orders", raw.orders_by_id(ids));
    seen.add("orders of", raw.orders_of(ids));
    seen.add("order table", raw.order_table(ids));
    seen.add("accounts", raw.accounts());
    seen.add("experts", raw.experts());
    seen.add("balances", raw.balances(ids));
    seen.add("positions of", raw.positions_of(ids));
    seen.add("quotes", raw.quotes(&instruments(ids)));
    seen.add("recommendations", raw.recommendations_of(ids, 3));
    let symbols = SYMBOLS.map(str::to_owned);
    seen.add("bars", raw.bars_of(&symbols, UNTIL, 10));
}

fn one_by_one(raw: &Raw, ids: &[u64], seen: &mut Seen) {
    for id in ids.iter().copied() {
        seen.add(("transaction", id), raw.transaction(id));
        seen.add(("order", id), raw.order(id));
        seen.add(("orders of", id), raw.orders_of(&[id]));
        seen.add(("account", id), raw.account(id));
        seen.add(("expert", id), raw.expert(id));
        seen.add(("balance", id), raw.balances(&[id]));
        seen.add(("positions", id), raw.positions(id));
        seen.add(("positions of", id), raw.positions_of(&[id]));
        seen.add(("recommendations", id), raw.recommendations(id, 2));
        for instrument in instruments(&[id]) {
            seen.add("quote", raw.quotes(&[instrument]));
        }
    }
    seen.add("bars", raw.bars("S0", UNTIL, 10));
}

fn instruments(accounts: &[u64]) -> Vec<Instrument> {
    let all = accounts.iter().flat_map(|account| {
        SYMBOLS.map(|symbol| Instrument {
            account: *account,
            symbol: symbol.to_owned(),
        })
    });
    all.collect()
}

/// By state, by expert and by symbol, and by all of them.
fn filters(ids: &[u64]) -> Vec<Filter> {
    let every = TransactionStatuses::WAITING
        | TransactionStatuses::OPENED
        | TransactionStatuses::CLOSING
        | TransactionStatuses::CLOSED;
    let filter = |statuses, expert, symbol: Option<&str>| Filter {
        statuses,
        expert,
        symbol: symbol.map(str::to_owned),
    };
    let mut filters = vec![
        filter(TransactionStatuses::OPENED, None, None),
        filter(every, None, None),
        filter(TransactionStatuses::CLOSED, None, None),
        filter(TransactionStatuses::empty(), None, None),
        filter(every, None, Some("S1")),
        filter(every, None, Some("none")),
        filter(every, None, Some(SQL)),
    ];
    filters.extend(ids.iter().map(|id| filter(every, Some(*id), None)));
    filters.push(filter(every, Some(2), Some("S1")));
    filters
}

/// Page by page, to the end, in pages of some sizes, and behind every id.
fn pages(raw: &Raw, filter: &Filter, seen: &mut Seen) {
    for limit in [2, 7, 100_000, 0] {
        let mut after = None;
        loop {
            let page = raw.transactions(filter, after, limit);
            seen.add((filter, after, limit), &page);
            let Ok(page) = page else { break };
            match page.last() {
                Some(last) if u32::try_from(page.len()) == Ok(limit) => after = Some(last.id),
                _ => break,
            }
        }
        if filter.expert.is_none() {
            seen.add((filter, limit), raw.transaction_table(filter, None, limit));
            seen.add((filter, limit), raw.book_table(filter, None, limit));
        }
    }
    if filter.expert.is_none() {
        for after in [0, 1, 3, 8, 20, 1_000, u64::MAX] {
            let page = raw.transactions(filter, Some(after), 3);
            seen.add((filter, after), page);
        }
    }
}

lombard_sdk::widget!(Pries);
