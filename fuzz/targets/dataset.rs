//! The document that `lombard import` reads, of any bytes.
//!
//! Owns: that it is refused or read, and read the same way twice. Must not
//! know: what is in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lombard_model::dataset::Dataset;
use lombard_model::{Account, Expert, Order, Transaction};

fuzz_target!(|bytes: &[u8]| {
    let dataset = match Dataset::read(bytes) {
        Ok(dataset) => dataset,
        Err(error) => {
            let told = error.to_string();
            assert!(!told.is_empty());
            return;
        }
    };
    assert_eq!(dataset, Dataset::read(bytes).expect("it was read before"));
    for entry in &dataset.accounts {
        let account = Account::from(entry);
        assert!(account.name.chars().count() <= 200);
        let settings = entry.saved_settings();
        assert!(settings.values().all(|value| !value.is_null()));
        let text = serde_json::to_string(&settings).expect("settings are JSON");
        let back: serde_json::Value = serde_json::from_str(&text).expect("and are read again");
        assert!(back.is_object());
    }
    for entry in &dataset.experts {
        let expert = Expert::from(entry);
        assert!(dataset.accounts.iter().any(|one| one.id == expert.account));
        let text = serde_json::to_string(&entry.saved_settings()).expect("settings are JSON");
        drop(serde_json::from_str::<serde_json::Value>(&text).expect("and are read again"));
    }
    for entry in &dataset.transactions {
        let transaction = Transaction::from(entry);
        let written = transaction.created_at.to_string();
        assert_eq!(written.parse(), Ok(transaction.created_at));
    }
    for entry in &dataset.orders {
        drop(Order::from(entry));
    }
    for bar in &dataset.bars {
        assert_eq!(bar.date, bar.date.day());
        assert_eq!(bar.date.days_since(bar.date), 0);
    }
    assert!(dataset.prices().count() <= bytes.len());
});
