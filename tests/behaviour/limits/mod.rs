//! Limits, at their edge: what just fits is served, what does not is refused
//! by the name and the value of the limit, and counted.
//!
//! Owns: what one call may use (`engine.rs`: of the engine; `shared.rs`: what
//! calls have together). How a call over it ends for others stands in `exits`
//! and `hostile`.

mod engine;
mod shared;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lombard_accounts::SettingsPatch;
use lombard_model::{CallCost, CallOutcome, Exceeded, Grants, Limit};
use lombard_runtime::{CallError, PluginRef, Rendered, RuntimeError};
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::{
    Setup, TestHost, all_connections_are_back, call_error, exceeded, files, guest, in_time, params,
    watch,
};

const BOOK: Book = Book {
    accounts: 3,
    experts: 12,
    transactions: 300,
};

const WIDGET: &str = "balance-usage-per-expert";

/// A plugin, what it is rendered with, and where.
struct Case {
    host: TestHost,
    plugin: PluginRef,
    params: SettingsPatch,
}

impl Case {
    async fn of_book(widget: &str) -> Self {
        let host = Setup::one_connection().open_with(BOOK.dataset()).await;
        let plugin = host.plugin(widget).await.expect("a widget");
        Self {
            host,
            plugin,
            params: SettingsPatch::new(),
        }
    }

    async fn of_probe(what: &str, id: u64) -> Self {
        let host = Setup::one_connection().open_with(Book::of(20).dataset());
        let host = host.await;
        Self {
            plugin: guest(&host, "probes").await,
            params: params([("what", what.into()), ("id", id.into())]),
            host,
        }
    }

    async fn of_naive() -> Self {
        let host = Setup::one_connection().open_with(Book::of(20).dataset());
        let host = host.await;
        let naive = files::plugin("naive-floating-pl");
        Self {
            plugin: {
                let loaded = host.plugin_from(&naive, &Grants::all()).await;
                loaded.expect("the plugin loads")
            },
            params: params([("look_ups", "random".into()), ("strangers", 50.into())]),
            host,
        }
    }

    /// Renders with this limit in place of the host's.
    async fn with(&self, limit: Limit, value: u64) -> Result<Rendered, RuntimeError> {
        let plugin = PluginRef {
            limits: self.plugin.limits.with(limit, value),
            ..self.plugin.clone()
        };
        let rendered = in_time(self.host.render(&plugin, &self.params, None)).await;
        all_connections_are_back(self.host.store()).await;
        rendered
    }

    /// What it costs where nothing is short.
    async fn cost(&self) -> CallCost {
        let rendered = self.host.render(&self.plugin, &self.params, None).await;
        rendered.expect("it is served").cost
    }

    /// That so much is enough and one less is not, by name, value and what was
    /// asked, in the error and on the bill; and that the next call is served.
    async fn has_its_edge_at(&self, limit: Limit, enough: u64) -> Exceeded {
        self.with(limit, enough)
            .await
            .unwrap_or_else(|error| panic!("{limit} {enough}: {error}"));
        let short = exceeded(self.with(limit, enough - 1).await);
        assert_eq!((short.limit, short.value), (limit, enough - 1));
        assert!(short.asked.is_none_or(|asked| asked >= enough), "{short:?}");
        let record = self.host.recent_calls().pop().expect("a record");
        assert_eq!(record.limit, Some(limit));
        assert_eq!(record.outcome, limit.outcome());
        assert_eq!(record.error, Some(short.to_string()));
        let next = self.with(limit, limit.default()).await;
        next.expect("the next is served");
        short
    }
}

#[tokio::test]
async fn memory_is_limited_to_the_byte_that_a_render_needs() {
    let case = Case::of_book(WIDGET).await;
    let peak = case.cost().await.memory_peak_bytes;
    assert!(peak > 1 << 16, "{peak}");
    let short = case.has_its_edge_at(Limit::MemoryBytes, peak).await;
    assert!(short.asked >= Some(peak), "{short:?}");
}

#[tokio::test]
async fn rows_and_bytes_that_are_read_are_limited() {
    let case = Case::of_book(WIDGET).await;
    let first = case.cost().await;
    assert!(first.rows > 300, "{first:?}");
    // What the last one read is read ahead by the next.
    let ahead = case.cost().await;
    case.has_its_edge_at(Limit::Rows, ahead.rows).await;

    let case = Case::of_book(WIDGET).await;
    case.cost().await;
    let ahead = case.cost().await;
    case.has_its_edge_at(Limit::Bytes, ahead.bytes).await;
}

#[tokio::test]
async fn statements_are_limited_to_the_one_that_a_call_needs() {
    // A host of its own each time: what is read ahead changes with the calls
    // before. Each id that nobody was given costs a statement.
    let needed = u64::from(Case::of_naive().await.cost().await.statements);
    assert!(needed > 50, "{needed}");
    let enough = Case::of_naive().await.with(Limit::Statements, needed).await;
    enough.unwrap();
    let case = Case::of_naive().await;
    let short = exceeded(case.with(Limit::Statements, needed - 1).await);
    assert_eq!(
        (short.limit, short.value, short.asked),
        (Limit::Statements, needed - 1, Some(needed))
    );
    let record = case.host.recent_calls().pop().unwrap();
    assert_eq!(u64::from(record.cost.statements), needed - 1);
    assert_eq!(record.limit, Some(Limit::Statements));
    case.cost().await;
}

