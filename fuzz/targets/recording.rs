//! The document that `lombard replay` reads, of any bytes.
//!
//! Owns: that it is refused in words or read whole, and that what was read is
//! written so that it is read again as the same. Must not know: any plugin.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lombard_runtime::{Recording, RuntimeError, differences};

fuzz_target!(|bytes: &[u8]| {
    let recording = match Recording::read(bytes) {
        Ok(recording) => recording,
        Err(error) => {
            assert!(
                matches!(error, RuntimeError::Recording { .. }),
                "a document in memory can be read, and this one is short: {error}"
            );
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    // A line each: an answer of the empty list is among the shortest.
    assert!(recording.calls() <= bytes.len() / 10);
    assert_eq!(recording.asked().count(), recording.calls());
    for asked in recording.asked() {
        let json = serde_json::from_str::<serde_json::Value>(asked.arguments());
        assert!(json.expect("arguments are JSON").is_object());
        assert!(asked.to_string().chars().count() <= 300, "{asked}");
    }
    let written = recording.to_document();
    let again = Recording::read(written.as_bytes());
    let again = again.unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(again.to_document(), written);
    let result = serde_json::to_value(&recording.outcome).expect("a result is JSON");
    assert_eq!(differences(&result, &result), (vec![], 0));
});
