//! `lombard bench`: what a render costs, and beside what.
//!
//! Owns: which measurements there are, and their order. Must not know: how any
//! of them is taken.

mod calls;
mod crowd;
mod native;
mod percentiles;
mod print;
mod widgets;

use std::path::PathBuf;

use anyhow::Context as _;
use lombard_model::dataset::Dataset;
use lombard_runtime::Host;
use lombard_store::Location;

use self::calls::Part;
use self::crowd::Crowd;
pub(crate) use self::percentiles::Percentiles;
use self::widgets::Run;
use crate::arguments::BenchOptions;
use crate::context::Context;

/// What was measured.
struct Measured {
    runs: Vec<Run>,
    crowds: Vec<Crowd>,
    parts: Vec<Part>,
}

/// A book to measure with.
#[derive(Clone, Copy)]
struct Size {
    transactions: u32,
    accounts: u32,
}

const FULL: [Size; 7] = [
    size(20, 2),
    size(200, 2),
    size(2_000, 1),
    size(2_000, 2),
    size(2_000, 5),
    size(2_000, 20),
    size(20_000, 2),
];

const fn size(transactions: u32, accounts: u32) -> Size {
    Size {
        transactions,
        accounts,
    }
}

pub(crate) async fn run(context: &Context, options: &BenchOptions) -> anyhow::Result<()> {
    let mut measured = Measured {
        runs: Vec::new(),
        crowds: Vec::new(),
        parts: Vec::new(),
    };
    for size in sizes(options) {
        let doing = format!(
            "measuring with {} transactions on {} accounts",
            size.transactions, size.accounts
        );
        let runs = of_size(context, size, options);
        measured
            .runs
            .extend(context.progress.during(&doing, runs).await?);
    }
    if options.full {
        let crowds = crowd::measure(context);
        measured.crowds = context
            .progress
            .during("measuring crowds of renders", crowds)
            .await?;
        let parts = calls::measure(context);
        measured.parts = context
            .progress
            .during("measuring the parts of a call", parts)
            .await?;
    }
    context.output.result(
        || print::json(&measured),
        |style| print::words(&measured, style),
    )
}

fn sizes(options: &BenchOptions) -> Vec<Size> {
    if options.full {
        return FULL.to_vec();
    }
    let or = |given: &[u32], default: &[u32]| match given {
        [] => default.to_vec(),
        given => given.to_vec(),
    };
    let accounts = or(&options.accounts, &[2]);
    let transactions = or(&options.transactions, &[20, 200, 2_000]);
    transactions
        .into_iter()
        .flat_map(|transactions| accounts.iter().map(move |one| size(transactions, *one)))
        .collect()
}

async fn of_size(
    context: &Context,
    size: Size,
    options: &BenchOptions,
) -> anyhow::Result<Vec<Run>> {
    let folder = Folder::new(options.keep.as_ref())?;
    let file = folder
        .path
        .join(format!("bench-{}.sqlite", size.transactions));
    let host = host(context, file.clone(), false).await?;
    let runs = async {
        host.import(book(size)?).await?;
        // The same book to a host that shares what was read.
        let sharing = self::host(context, file, true).await?;
        let runs = widgets::measure(&host, &sharing, size, options.renders).await;
        sharing.close().await;
        runs
    };
    let runs = runs.await;
    host.close().await;
    runs
}

async fn host(context: &Context, file: PathBuf, share_reads: bool) -> anyhow::Result<Host> {
    let location = Location::file(file);
    context.host_to_measure(location, share_reads).await
}

fn book(size: Size) -> anyhow::Result<Dataset> {
    let Size {
        transactions,
        accounts,
    } = size;
    let plugin = "moving-average-cross";
    Ok(Dataset::to_measure(transactions, accounts, plugin)?)
}

/// Where a database stands while it is measured.
struct Folder {
    path: PathBuf,
    /// Goes with this, unless it is to be kept.
    _throw_away: Option<tempfile::TempDir>,
}

impl Folder {
    fn new(keep: Option<&PathBuf>) -> anyhow::Result<Self> {
        if let Some(folder) = keep {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} can't be made", folder.display()))?;
            return Ok(Self {
                path: folder.clone(),
                _throw_away: None,
            });
        }
        let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
        Ok(Self {
            path: folder.path().to_owned(),
            _throw_away: Some(folder),
        })
    }
}