#[tokio::test]
async fn the_rows_of_a_view_are_limited() {
    let case = Case::of_book(WIDGET).await;
    // A row and a bar for each expert.
    let short = case.has_its_edge_at(Limit::ViewRows, 24).await;
    assert_eq!(short.asked, Some(24));
}

#[tokio::test]
async fn what_a_call_hands_over_is_limited() {
    let case = Case::of_book(WIDGET).await;
    let (mut short, mut enough) = (0, Limit::ResultBytes.default());
    while enough - short > 1 {
        let middle = short.midpoint(enough);
        match case.with(Limit::ResultBytes, middle).await {
            Ok(_) => enough = middle,
            Err(_) => short = middle,
        }
    }
    assert!(enough > 1_000, "{enough}");
    case.has_its_edge_at(Limit::ResultBytes, enough).await;
}

#[tokio::test]
async fn a_text_is_limited_in_a_view_and_in_what_the_host_is_asked() {
    let case = Case::of_probe("text", 5_000).await;
    let short = case.has_its_edge_at(Limit::TextBytes, 5_000).await;
    assert_eq!(short.asked, Some(5_000));
    // The longest key that is asked for is `what`.
    let case = Case::of_probe("nothing", 1).await;
    let title = u64::try_from("Nothing".len()).unwrap();
    case.has_its_edge_at(Limit::TextBytes, title).await;
    let asked = exceeded(case.with(Limit::TextBytes, 3).await);
    assert_eq!(asked.asked, Some(4));
}

#[tokio::test]
async fn what_can_be_named_at_once_is_limited() {
    let most = Limit::SetItems.default();
    let names = Case::of_probe("names", most).await;
    names.cost().await;
    let names = Case::of_probe("names", most + 1).await;
    let told = names.host.render(&names.plugin, &names.params, None).await;
    let words = format!(
        "the limit `set_items` is {most}, and it asked for {}",
        most + 1
    );
    let error = call_error(told);
    assert!(
        matches!(&error, CallError::Plugin(told) if told.contains(&words)),
        "{error:?}"
    );
}

#[tokio::test]
async fn calls_into_the_host_are_counted_and_limited() {
    let mut counts = Vec::new();
    for calls in [1, 1_000] {
        counts.push(Case::of_probe("calls", calls).await.cost().await.host_calls);
    }
    assert_eq!(counts[1] - counts[0], 999, "{counts:?}");
    let case = Case::of_probe("calls", 1_000).await;
    let short = case.has_its_edge_at(Limit::HostCalls, counts[1]).await;
    assert_eq!(short.asked, Some(counts[1]));
}

/// Lines of the guest that were written, and the cost of the call.
async fn logged(case: &Case, limit: Limit, value: u64) -> (u64, CallCost) {
    let lines = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&lines);
    let log = watch::on_guest_line(move |line| {
        let plain = u64::from(line.contains("0123456789") || line.contains("012345…"));
        counted.fetch_add(plain, Ordering::SeqCst);
    });
    let rendered = case.with(limit, value).with_subscriber(log).await;
    let cost = rendered.expect("it is served").cost;
    (lines.load(Ordering::SeqCst), cost)
}

#[tokio::test]
async fn what_a_call_logs_is_limited_by_lines_and_bytes_and_counted() {
    let case = Case::of_probe("logs", 5).await;
    for (limit, value, written) in [
        (Limit::LogLines, 5, 5),
        (Limit::LogLines, 4, 4),
        (Limit::LogLines, 0, 0),
        (Limit::LogBytes, 50, 5),
        (Limit::LogBytes, 49, 4),
        (Limit::LogLinesPerSecond, 0, 0),
        (Limit::LogBytesPerSecond, 9, 0),
    ] {
        let (lines, cost) = logged(&case, limit, value).await;
        assert_eq!(lines, written, "{limit} {value}");
        assert_eq!(
            (cost.log_lines, cost.log_bytes, cost.log_dropped),
            (written, 10 * written, 5 - written),
            "{limit} {value}"
        );
    }
    let (lines, cost) = logged(&case, Limit::LogLineBytes, 6).await;
    // The rest is cut, and a mark says so.
    assert_eq!((lines, cost.log_bytes), (5, 5 * (6 + 3)));
}

#[tokio::test]
async fn a_call_ends_where_it_computes_too_long() {
    let host = Setup::one_connection()
        .with_limit(Limit::CpuMs, 50)
        .open_with(Book::of(20).dataset());
    let host = host.await;
    let loops = guest(&host, "loops").await;
    let params = SettingsPatch::new();
    let short = exceeded(in_time(host.render(&loops, &params, None)).await);
    assert_eq!((short.limit, short.value), (Limit::CpuMs, 50));
    let record = host.recent_calls().pop().unwrap();
    assert_eq!(record.outcome, CallOutcome::Deadline);
    assert!(record.cost.cpu_us >= 50_000, "{record:?}");
    // One that computes less is served.
    let widget = host.plugin(WIDGET).await.unwrap();
    host.render(&widget, &params, None).await.unwrap();
}
