//! Documents that are no recordings, or hostile ones.
//!
//! Owns: that each is refused with one fault that names where it is, before
//! anything is run. Must not know: what a replay does.

use std::io::{self, Read};

use lombard_runtime::{Recording, RuntimeError};
use serde_json::{Value as Json, json};

/// A sound document.
fn sound() -> Json {
    with_calls(&json!([
        { "call": "session.as-of", "args": {}, "answer": { "ok": 7 } },
        { "call": "session.bars",
          "args": { "symbol": "S0", "until": 7, "limit": 1 },
          "answer": { "ok": [{ "day": 0, "open": "1", "high": "2.50", "low": "1",
                               "close": "2", "volume": "10" }] } },
        { "call": "session.transaction-table",
          "args": {},
          "answer": { "ok": { "texts": ["S0"], "ids": [1], "experts": [0], "symbols": [0],
                              "sides": [null], "quantities": ["1.0"], "open_prices": [null],
                              "statuses": ["opened"], "created_at": [7] } } },
        { "call": "log.write", "args": { "level": "info", "message": "" },
          "answer": { "ok": null } },
    ]))
}

/// A document with these calls.
pub(super) fn with_calls(calls: &Json) -> Json {
    let digest = format!("sha256:{}", "0".repeat(64));
    json!({
        "format": "lombard-recording/1",
        "plugin": { "name": "some", "version": "0.1.0", "digest": digest, "kind": "expert",
                    "asked": [], "granted": [], "accounts": "all" },
        "request": { "analyze": { "symbols": ["S0"], "use_case": "enter_market" } },
        "as_of": "2025-10-10T12:00:00Z",
        "settings": { "days": { "value": 20, "source": "default" } },
        "limits": { "host_calls": 50 },
        "calls": calls,
        "result": { "recommendations": [] },
        "cost": {
            "sessions": 1, "connections": 1, "statements": 1, "rows": 1, "bytes": 1,
            "cache_hits": 0, "cache_misses": 0, "host_calls": 1, "wall_us": 1, "cpu_us": 1,
            "wait_us": 0, "held_us": 1, "memory_peak_bytes": 1, "log_lines": 0, "log_bytes": 0,
            "log_dropped": 0
        },
    })
}

/// Where the fault of a document is, and what.
fn fault(document: &str) -> (String, String) {
    match Recording::read(document.as_bytes()) {
        Err(RuntimeError::Recording { path, fault }) => (path, fault),
        other => panic!("{other:?}: {document}"),
    }
}

#[test]
fn a_sound_document_is_read() {
    let recording = Recording::read(sound().to_string().as_bytes()).expect("it is sound");
    assert_eq!(recording.calls(), 4);
    let written = recording.to_document();
    let again = Recording::read(written.as_bytes()).expect("it is sound");
    assert_eq!(again.to_document(), written);
}

