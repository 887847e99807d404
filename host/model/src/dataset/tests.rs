//! What a document is refused for, and how that is told.

use serde_json::{Value, json};

use super::*;

fn sound() -> Value {
    json!({
        "format": "lombard-dataset/1",
        "accounts": [{"id": 1, "name": "A", "provider": "paper", "currency": "USD",
            "settings": {}, "balance": "10.0", "prices": {"AAPL": "1.5"}}],
        "experts": [{"id": 1, "account_id": 1, "plugin": "p", "alias": null,
            "enabled": true, "virtual_equity_pct": "50", "settings": {}}],
        "transactions": [{"id": 1, "expert_id": 1, "symbol": "AAPL", "quantity": "1",
            "open_price": null, "status": "opened", "created_at": "2025-10-10T09:01:00Z"}],
        "orders": [{"id": 1, "transaction_id": 1, "account_id": 1, "symbol": "AAPL",
            "side": "buy", "type": "market", "status": "filled", "quantity": "1",
            "created_at": "2025-10-10T09:01:00Z"}],
        "bars": [{"symbol": "AAPL", "date": "2012-01-03", "open": "1", "high": "2",
            "low": "1", "close": "2", "volume": "10"}]
    })
}

fn fault(pointer: &str, value: Value) -> String {
    let mut document = sound();
    *document.pointer_mut(pointer).unwrap() = value;
    Dataset::read(document.to_string().as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_sound_document_is_read() {
    let dataset = Dataset::read(sound().to_string().as_bytes()).unwrap();
    assert_eq!(dataset.orders.len(), 1);
    assert_eq!(dataset.bars[0].date.to_day(), "2012-01-03");
}

#[test]
fn a_fault_is_told_with_its_path() {
    for (pointer, value, path, words) in [
        (
            "/transactions/0/quantity",
            json!("1e40"),
            "transactions[0].quantity: ",
            "`1e40`",
        ),
        (
            "/transactions/0/quantity",
            json!("NaN"),
            "transactions[0].quantity: ",
            "`NaN`",
        ),
        (
            "/transactions/0/quantity",
            json!(1.5),
            "transactions[0].quantity: ",
            "a string",
        ),
        (
            "/orders/0/side",
            json!("long"),
            "orders[0].side: ",
            "unknown side",
        ),
        (
            "/orders/0/created_at",
            json!("today"),
            "orders[0].created_at: ",
            "`today`",
        ),
        (
            "/accounts/0/id",
            json!(0),
            "accounts[0].id: ",
            "0 is not an id",
        ),
        (
            "/accounts/0/prices/AAPL",
            json!("x"),
            "accounts[0].prices.AAPL: ",
            "`x`",
        ),
        (
            "/accounts/0/name",
            json!("a\u{1b}[2J"),
            "accounts[0].name: ",
            "control",
        ),
        (
            "/bars/0/date",
            json!("2012-1-3"),
            "bars[0].date: ",
            "`2012-1-3`",
        ),
        (
            "/format",
            json!("lombard-dataset/2"),
            "format: ",
            "lombard-dataset/1",
        ),
        (
            "/experts/0",
            json!({"id": 1}),
            "experts[0]: ",
            "missing field",
        ),
        (
            "/experts/0/account_id",
            json!(9),
            "experts[0].account_id: ",
            "no account 9",
        ),
        (
            "/transactions/0/expert_id",
            json!(9),
            "transactions[0].expert_id: ",
            "no expert 9",
        ),
        (
            "/orders/0/transaction_id",
            json!(9),
            "orders[0].transaction_id: ",
            "no transaction 9",
        ),
        (
            "/orders/0/account_id",
            json!(9),
            "orders[0].account_id: ",
            "no account 9",
        ),
    ] {
        let message = fault(pointer, value);
        assert!(
            message.starts_with(path) && message.contains(words),
            "{message}"
        );
    }
}

#[test]
fn an_unknown_field_a_double_id_and_a_dangling_order_are_told() {
    let mut document = sound();
    document["orders"][0]["colour"] = json!("red");
    let message = Dataset::read(document.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("orders[0].colour: unknown field"),
        "{message}"
    );

    let mut document = sound();
    let again = document["accounts"][0].clone();
    document["accounts"].as_array_mut().unwrap().push(again);
    let message = Dataset::read(document.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("accounts[1].id: 1 stands"), "{message}");

    let mut document = sound();
    document["orders"][0]["depends_on"] = json!(7);
    let message = Dataset::read(document.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("orders[0].depends_on: no order 7"),
        "{message}"
    );

    let mut document = sound();
    let again = document["bars"][0].clone();
    document["bars"].as_array_mut().unwrap().push(again);
    let message = Dataset::read(document.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("bars[1]: "), "{message}");
}

#[test]
fn a_key_that_stands_twice_is_told() {
    let text = sound()
        .to_string()
        .replace(r#""AAPL":"1.5""#, r#""AAPL":"1.5","AAPL":"2""#);
    let message = Dataset::read(text.as_bytes()).unwrap_err().to_string();
    assert!(message.contains("`AAPL` stands twice"), "{message}");
}

#[test]
fn nesting_without_end_is_refused_at_once() {
    let endless = std::io::repeat(b'[');
    assert!(Dataset::read(endless).is_err());
    let deep = format!(
        r#"{{"format":"lombard-dataset/1","accounts":[{{"settings":{{"a":{}"#,
        "[".repeat(1_000)
    );
    let message = Dataset::read(deep.as_bytes()).unwrap_err().to_string();
    assert!(message.contains("recursion limit"), "{message}");
}

#[test]
fn what_comes_after_the_document_is_refused() {
    let text = format!("{} []", sound());
    assert!(Dataset::read(text.as_bytes()).is_err());
    assert!(Dataset::read(&b""[..]).is_err());
    assert!(Dataset::read(&b"\xff\xfe"[..]).is_err());
}
