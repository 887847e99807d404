//! Books to look at.
//!
//! Owns: datasets of any size, made by counting. Must not know: what is
//! calculated of them.

use lombard_model::dataset::Dataset;
use serde_json::{Value as Json, json};

const SYMBOLS: u64 = 10;

/// How large a book is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book {
    pub(crate) accounts: u64,
    /// Experts, dealt out to the accounts in turn.
    pub(crate) experts: u64,
    /// Open transactions, dealt out to the experts in turn, two orders each.
    pub(crate) transactions: u64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            accounts: 2,
            experts: 4,
            transactions: 20,
        }
    }
}

impl Book {
    pub(crate) fn of(transactions: u64) -> Self {
        Self {
            transactions,
            ..Self::default()
        }
    }

    /// The dataset.
    pub(crate) fn dataset(self) -> Dataset {
        read(&self.document())
    }

    /// Its document, for what a test wants different.
    pub(crate) fn document(self) -> Json {
        let accounts = (1..=self.accounts).map(account);
        let experts = (1..=self.experts).map(|id| expert(id, turn(id, self.accounts)));
        let transactions =
            (1..=self.transactions).map(|id| transaction(id, turn(id, self.experts)));
        let orders = (1..=self.transactions).flat_map(|id| {
            let account = turn(turn(id, self.experts), self.accounts);
            [entry(id, account), exit(id, account)]
        });
        json!({
            "format": "lombard-dataset/1",
            "accounts": accounts.collect::<Json>(),
            "experts": experts.collect::<Json>(),
            "transactions": transactions.collect::<Json>(),
            "orders": orders.collect::<Json>(),
            "bars": [{"symbol": "S0", "date": "2025-10-09", "open": "1", "high": "2",
                "low": "1", "close": "2", "volume": "10"}],
        })
    }
}

pub(crate) fn read(document: &Json) -> Dataset {
    Dataset::read(document.to_string().as_bytes()).expect("a sound dataset")
}

/// A dataset of one expert of this plugin on an Alpaca account with keys.
pub(crate) fn expert_with_keys(plugin: &str, key: &str, secret: &str) -> Dataset {
    let mut document = Book {
        accounts: 1,
        experts: 1,
        transactions: 1,
    }
    .document();
    document["accounts"][0]["provider"] = json!("alpaca");
    document["accounts"][0]["settings"] = json!({"api_key": key, "api_secret": secret});
    document["experts"][0]["plugin"] = json!(plugin);
    read(&document)
}

fn turn(id: u64, of: u64) -> u64 {
    (id - 1) % of + 1
}

fn symbol(id: u64) -> String {
    format!("S{}", id % SYMBOLS)
}

fn account(id: u64) -> Json {
    let price = |at: u64| (symbol(at), json!(format!("{}.5", 100 + at)));
    json!({"id": id, "name": format!("A{id}"), "provider": "paper", "currency": "USD",
        "balance": "1000000", "prices": (0..SYMBOLS).map(price).collect::<Json>()})
}

fn expert(id: u64, account: u64) -> Json {
    json!({"id": id, "account_id": account, "plugin": "someone", "alias": format!("E{id}"),
        "enabled": true, "virtual_equity_pct": "50"})
}

fn transaction(id: u64, expert: u64) -> Json {
    json!({"id": id, "expert_id": expert, "symbol": symbol(id), "quantity": "2",
        "open_price": "100", "status": "opened", "created_at": "2025-10-10T09:00:00Z"})
}

/// Filled, the first of its transaction.
fn entry(id: u64, account: u64) -> Json {
    json!({"id": 2 * id - 1, "transaction_id": id, "account_id": account, "symbol": symbol(id),
        "side": "buy", "type": "market", "status": "filled", "quantity": "2",
        "filled_quantity": "2", "fill_price": "100.25", "created_at": "2025-10-10T09:00:00Z"})
}

/// One that ends its transaction and waits, one that adds to it at the market,
/// or one that adds to it at a limit, in turn.
fn exit(id: u64, account: u64) -> Json {
    let (side, kind, limit, depends_on) = match id % 3 {
        0 => ("sell", "limit", Some("120"), Some(2 * id - 1)),
        1 => ("buy", "market", None, None),
        _ => ("buy", "limit", Some("99"), None),
    };
    json!({"id": 2 * id, "transaction_id": id, "account_id": account, "symbol": symbol(id),
        "side": side, "type": kind, "status": "new", "quantity": "1", "limit_price": limit,
        "depends_on": depends_on, "created_at": "2025-10-10T09:30:00Z"})
}
