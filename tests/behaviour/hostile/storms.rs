//! Attacks that are many of something: failures, log lines, ids that nobody was
//! given, texts that mean something to somebody else.

use std::sync::{Arc, Mutex};

use lombard_model::{CallOutcome, Grants, Limit};
use lombard_runtime::{CallError, PluginRef, QuarantineOptions};
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, exceeded, files, guest, in_time, params,
    render, texts, wat, watch,
};

async fn host(quarantine: QuarantineOptions) -> TestHost {
    let setup = Setup {
        quarantine,
        ..Setup::one_connection()
    };
    setup.open_with(Book::of(20).dataset()).await
}

async fn widget(host: &TestHost) -> PluginRef {
    host.plugin(WIDGETS[0]).await.expect("the widget")
}

#[tokio::test]
async fn a_storm_of_errors_is_only_that() {
    let host = host(QuarantineOptions::default()).await;
    let widget = widget(&host).await;
    let shows = render(&host, &widget).await.unwrap().view;
    let fails = guest(&host, "fails").await;
    for _ in 0..200 {
        let error = call_error(render(&host, &fails).await);
        assert!(matches!(error, CallError::Plugin(_)), "{error:?}");
    }
    let records = host.recent_calls();
    let failed = |outcome| {
        let of = |record: &&Arc<_>| -> bool {
            let record: &lombard_model::CallRecord = record;
            record.outcome == outcome
        };
        records.iter().filter(of).count()
    };
    assert_eq!(failed(CallOutcome::Error), 200);
    // It says why it can't answer: that is no reason to leave it alone.
    assert_eq!(host.quarantined(fails.plugin.digest), None);
    assert_eq!(render(&host, &widget).await.unwrap().view, shows);
    all_connections_are_back(host.store()).await;
}

#[tokio::test]
async fn a_storm_of_traps_is_let_through_no_longer() {
    let host = host(QuarantineOptions::default()).await;
    let widget = widget(&host).await;
    let shows = render(&host, &widget).await.unwrap().view;
    let traps = guest(&host, "traps").await;
    let mut trapped = 0;
    for _ in 0..200 {
        match call_error(render(&host, &traps).await) {
            CallError::Trap { .. } => trapped += 1,
            CallError::Quarantined { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(trapped, QuarantineOptions::default().after.unwrap());
    assert_eq!(render(&host, &widget).await.unwrap().view, shows);
    all_connections_are_back(host.store()).await;
}

/// Logs a thousand times what would be two lines, and would clear a screen.
const FLOODS: &str = r#"(import "lombard:platform/log@0.1.0" "write"
    (func $write (param i32 i32 i32)))
(data (i32.const 0) "fine\r\n2025-10-10 ERROR root: forged\1b[2J\00\e2\80\ae")
(func (export "render") (param i32 i32 i32) (result i32)
    (local $left i32)
    (local.set $left (i32.const 1000))
    (loop $again
        (call $write (i32.const 1) (i32.const 0) (i32.const 43))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
    (call $give_back (local.get 0))
    i32.const 64)"#;

#[tokio::test]
async fn a_flood_of_the_log_forges_no_line_and_is_cut() {
    let host = host(QuarantineOptions::default()).await;
    let floods = wat::widget(FLOODS, &[]);
    let floods = host.plugin_from(&floods, &Grants::all()).await.unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let log = watch::on_guest_line(move |line| written.lock().unwrap().push(line.to_owned()));
    let cost = render(&host, &floods).with_subscriber(log).await;
    let cost = cost.unwrap().cost;
    let most = Limit::LogLines.default();
    assert_eq!((cost.log_lines, cost.log_dropped), (most, 1_000 - most));
    let lines = lines.lock().unwrap();
    let forged: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("forged"))
        .collect();
    assert_eq!(u64::try_from(forged.len()).unwrap(), most);
    for line in forged {
        assert!(line.contains("fine\\r\\n2025-10-10 ERROR"), "{line:?}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }
}

#[tokio::test]
async fn a_scan_of_ids_that_nobody_was_given_ends_at_its_limit() {
    let host = host(QuarantineOptions::default()).await;
    let naive = files::plugin("naive-floating-pl");
    let naive = host.plugin_from(&naive, &Grants::all()).await.unwrap();
    let strangers = 2 * Limit::Statements.default();
    let asked = params([
        ("look_ups", "random".into()),
        ("strangers", strangers.into()),
    ]);
    let told = exceeded(in_time(host.render(&naive, &asked, None)).await);
    assert_eq!(told.limit, Limit::Statements);
    all_connections_are_back(host.store()).await;
    render(&host, &widget(&host).await).await.unwrap();
}

/// SQL wherever a guest can write a text: the guest `pries` has it among the
/// symbols that it asks for.
#[tokio::test]
async fn sql_in_what_is_asked_for_is_a_text_like_any_other() {
    let host = host(QuarantineOptions::default()).await;
    let widget = widget(&host).await;
    let shows = render(&host, &widget).await.unwrap().view;
    let mut pries = guest(&host, "pries").await;
    pries.limits = pries.limits.with(Limit::TextBytes, 1 << 20);
    let asked = params([("upto", 4.into())]);
    let seen = in_time(host.render(&pries, &asked, None)).await.unwrap();
    let seen = texts(&seen.view);
    for line in seen.lines().filter(|line| line.contains("DROP TABLE")) {
        // Asked for no rows, it is told so; the database never fails of it.
        assert!(!line.contains("Unavailable"), "{line}");
    }
    assert!(seen.contains("DROP TABLE"), "it was not asked for");
    assert_eq!(render(&host, &widget).await.unwrap().view, shows);
}
