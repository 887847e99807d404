//! A book of any size to measure with.
//!
//! Owns: its shape: two experts an account, five symbols; each trade has a
//! filled entry and a take-profit that waits for it, some have been partly
//! closed, some are still to be opened. The same size is always the same book.
//! Must not know: what is measured.

use serde_json::{Value as Json, json};

use super::{Dataset, DatasetError};

const SYMBOLS: [&str; 5] = ["AAPL", "FB", "GOOG", "IBM", "MSFT"];

impl Dataset {
    /// The book with so many open transactions, two orders each, over so many
    /// accounts, with experts of this plugin.
    ///
    /// # Errors
    /// Where there is no account, or the plugin's name is none.
    pub fn to_measure(
        transactions: u32,
        accounts: u32,
        plugin: &str,
    ) -> Result<Self, DatasetError> {
        let orders: Vec<_> = (1..=transactions)
            .flat_map(|id| orders(id, accounts))
            .collect();
        let experts = 2 * accounts;
        let document = json!({
            "format": "lombard-dataset/1",
            "accounts": (1..=accounts).map(account).collect::<Vec<_>>(),
            "experts": (1..=experts).map(|id| expert(id, accounts, plugin)).collect::<Vec<_>>(),
            "transactions": (1..=transactions)
                .map(|id| transaction(id, experts)).collect::<Vec<_>>(),
            "orders": orders,
        });
        Self::read(document.to_string().as_bytes())
    }
}

fn account(id: u32) -> Json {
    let prices = SYMBOLS.iter().zip(0_u32..);
    let prices = prices.map(|(symbol, at)| ((*symbol).to_owned(), json!(price(at + id))));
    json!({
        "id": id, "name": format!("Account {id}"), "provider": "paper", "currency": "USD",
        "balance": "1000000.00", "prices": prices.collect::<serde_json::Map<_, _>>(),
    })
}

fn expert(id: u32, accounts: u32, plugin: &str) -> Json {
    json!({
        "id": id, "account_id": account_of(id, accounts), "plugin": plugin, "alias": null,
        "enabled": true, "virtual_equity_pct": "25",
    })
}

fn symbol(transaction: u32) -> &'static str {
    let at = usize::try_from(transaction).unwrap_or(0) % SYMBOLS.len();
    SYMBOLS[at]
}

fn price(at: u32) -> String {
    format!("{}.{:02}", 20 + at * 37 % 700, at * 13 % 100)
}

fn side(transaction: u32, entry: bool) -> &'static str {
    let long = !transaction.is_multiple_of(4);
    if long == entry { "buy" } else { "sell" }
}

fn account_of(expert: u32, accounts: u32) -> u32 {
    1 + expert % accounts
}

fn transaction(id: u32, experts: u32) -> Json {
    json!({
        "id": id, "expert_id": 1 + id % experts, "symbol": symbol(id), "quantity": "10",
        "open_price": price(id),
        "status": if id.is_multiple_of(10) { "waiting" } else { "opened" },
        "created_at": "2025-10-10T09:00:00Z",
    })
}

fn orders(transaction: u32, accounts: u32) -> [Json; 2] {
    let waiting = transaction.is_multiple_of(10);
    let closing = transaction.is_multiple_of(7);
    let entry = transaction * 2 - 1;
    let account = account_of(1 + transaction % (2 * accounts), accounts);
    let filled = |yes: bool, quantity: &str| yes.then(|| quantity.to_owned());
    [
        json!({
            "id": entry, "transaction_id": transaction, "account_id": account,
            "symbol": symbol(transaction), "side": side(transaction, true), "type": "market",
            "status": if waiting { "pending" } else { "filled" }, "quantity": "10",
            "filled_quantity": filled(!waiting, "10"),
            "fill_price": filled(!waiting, &price(transaction)),
            "created_at": "2025-10-10T10:00:00Z",
        }),
        json!({
            "id": entry + 1, "transaction_id": transaction, "account_id": account,
            "symbol": symbol(transaction), "side": side(transaction, false),
            "type": "sell_limit", "status": if closing { "partially_filled" } else { "held" },
            "quantity": "10", "filled_quantity": filled(closing && !waiting, "4"),
            "fill_price": filled(closing && !waiting, &price(transaction + 1)),
            "limit_price": price(transaction + 2), "depends_on": entry,
            "created_at": "2025-10-10T10:01:00Z",
        }),
    ]
}
