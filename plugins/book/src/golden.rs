//! The datasets with known answers, at `tests/golden/`.
//!
//! Owns: reading them, and comparing views with them field by field. Must not
//! know: how the numbers are calculated.

use std::collections::BTreeMap;
use std::path::Path;

use lombard_model::view::{Block, View};
use lombard_model::{
    Account, AccountId, Balance, Decimal, Expert, Instrument, Order, OrderState, OrderType, Quote,
    Symbol, Timestamp, Transaction, parse_decimal,
};
use serde_json::{Value as Json, json};

use crate::{
    Book, Holders, accounts_to_ask, balance_usage_per_expert, floating_pl_per_account,
    floating_pl_per_expert,
};

struct Dataset {
    accounts: Vec<Account>,
    cash: BTreeMap<AccountId, Decimal>,
    prices: BTreeMap<Instrument, Decimal>,
    experts: Vec<Expert>,
    transactions: Vec<Transaction>,
    orders: Vec<Order>,
    expected: Json,
}

fn decimal(json: &Json) -> Option<Decimal> {
    json.as_str().map(|text| parse_decimal(text).unwrap())
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

fn time(json: &Json) -> Option<Timestamp> {
    json.as_str().map(|text| text.parse().unwrap())
}

fn id<I: TryFrom<u64, Error: std::fmt::Debug>>(json: &Json) -> Option<I> {
    json.as_u64().map(|id| id.try_into().unwrap())
}

fn records<T>(json: &Json, read: impl Fn(&Json) -> T) -> Vec<T> {
    json.as_array().unwrap().iter().map(read).collect()
}

fn account(json: &Json) -> Account {
    Account {
        id: id(&json["id"]).unwrap(),
        name: text(&json["name"]),
        provider: text(&json["provider"]),
        currency: text(&json["currency"]),
    }
}

fn expert(json: &Json) -> Expert {
    Expert {
        id: id(&json["id"]).unwrap(),
        account: id(&json["account_id"]).unwrap(),
        plugin: text(&json["plugin"]),
        alias: json["alias"].as_str().map(str::to_owned),
        enabled: json["enabled"].as_bool().unwrap(),
        virtual_equity_percent: decimal(&json["virtual_equity_pct"]).unwrap(),
    }
}

fn transaction(json: &Json) -> Transaction {
    Transaction {
        id: id(&json["id"]).unwrap(),
        expert: id(&json["expert_id"]),
        symbol: Symbol::new(text(&json["symbol"])).unwrap(),
        side: json["side"].as_str().map(|side| side.parse().unwrap()),
        quantity: decimal(&json["quantity"]).unwrap(),
        open_price: decimal(&json["open_price"]),
        status: text(&json["status"]).parse().unwrap(),
        created_at: time(&json["created_at"]).unwrap(),
    }
}

fn order(json: &Json) -> Order {
    Order {
        id: id(&json["id"]).unwrap(),
        transaction: id(&json["transaction_id"]).unwrap(),
        account: id(&json["account_id"]).unwrap(),
        symbol: Symbol::new(text(&json["symbol"])).unwrap(),
        side: text(&json["side"]).parse().unwrap(),
        order_type: OrderType::from_platform_name(&text(&json["type"])),
        status: text(&json["status"]).parse::<OrderState>().unwrap().into(),
        quantity: decimal(&json["quantity"]).unwrap(),
        filled_quantity: decimal(&json["filled_quantity"]),
        fill_price: decimal(&json["fill_price"]),
        limit_price: decimal(&json["limit_price"]),
        stop_price: decimal(&json["stop_price"]),
        depends_on: id(&json["depends_on"]),
        created_at: time(&json["created_at"]),
    }
}

fn prices(account: &Json) -> impl Iterator<Item = (Instrument, Decimal)> {
    let of = id(&account["id"]).unwrap();
    account["prices"]
        .as_object()
        .into_iter()
        .flatten()
        .map(move |(symbol, price)| {
            let symbol = Symbol::new(symbol.as_str()).unwrap();
            let instrument = Instrument {
                account: of,
                symbol,
            };
            (instrument, decimal(price).unwrap())
        })
}

fn cash(account: &Json) -> Option<(AccountId, Decimal)> {
    Some((id(&account["id"])?, decimal(&account["balance"])?))
}

impl Dataset {
    fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
        let document = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut document: Json = serde_json::from_str(&document).unwrap();
        let data = document["dataset"].take();
        let accounts = data["accounts"].as_array().unwrap();
        Self {
            accounts: records(&data["accounts"], account),
            cash: accounts.iter().filter_map(cash).collect(),
            prices: accounts.iter().flat_map(prices).collect(),
            experts: records(&data["experts"], expert),
            transactions: records(&data["transactions"], transaction),
            orders: records(&data["orders"], order),
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
    let dataset = Dataset::read(name);
    let views = dataset.views();
    for (widget, view) in &views {
        assert_eq!(answer(view), dataset.expected[widget], "{widget} of {name}");
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
