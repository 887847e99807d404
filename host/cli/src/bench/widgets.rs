//! The widgets beside the same work in native Rust, beside one that looks up
//! row by row, and on data that has not changed.
//!
//! Owns: taking turns, each round beginning with another side, so that whatever
//! else the machine does, and whatever one side leaves in its caches, meets all
//! sides. All but the last read the database each time.
//! Must not know: how any side renders.

use std::time::{Duration, Instant};

use lombard_model::CallCost;
use lombard_model::view::View;
use lombard_runtime::{Host, PluginRef};

use super::Size;
use super::native::{self, Widget};
use super::percentiles::Percentiles;

/// Renders of each side before the first that counts.
const WARM_UP: u32 = 5;

/// The widget that is also there row by row.
const NAIVE_TOO: &str = "floating-pl-per-expert";

/// The sides, by their place. Those that read come first.
const NAMES: [&str; 4] = ["the plugin", "native Rust", "row by row", "shared reads"];
const NATIVE: usize = 1;
const NAIVE: usize = 2;
const SHARED: usize = 3;

/// One widget on one book.
pub(super) struct Run {
    pub(super) widget: &'static str,
    pub(super) size: Size,
    pub(super) wasm: Percentiles,
    pub(super) native: Percentiles,
    pub(super) cost: CallCost,
    /// Row by row, with its cost.
    pub(super) naive: Option<(Percentiles, CallCost)>,
    /// On a host that shares what was read, after the first render.
    pub(super) unchanged: (Percentiles, CallCost),
}

pub(super) async fn measure(
    host: &Host,
    sharing: &Host,
    size: Size,
    renders: u32,
) -> anyhow::Result<Vec<Run>> {
    let mut runs = Vec::new();
    for widget in native::WIDGETS {
        let sides = Sides {
            host,
            sharing,
            widget,
            asks_well: host.plugin(widget.name).await?,
            shares: sharing.plugin(widget.name).await?,
            naive: match widget.name == NAIVE_TOO {
                true => Some(host.plugin("naive-floating-pl").await?),
                false => None,
            },
        };
        runs.push(sides.compare(size, renders).await?);
    }
    Ok(runs)
}

struct Sides<'h> {
    host: &'h Host,
    sharing: &'h Host,
    widget: &'static Widget,
    asks_well: PluginRef,
    shares: PluginRef,
    naive: Option<PluginRef>,
}

/// What a side took, and what its last render cost.
#[derive(Default)]
struct Side {
    took: Vec<Duration>,
    cost: CallCost,
}

impl Side {
    async fn render(&mut self, host: &Host, plugin: &PluginRef) -> anyhow::Result<View> {
        let began = Instant::now();
        let rendered = host.render(plugin, &Default::default(), None).await?;
        self.took.push(began.elapsed());
        self.cost = rendered.cost;
        Ok(rendered.view)
    }

    fn measured(mut self) -> (Percentiles, CallCost) {
        let warm_up = usize::try_from(WARM_UP).unwrap_or(0).min(self.took.len());
        (Percentiles::of(self.took.split_off(warm_up)), self.cost)
    }
}

impl Sides<'_> {
    async fn compare(&self, size: Size, renders: u32) -> anyhow::Result<Run> {
        let mut sides = <[Side; 4]>::default();
        let reads = if self.naive.is_some() { 3 } else { 2 };
        for round in 0..WARM_UP + renders {
            let first = usize::try_from(round).unwrap_or(0);
            let shown = self.turn(&mut sides, SHARED).await?;
            for turn in first..first + reads {
                let side = turn % reads;
                let same = self.turn(&mut sides, side).await?;
                if same != shown {
                    let (widget, side) = (self.widget.name, NAMES[side]);
                    anyhow::bail!("{widget}: {side} does not show the same as shared reads");
                }
            }
        }
        let [wasm, native, naive, shared] = sides;
        let (wasm, cost) = wasm.measured();
        Ok(Run {
            widget: self.widget.name,
            size,
            wasm,
            native: native.measured().0,
            cost,
            naive: self.naive.is_some().then(|| naive.measured()),
            unchanged: shared.measured(),
        })
    }

    /// Renders once on this side.
    async fn turn(&self, sides: &mut [Side; 4], side: usize) -> anyhow::Result<View> {
        let took = &mut sides[side];
        match (side, &self.naive) {
            (NATIVE, _) => {
                let began = Instant::now();
                let view = native::render(self.host, self.widget).await?;
                took.took.push(began.elapsed());
                Ok(view)
            }
            (NAIVE, Some(plugin)) => took.render(self.host, plugin).await,
            (SHARED, _) => took.render(self.sharing, &self.shares).await,
            _ => took.render(self.host, &self.asks_well).await,
        }
    }
}
