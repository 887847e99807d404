//! `lombard cache`: what a host that runs caches of accounts and experts.

use lombard_model::view::{Cell, Kind};
use lombard_store::SettingsOwner;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ureq::http::Method;

use super::source::{count, running};
use crate::arguments::CacheCommand;
use crate::context::Context;
use crate::draw::{self, Style};

/// What was dropped from a cache, by its cause.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Evictions {
    capacity: u64,
    expired: u64,
    changed: u64,
    external: u64,
    dropped: u64,
}

/// What a cache did since the start, and what it holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Cache {
    instances: u64,
    in_use: u64,
    loaded: u64,
    settings: u64,
    hits: u64,
    misses: u64,
    /// None before the first look-up.
    hit_rate_permille: Option<u64>,
    loads: u64,
    failed_loads: u64,
    coalesced: u64,
    outdated: u64,
    invalidations: u64,
    evictions: Evictions,
    mean_load_us: u64,
    time_saved_us: u64,
}

/// Both caches.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Caches {
    accounts: Cache,
    experts: Cache,
}

/// What was brought in, of how many.
#[derive(Deserialize, Serialize)]
struct Warmed {
    done: u64,
    of: u64,
}

pub(super) async fn run(context: &Context, command: CacheCommand) -> anyhow::Result<()> {
    let client = running(context).await?;
    match command {
        CacheCommand::Stats => {
            let caches: Caches = client.get("/caches").await?;
            context
                .output
                .document(&caches, |style| words(&caches, style))
        }
        CacheCommand::Warm { most_used } => {
            let wanted = match most_used {
                Some(most) => json!({ "most_used": most }),
                None => json!({}),
            };
            let warming = client.post("/caches/warm", &wanted);
            let warmed: Warmed = context.progress.during("warming", warming).await?;
            context.output.document(&warmed, |_| {
                format!(
                    "{} of {} accounts and experts are there\n",
                    warmed.done, warmed.of
                )
            })
        }
        CacheCommand::Invalidate { owner, settings } => {
            client.tell(Method::DELETE, &path(owner, settings)).await?;
            let name = name(owner);
            let what = if settings { "the settings of " } else { "" };
            context.output.result(
                || json!({ "invalidated": name, "settings_only": settings }),
                |_| format!("dropped what was cached of {what}{name}\n"),
            )
        }
        CacheCommand::Clear => {
            client.tell(Method::DELETE, "/caches").await?;
            context.output.result(
                || json!({ "cleared": true }),
                |_| "dropped everything that was cached\n".to_owned(),
            )
        }
    }
}

fn path(owner: SettingsOwner, settings: bool) -> String {
    let end = if settings { "/settings" } else { "" };
    match owner {
        SettingsOwner::Account(id) => format!("/caches/accounts/{id}{end}"),
        SettingsOwner::Expert(id) => format!("/caches/experts/{id}{end}"),
    }
}

fn name(owner: SettingsOwner) -> String {
    match owner {
        SettingsOwner::Account(id) => format!("account/{id}"),
        SettingsOwner::Expert(id) => format!("expert/{id}"),
    }
}

/// All figures of both caches beside each other.
fn words(caches: &Caches, style: Style) -> String {
    let columns = [
        ("", Kind::Text),
        ("Accounts", Kind::Integer),
        ("Experts", Kind::Integer),
    ];
    let rows = figures(&caches.accounts)
        .into_iter()
        .zip(figures(&caches.experts));
    let rows: Vec<_> = rows
        .map(|((label, accounts), (_, experts))| vec![label.into(), accounts, experts])
        .collect();
    draw::table(&columns, &rows, style)
}

fn figures(of: &Cache) -> [(&'static str, Cell); 19] {
    let dropped = &of.evictions;
    [
        ("instances", count(of.instances)),
        ("in use", count(of.in_use)),
        ("with their state at hand", count(of.loaded)),
        ("saved settings in these", count(of.settings)),
        ("hits", count(of.hits)),
        ("misses", count(of.misses)),
        (
            "hits of a thousand",
            of.hit_rate_permille.map_or(Cell::Absent, count),
        ),
        ("loads", count(of.loads)),
        ("failed loads", count(of.failed_loads)),
        ("answered by another's load", count(of.coalesced)),
        ("loads that were not kept", count(of.outdated)),
        ("told to be stale", count(of.invalidations)),
        ("dropped for want of room", count(dropped.capacity)),
        ("dropped as too old", count(dropped.expired)),
        ("dropped as changed", count(dropped.changed)),
        ("dropped as changed elsewhere", count(dropped.external)),
        ("dropped by hand", count(dropped.dropped)),
        ("microseconds of a load", count(of.mean_load_us)),
        ("microseconds saved, about", count(of.time_saved_us)),
    ]
}

/// What matters of both in a line each, for a screen that has more to show.
pub(super) fn brief(caches: &Caches, style: Style) -> String {
    let columns = [
        ("Cache", Kind::Text),
        ("Instances", Kind::Integer),
        ("In use", Kind::Integer),
        ("Hits", Kind::Integer),
        ("Misses", Kind::Integer),
        ("Hits of 1000", Kind::Integer),
        ("Loads", Kind::Integer),
        ("Mean load us", Kind::Integer),
    ];
    let row = |(name, of): (&str, &Cache)| {
        vec![
            name.into(),
            count(of.instances),
            count(of.in_use),
            count(of.hits),
            count(of.misses),
            of.hit_rate_permille.map_or(Cell::Absent, count),
            count(of.loads),
            count(of.mean_load_us),
        ]
    };
    let rows = [("accounts", &caches.accounts), ("experts", &caches.experts)].map(row);
    draw::table(&columns, &rows, style)
}
