//! Many renders at once on a pool of few connections.
//!
//! Owns: starting them together, and what became of each.
//! Must not know: how a pool hands out connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use lombard_runtime::{Host, PluginRef};
use tokio::task::JoinSet;

use super::Size;
use super::percentiles::Percentiles;
use crate::context::Context;

/// How many begin at once.
const CROWDS: [u32; 4] = [1, 10, 100, 1_000];

/// Renders of each crowd, at least.
const RENDERS: u32 = 2_000;

/// Of the book they are of.
const SIZE: Size = super::size(200, 2);

/// What a crowd took.
pub(super) struct Crowd {
    pub(super) at_once: u32,
    pub(super) shares_reads: bool,
    pub(super) renders: u32,
    pub(super) failed: u32,
    pub(super) took: Duration,
    /// From the request to the view.
    pub(super) wall: Percentiles,
    /// For a connection.
    pub(super) waited: Percentiles,
    /// Connections that are not free when all is over.
    pub(super) lost: u64,
}

impl Crowd {
    pub(super) fn per_second(&self) -> u64 {
        let nanos = self.took.as_nanos().max(1);
        let rate = u128::from(self.renders) * 1_000_000_000 / nanos;
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

pub(super) async fn measure(context: &Context) -> anyhow::Result<Vec<Crowd>> {
    let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
    let mut crowds = Vec::new();
    for shares_reads in [false, true] {
        let file = folder.path().join("crowd.sqlite");
        let host = Arc::new(super::host(context, file, shares_reads).await?);
        host.import(super::book(SIZE)?).await?;
        let plugin = host.plugin("floating-pl-per-expert").await?;
        for at_once in CROWDS {
            // Once for nothing: connections, pages and plugin are warm then.
            gather(&host, &plugin, at_once, shares_reads, 1).await?;
            let rounds = RENDERS.div_ceil(at_once);
            crowds.push(gather(&host, &plugin, at_once, shares_reads, rounds).await?);
        }
        host.close().await;
    }
    Ok(crowds)
}

async fn gather(
    host: &Arc<Host>,
    plugin: &PluginRef,
    at_once: u32,
    shares_reads: bool,
    rounds: u32,
) -> anyhow::Result<Crowd> {
    let (mut wall, mut waited) = (Vec::new(), Vec::new());
    let mut failed = 0;
    let began = Instant::now();
    for _ in 0..rounds {
        let mut renders = JoinSet::new();
        for _ in 0..at_once {
            let (host, plugin) = (Arc::clone(host), plugin.clone());
            renders.spawn(async move { host.render(&plugin, &Default::default(), None).await });
        }
        while let Some(rendered) = renders.join_next().await {
            match rendered? {
                Ok(rendered) => {
                    wall.push(Duration::from_micros(rendered.cost.wall_us));
                    waited.push(Duration::from_micros(rendered.cost.wait_us));
                }
                Err(error) => {
                    tracing::warn!(%error, "a render of the crowd failed");
                    failed += 1;
                }
            }
        }
    }
    let took = began.elapsed();
    Ok(Crowd {
        at_once,
        shares_reads,
        renders: at_once * rounds,
        failed,
        took,
        wall: Percentiles::of(wall),
        waited: Percentiles::of(waited),
        lost: lost(host).await,
    })
}

/// Connections that do not come back.
async fn lost(host: &Host) -> u64 {
    let began = Instant::now();
    loop {
        let pool = host.store().pool_status();
        let idle = u64::try_from(pool.idle).unwrap_or(0);
        let lost = u64::from(pool.size).saturating_sub(idle);
        // A rollback may be on its way still.
        if lost == 0 || began.elapsed() > Duration::from_secs(5) {
            return lost;
        }
        tokio::task::yield_now().await;
    }
}
