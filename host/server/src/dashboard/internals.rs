//! Internals: sessions, connections, caches and the cost of calls.
//!
//! Owns: how the host's own figures are shown, now and over the last minutes.
//! Nothing here reads the database. Must not know: where figures come from,
//! beyond the host that tells them.

mod calls;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use lombard_accounts::CacheStats;
use lombard_runtime::Host;
use maud::{Markup, html};

use super::asked::Asked;
use super::draw::{count, micros, words};
use super::page::{Page, Section};
use super::{grid, panel};
use crate::app::Shared;

const ADDRESS: &str = "/internals";

pub(super) async fn page(State(app): State<Shared>, asked: Asked) -> Response {
    let host = app.host();
    let recent = host.recent_calls();
    let content = html! {
        div.live-figures data-every="5" {
            (panel::own("now", "Now", ADDRESS, &now(&app)))
        }
        (charts())
        div.live-figures data-every="5" {
            div.panels {
                (panel::own("caches", "Caches", ADDRESS, &caches(host)))
                (panel::own("sessions", "Live sessions", ADDRESS, &sessions(host)))
                (panel::own("plugins", "Plugins by time", ADDRESS, &calls::by_plugin(&recent)))
            }
            (panel::own("slowest", "Slowest calls", ADDRESS, &calls::slowest(&recent)))
        }
    };
    Page::new(Section::Internals, "Internals").show(&asked, &content)
}

/// The samples of the last minutes.
pub(super) async fn samples(State(app): State<Shared>) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (headers, Json(app.dashboard().samples().columns())).into_response()
}

fn now(app: &Shared) -> Markup {
    let pool = app.host().store().pool_status();
    let bill = app.host().bill_status();
    let (_, minute) = app.dashboard().samples().last_minute();
    let held = u64::from(pool.live_sessions);
    grid::figures(&[
        ("Sessions opened", count(pool.sessions_opened)),
        ("In the last minute", count(minute.sessions)),
        ("Connections in use", of(held, pool.max.into())),
        ("Connections open", of(pool.size.into(), pool.max.into())),
        ("Waited for connections", micros(minute.waited_us)),
        ("Calls in the last minute", count(minute.calls)),
        ("Failed of these", count(minute.failures)),
        ("Bills to be written", count(bill.unwritten)),
        ("Bills lost", count(bill.lost)),
    ])
}

fn of(some: u64, all: u64) -> Markup {
    html! { (count(some)) " of " (count(all)) }
}

/// Pictures that a script draws of the samples. What they show now stands
/// above in words.
fn charts() -> Markup {
    let charts = [
        ("Sessions opened a second", "sessions", "count"),
        ("Connections in use", "in_use", "count"),
        ("Time waited for connections", "waited_us", "micros"),
        ("Calls a second", "calls:Calls failures:Failures", "count"),
        (
            "Cache look-ups a second",
            "hits:Hits misses:Misses",
            "count",
        ),
        ("Evictions a second", "evictions", "count"),
        ("Slowest call of a second", "slowest_us", "micros"),
        ("Time of the plugins that took longest", "plugins", "micros"),
    ];
    html! {
        div.charts {
            @for (title, columns, unit) in charts {
                figure.panel.chart data-samples=(columns) data-unit=(unit) {
                    figcaption { (title) }
                    p.empty { "A script draws this from the samples of the last ten minutes." }
                }
            }
        }
    }
}

fn sessions(host: &Host) -> Markup {
    let rows: Vec<_> = host
        .store()
        .live_sessions()
        .iter()
        .map(|session| {
            let held = session.since.elapsed().as_micros();
            vec![
                html! { (session.id.0) },
                html! { (words(&session.purpose.who)) },
                html! { (words(&session.purpose.call)) },
                micros(u64::try_from(held).unwrap_or(u64::MAX)),
            ]
        })
        .collect();
    let headings = [
        ("Id", true),
        ("Who", false),
        ("Call", false),
        ("Held for", true),
    ];
    grid::table(
        "Live sessions, the longest first",
        &headings,
        &rows,
        "Nobody holds a connection.",
    )
}

fn caches(host: &Host) -> Markup {
    let (accounts, experts) = (
        host.accounts().account_stats(),
        host.accounts().expert_stats(),
    );
    let row = |name: &str, of: &dyn Fn(&CacheStats) -> Markup| {
        vec![html! { (name) }, of(&accounts), of(&experts)]
    };
    let counted = |name: &str, of: fn(&CacheStats) -> u64| row(name, &|stats| count(of(stats)));
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let rows = [
        row("Instances", &|stats| count(wide(stats.instances))),
        row("In use", &|stats| count(wide(stats.in_use))),
        row("With state", &|stats| count(wide(stats.loaded))),
        row("Hit rate", &|stats| rate(stats.hit_rate_permille)),
        counted("Hits", |stats| stats.hits),
        counted("Misses", |stats| stats.misses),
        counted("Loads", |stats| stats.loads),
        counted("Failed loads", |stats| stats.failed_loads),
        counted("Waited for another's load", |stats| stats.coalesced),
        row("Mean load", &|stats| micros(stats.mean_load_us)),
        counted("Evicted: no room", |stats| stats.evictions.capacity),
        counted("Evicted: too old", |stats| stats.evictions.expired),
        counted("Evicted: changed here", |stats| stats.evictions.changed),
        counted("Evicted: changed elsewhere", |stats| {
            stats.evictions.external
        }),
        counted("Evicted: by hand", |stats| stats.evictions.dropped),
    ];
    let headings = [("Figure", false), ("Accounts", true), ("Experts", true)];
    grid::table("Caches of accounts and experts", &headings, &rows, "")
}

fn rate(permille: Option<u64>) -> Markup {
    match permille {
        None => html! { "–" },
        Some(rate) => html! { data.number { (rate / 10) "." (rate % 10) " %" } },
    }
}
