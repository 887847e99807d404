//! Limits, at their edge: what just fits is served, what does not is refused
//! by the name and the value of the limit.
//!
//! Owns: calls at a limit. How a call over it ends for others stands in
//! `exits`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lombard_accounts::SettingsPatch;
use lombard_model::{CallCost, Grants};
use lombard_runtime::{CallError, Limits, RuntimeError};
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, files, guest, params, render, watch,
};

const BOOK: Book = Book {
    accounts: 3,
    experts: 12,
    transactions: 3_000,
};

const WIDGET: &str = "balance-usage-per-expert";

async fn host(limits: Limits) -> TestHost {
    let setup = Setup {
        limits,
        ..Setup::one_connection()
    };
    setup.open_with(BOOK.dataset()).await
}

fn limits() -> Limits {
    Setup::default().limits
}

async fn cost(limits: Limits) -> Result<CallCost, RuntimeError> {
    let host = host(limits).await;
    let widget = host.plugin(WIDGET).await.expect("a widget");
    Ok(render(&host, &widget).await?.cost)
}

#[tokio::test]
async fn memory_is_limited_to_the_byte_that_a_render_needs() {
    let peak = cost(limits()).await.unwrap().memory_peak_bytes;
    let peak = usize::try_from(peak).unwrap();
    assert!(peak > 1 << 16, "{peak}");
    let enough = Limits {
        memory_bytes: peak,
        ..limits()
    };
    cost(enough).await.unwrap();
    let short = Limits {
        memory_bytes: peak - 1,
        ..limits()
    };
    let error = call_error(cost(short).await);
    assert!(
        matches!(error, CallError::Memory { asked, limit } if asked >= peak && limit == peak - 1),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_rows_of_a_view_are_limited() {
    // A row and a bar for each expert.
    for (view_rows, fits) in [(24, true), (23, false), (0, false)] {
        let limits = Limits {
            view_rows,
            ..limits()
        };
        match cost(limits).await {
            Ok(_) => assert!(fits, "{view_rows} rows were enough"),
            Err(RuntimeError::Call {
                error: CallError::View(told),
                ..
            }) => {
                assert!(!fits, "{view_rows}: {told}");
                assert!(
                    told.contains(&format!("more than {view_rows} rows")),
                    "{told}"
                );
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_a_call_hands_over_is_limited() {
    let limits = Limits {
        result_bytes: 1_000,
        ..limits()
    };
    let error = call_error(cost(limits).await);
    assert!(
        matches!(error, CallError::ResultTooLarge { limit: 1_000 }),
        "{error:?}"
    );
}

#[tokio::test]
async fn log_lines_of_a_call_are_limited() {
    for (log_lines, written) in [(1, 1), (0, 0)] {
        let host = host(Limits {
            log_lines,
            ..limits()
        })
        .await;
        let probes = guest(&host, "probes").await;
        let lines = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lines);
        let log = watch::on_guest_line(move |line| {
            let plain = u64::from(line.contains("read once"));
            counted.fetch_add(plain, Ordering::SeqCst);
        });
        let asked: SettingsPatch = params([("what", "snapshot".into())]);
        host.render(&probes, &asked, None)
            .with_subscriber(log)
            .await
            .unwrap();
        assert_eq!(lines.load(Ordering::SeqCst), written);
    }
}

#[tokio::test]
async fn calls_into_the_host_are_counted() {
    let host = host(limits()).await;
    let probes = guest(&host, "probes").await;
    let mut counts = Vec::new();
    for calls in [1, 1_000] {
        let asked = params([("what", "calls".into()), ("id", calls.into())]);
        let cost = host.render(&probes, &asked, None).await.unwrap().cost;
        counts.push(cost.host_calls);
    }
    assert_eq!(counts[1] - counts[0], 999, "{counts:?}");
}

#[tokio::test]
async fn statements_are_limited_to_the_one_that_a_call_needs() {
    // Each id that nobody was given costs a statement.
    let strangers = async |statements| {
        let setup = Setup {
            limits: Limits {
                statements,
                ..limits()
            },
            ..Setup::one_connection()
        };
        let host = setup.open_with(Book::of(20).dataset()).await;
        let naive = files::plugin("naive-floating-pl");
        let naive = host.plugin_from(&naive, &Grants::all()).await.unwrap();
        let asked = params([("look_ups", "random".into()), ("strangers", 50.into())]);
        let rendered = host.render(&naive, &asked, None).await;
        all_connections_are_back(host.store()).await;
        let record = host.recent_calls().pop().unwrap();
        (rendered, record)
    };
    let (enough, record) = strangers(limits().statements).await;
    let needed = enough.unwrap().cost.statements;
    assert_eq!(record.cost.statements, needed);
    assert!(needed > 50, "{needed}");

    strangers(needed).await.0.unwrap();
    let (short, record) = strangers(needed - 1).await;
    let error = call_error(short);
    let words = format!("more than {} statements", needed - 1);
    assert!(
        matches!(&error, CallError::Plugin(told) if told.contains(&words)),
        "{error:?}"
    );
    assert_eq!(record.cost.statements, needed - 1);
}