#[test]
fn a_fault_is_told_with_its_path() {
    let bars = "/calls/1/answer/ok/0";
    let table = "/calls/2/answer/ok";
    for (at, value, path) in [
        ("/format", json!("lombard-recording/2"), "format"),
        ("/format", json!("lombard-dataset/1"), "format"),
        ("/format", json!({ "a": 1 }), "format"),
        ("/plugin/name", json!("Not A Name"), "plugin.name"),
        ("/plugin/digest", json!("sha256:0"), "plugin.digest"),
        ("/plugin/kind", json!("robot"), "plugin.kind"),
        ("/plugin/kind", json!("widget"), "request"),
        (
            "/plugin/granted",
            json!(["read:minds"]),
            "plugin.granted[0]",
        ),
        ("/request", json!({ "dance": {} }), "request"),
        ("/as_of", json!("yesterday"), "as_of"),
        (
            "/settings/days/source",
            json!("guessed"),
            "settings.days.source",
        ),
        ("/limits", json!({ "fuel": 1 }), "limits"),
        ("/limits", json!({ "stack_bytes": 1 }), "limits.stack_bytes"),
        (
            "/limits",
            json!({ "deadline_ms": u64::MAX }),
            "limits.deadline_ms",
        ),
        ("/calls", json!({}), "calls"),
        ("/calls/0/call", json!("session.open"), "calls[0].call"),
        ("/calls/0/args", json!(5), "calls[0].args"),
        ("/calls/0/answer", json!(5), "calls[0].answer"),
        ("/calls/0/answer/ok", json!("noon"), "calls[0].answer.ok"),
        (
            "/calls/0/answer",
            json!({ "err": {} }),
            "calls[0].answer.err",
        ),
        (
            "/calls/1/answer",
            json!({ "ended": { "limit": {} } }),
            "calls[1].answer.ended.limit",
        ),
        (bars, json!({}), "calls[1].answer.ok[0]"),
        (
            &format!("{bars}/open"),
            json!(1),
            "calls[1].answer.ok[0].open",
        ),
        (
            &format!("{bars}/open"),
            json!("1e9"),
            "calls[1].answer.ok[0].open",
        ),
        (
            &format!("{bars}/day"),
            json!(1.5),
            "calls[1].answer.ok[0].day",
        ),
        (
            &format!("{table}/symbols"),
            json!([1]),
            "calls[2].answer.ok",
        ),
        (&format!("{table}/ids"), json!([1, 2]), "calls[2].answer.ok"),
        (
            &format!("{table}/quantities"),
            json!([]),
            "calls[2].answer.ok",
        ),
        ("/result", json!({}), "result"),
        (
            "/result",
            json!({ "view": { "title": 1, "blocks": [] } }),
            "result.view.title",
        ),
        (
            "/result",
            json!({ "view": { "title": "", "blocks": [] } }),
            "result",
        ),
        ("/cost/rows", json!(-1), "cost.rows"),
    ] {
        let mut document = sound();
        let place = document
            .pointer_mut(at)
            .unwrap_or_else(|| panic!("no {at}"));
        *place = value;
        let (told, words) = fault(&document.to_string());
        assert!(told.starts_with(path), "{at}: {told}: {words}");
        assert!(!words.is_empty());
    }
}

#[test]
fn what_is_not_there_or_not_known_is_told() {
    let document = sound();
    for key in document.as_object().expect("an object").keys() {
        let mut without = document.clone();
        without.as_object_mut().expect("an object").remove(key);
        let (_, words) = fault(&without.to_string());
        assert!(words.contains(key.as_str()), "{words}");
        let mut with = document.clone();
        with["more"] = json!(1);
        let (path, words) = fault(&with.to_string());
        assert_eq!(path, "more", "{words}");
    }
}

#[test]
fn a_document_that_is_cut_off_anywhere_is_refused() {
    let text = sound().to_string();
    for end in (0..text.len()).step_by(7) {
        let (_, words) = fault(&text[..end]);
        assert!(words.contains("EOF"), "cut at {end}: {words}");
    }
    let (_, words) = fault(&(text + "{}"));
    assert!(words.contains("trailing"), "{words}");
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    for place in [
        "\"value\":20",
        "\"ok\":7",
        "\"recommendations\":[]",
        "\"args\":{}",
    ] {
        let key = place.split_once(':').expect("a key").0;
        let text = sound().to_string();
        let text = text.replacen(place, &format!("{key}:{}", deep(200_000)), 1);
        fault(&text);
    }
    fault(&deep(1_000_000));
}

/// A document that goes on and on.
struct Endless {
    begin: &'static [u8],
    read: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let begin = self.begin.read(buffer)?;
        buffer[begin..].fill(b' ');
        self.read += u64::try_from(buffer.len()).expect("a size");
        Ok(buffer.len())
    }
}

#[test]
fn no_more_is_read_than_a_recording_has() {
    let mut endless = Endless {
        begin: b"{\"format\": \"lombard-recording/1\", ",
        read: 0,
    };
    let refused = Recording::read(&mut endless).unwrap_err();
    assert!(
        matches!(refused, RuntimeError::RecordingTooLong),
        "{refused}"
    );
    assert!(
        endless.read <= 2 * Recording::MAX_LEN,
        "{} bytes",
        endless.read
    );
}

#[test]
fn a_source_that_fails_is_told_as_such() {
    struct Fails;

    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    let refused = Recording::read(Fails).unwrap_err();
    assert!(
        matches!(refused, RuntimeError::RecordingUnreadable(_)),
        "{refused}"
    );
}
