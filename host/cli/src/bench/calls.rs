//! The parts of a call: what is around it, a call into the host, a cached
//! setting, an account out of the cache.
//!
//! Owns: loops around one thing. Must not know: what it is made of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use lombard_accounts::SettingsPatch;
use lombard_model::dataset::Dataset;
use lombard_model::{AccountId, UseCase};
use lombard_runtime::{Host, RunRequest};
use lombard_store::SettingsOwner;
use serde_json::{Value as Json, json};

use super::percentiles::Percentiles;
use crate::context::Context;

/// Calls into the host within one call of the guest.
const CALLS: u32 = 200_000;

/// Of what takes longer.
const ROUNDS: u32 = 300;

/// Those who want one account at the same time.
const CONTENDERS: usize = 100;

/// What one part takes.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) took: Percentiles,
}

pub(super) async fn measure(context: &Context) -> anyhow::Result<Vec<Part>> {
    let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
    let file = folder.path().join("calls.sqlite");
    let host = Arc::new(super::host(context, file, false).await?);
    let measured = parts(&host).await;
    host.close().await;
    measured
}

async fn parts(host: &Arc<Host>) -> anyhow::Result<Vec<Part>> {
    host.import(Dataset::to_measure(20, 2, "bare-calls")?)
        .await?;
    let fresh = fresh_instances(host).await?;
    let mut parts = vec![Part {
        name: "fresh_instance",
        what: "a run of an expert that does nothing: its snapshot, two settings",
        took: fresh,
    }];
    for (name, call, what) in [
        (
            "host_call",
            "as-of",
            "a call into the host that only answers",
        ),
        (
            "cached_number",
            "number",
            "a setting that is a number, read again, from inside a guest",
        ),
        (
            "cached_setting",
            "setting",
            "one that is a text, which is copied into the guest",
        ),
        (
            "remembered_setting",
            "remembered",
            "the same through the SDK, which asks the host once a call",
        ),
        (
            "cached_account",
            "account",
            "an account out of the cache, from inside a guest: three texts",
        ),
    ] {
        let took = in_guest(host, call).await?;
        parts.push(Part { name, what, took });
    }
    parts.extend(account_cache(host).await?);
    Ok(parts)
}

/// Its CPU and waiting within the call; what storing the analysis takes is not
/// in it.
async fn fresh_instances(host: &Host) -> anyhow::Result<Percentiles> {
    set(host, "nothing", 0).await?;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        took.push(run(host).await?);
    }
    Ok(Percentiles::of(took))
}

/// One call into the host: the loop, over how often it ran.
async fn in_guest(host: &Host, call: &str) -> anyhow::Result<Percentiles> {
    set(host, call, CALLS).await?;
    let mut took = Vec::new();
    for _ in 0..5 {
        took.push(run(host).await? / CALLS);
    }
    Ok(Percentiles::of(took))
}

async fn set(host: &Host, call: &str, times: u32) -> anyhow::Result<()> {
    let definitions = host.expert_definitions("bare-calls")?;
    let patch: SettingsPatch = [("call", Json::from(call)), ("times", json!(times))]
        .map(|(key, value)| (key.to_owned(), Some(value)))
        .into();
    let owner = SettingsOwner::Expert(first()?);
    host.accounts()
        .save_settings(owner, &definitions, patch)
        .await?;
    Ok(())
}

async fn run(host: &Host) -> anyhow::Result<Duration> {
    let run = host.run_expert(RunRequest {
        expert: first()?,
        symbols: vec!["AAPL".parse()?],
        use_case: UseCase::OpenPositions,
    });
    Ok(Duration::from_micros(run.await?.cost.wall_us))
}

fn first<I: TryFrom<u64, Error: std::error::Error + Send + Sync + 'static>>() -> anyhow::Result<I> {
    Ok(I::try_from(1)?)
}

async fn account_cache(host: &Arc<Host>) -> anyhow::Result<Vec<Part>> {
    let id: AccountId = first()?;
    let (mut hits, mut misses, mut contended) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        host.accounts().invalidate_all();
        misses.push(get(host, id).await?);
        hits.push(get(host, id).await?);
    }
    for _ in 0..ROUNDS / 10 {
        host.accounts().invalidate_all();
        let mut all = tokio::task::JoinSet::new();
        let began = Instant::now();
        for _ in 0..CONTENDERS {
            let host = Arc::clone(host);
            all.spawn(async move { get(&host, id).await });
        }
        while let Some(one) = all.join_next().await {
            one??;
        }
        contended.push(began.elapsed());
    }
    let part = |name, what, took| Part {
        name,
        what,
        took: Percentiles::of(took),
    };
    Ok(vec![
        part("account_hit", "an account out of the cache", hits),
        part("account_miss", "an account that has to be loaded", misses),
        part(
            "account_contended",
            "the first use of an account by 100 at once: all of them",
            contended,
        ),
    ])
}

async fn get(host: &Host, id: AccountId) -> anyhow::Result<Duration> {
    let mut session = host.session("bench");
    let began = Instant::now();
    host.accounts().account(id, &mut session).await?;
    session.end();
    Ok(began.elapsed())
}
