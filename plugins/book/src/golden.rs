//! The datasets with known answers, at `tests/golden/`.
//!
//! Owns: reading them, and comparing views with them field by field. Must not
//! know: how the numbers are calculated.

use std::collections::BTreeMap;
use std::path::Path;

use lombard_model::dataset::{AccountEntry, Dataset};
use lombard_model::view::{Block, View};
use lombard_model::{
    Account, AccountId, Balance, Decimal, Expert, Instrument, Order, Quote, Transaction,
};
use serde_json::{Value as Json, json};

use crate::{
    Book, Holders, accounts_to_ask, balance_usage_per_expert, floating_pl_per_account,
    floating_pl_per_expert,
};

/// A scenario: its records, and what the widgets have to show of them.
struct Golden {
    accounts: Vec<Account>,
    cash: BTreeMap<AccountId, Decimal>,
    prices: BTreeMap<Instrument, Decimal>,
    experts: Vec<Expert>,
    transactions: Vec<Transaction>,
    orders: Vec<Order>,
    expected: Json,
}

impl Golden {
    fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
        let document = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut document: Json = serde_json::from_str(&document).unwrap();
        let data = document["dataset"].take().to_string();
        let data = Dataset::read(data.as_bytes()).unwrap();
        let cash = |entry: &AccountEntry| Some((entry.id, entry.balance?.0));
        Self {
            accounts: data.accounts.iter().map(Account::from).collect(),
            cash: data.accounts.iter().filter_map(cash).collect(),
            prices: data.prices().collect(),
            experts: data.experts.iter().map(Expert::from).collect(),
            transactions: data.transactions.iter().map(Transaction::from).collect(),
            orders: data.orders.iter().map(Order::from).collect(),
            expected: document["expected"].take(),
        }
    }

    /// As a session answers: one for each, in their order.
    fn quotes(&self, instruments: Vec<Instrument>) -> Vec<Quote> {
        let quote = |instrument: Instrument| Quote {
            price: self.prices.get(&instrument).copied(),
            instrument,
            taken_at: None,
        };
        instruments.into_iter().map(quote).collect()
    }

    fn balances(&self, accounts: Vec<AccountId>) -> Vec<Balance> {
        let balance = |account| Balance {
            account,
            cash: self.cash.get(&account).copied(),
            taken_at: None,
        };
        accounts.into_iter().map(balance).collect()
    }

    fn views(&self) -> [(&'static str, View); 3] {
        let book = Book::of(&self.transactions, &self.orders);
        let quotes = self.quotes(book.instruments(Holders::Experts));
        let per_expert = floating_pl_per_expert(&book, &self.experts, &quotes);
        let quotes = self.quotes(book.instruments(Holders::Everyone));
        let per_account = floating_pl_per_account(&book, &self.accounts, &quotes);
        let quotes = self.quotes(book.pending_instruments(Holders::Experts));
        let balances = self.balances(accounts_to_ask(&book, &self.experts));
        let usage = balance_usage_per_expert(&book, &self.experts, &balances, &quotes);
        let accounts = &self.accounts;
        [
            (
                "floating-pl-per-expert",
                per_expert.into_view(accounts, None),
            ),
            (
                "floating-pl-per-account",
                per_account.into_view(accounts, None),
            ),
            ("balance-usage-per-expert", usage.into_view(accounts, None)),
        ]
    }
}

/// The table and the stats of a view, in the form of the expected answers.
fn answer(view: &View) -> Json {
    let mut answer = json!({});
    for block in &view.blocks {
        let block_json = serde_json::to_value(block).unwrap();
        match block {
            Block::Table(_) => answer["rows"] = block_json["rows"].clone(),
            Block::Stat(stat) => answer[stat.key.as_str()] = block_json["value"].clone(),
            _ => {}
        }
    }
    answer
}

fn warnings(view: &View) -> Vec<&str> {
    fn text(block: &Block) -> Option<&str> {
        match block {
            Block::Warning(text) => Some(text),
            _ => None,
        }
    }
    view.blocks.iter().filter_map(text).collect()
}

fn check(name: &str) -> [(&'static str, View); 3] {
    let golden = Golden::read(name);
    let views = golden.views();
    for (widget, view) in &views {
        assert_eq!(answer(view), golden.expected[widget], "{widget} of {name}");
    }
    views
}

#[test]
fn empty_book() {
    let [(_, per_expert), (_, per_account), (_, usage)] = check("empty.json");
    for view in [&per_expert, &per_account] {
        assert!(
            view.blocks
                .iter()
                .any(|block| matches!(block, Block::Empty(_)))
        );
    }
    assert!(
        usage
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Bars(_)))
    );
}

#[test]
fn healthy_book() {
    for (widget, view) in check("healthy_small.json") {
        assert_eq!(warnings(&view), [""; 0], "{widget}");
    }
}

#[test]
fn every_edge_case() {
    let [(_, per_expert), (_, per_account), (_, usage)] = check("main.json");
    let expected = [
        "transaction 12: no price for XYZ on account Alpha (1)",
        "transaction 13: no price for NVDA on account Alpha (1)",
        "transaction 18: no price for AAPL on account Broken (4)",
        "transaction 22: a fill without a price on account Alpha (1) is left out",
    ];
    assert_eq!(warnings(&per_expert), expected);
    assert_eq!(warnings(&per_account), expected);
    assert_eq!(
        warnings(&usage),
        [
            "transaction 10: no price for XYZ on account Alpha (1)",
            "transaction 22: a fill without a price on account Alpha (1) is left out",
            "expert 6: no balance of account Broken (4)",
        ]
    );
}

#[test]
fn an_unknown_creation_time_costs_nothing() {
    check("null_created_at.json");
}

#[test]
fn an_unpriced_position_of_nobody_costs_nothing() {
    check("position_price_null.json");
}
