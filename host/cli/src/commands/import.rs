//! `lombard import`.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use lombard_model::dataset::Dataset;
use lombard_model::view::Kind;
use lombard_store::ImportReport;
use serde_json::{Value as Json, json};

use super::with_host;
use crate::bundle;
use crate::context::Context;
use crate::draw::{self, Style};

/// Imports this document, or the demo's data.
pub(super) async fn run(context: &Context, file: Option<&Path>, demo: bool) -> anyhow::Result<()> {
    let path = file.map(Path::to_owned);
    // The document is read whole and checked before the database is touched.
    let reading = tokio::task::spawn_blocking(move || match (path, demo) {
        (Some(path), false) => read(&path),
        _ => bundle::demo(),
    });
    let dataset = context
        .progress
        .during("reading the document", reading)
        .await??;
    with_host(context, async |host| {
        let importing = host.import(dataset);
        let report = context.progress.during("importing", importing).await;
        let report = report.with_context(|| file.map_or_else(|| "the demo's data".into(), name))?;
        context
            .output
            .result(|| json_of(&report), |style| words_of(&report, style))
    })
    .await
}

fn read(path: &Path) -> anyhow::Result<Dataset> {
    if path == Path::new("-") {
        return Dataset::read(io::stdin().lock()).with_context(|| name(path));
    }
    let file = File::open(path).with_context(|| format!("{} can't be opened", name(path)))?;
    Dataset::read(file).with_context(|| name(path))
}

/// What a message calls the document.
fn name(path: &Path) -> String {
    match path == Path::new("-") {
        true => "stdin".to_owned(),
        false => path.display().to_string(),
    }
}

pub(super) fn json_of(report: &ImportReport) -> Json {
    json!({
        "accounts": report.accounts,
        "experts": report.experts,
        "transactions": report.transactions,
        "orders": report.orders,
        "bars": report.bars,
        "written": report.written,
    })
}

pub(super) fn words_of(report: &ImportReport, style: Style) -> String {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX).into();
    draw::key_values(
        &[
            ("accounts", Kind::Integer, count(report.accounts)),
            ("experts", Kind::Integer, count(report.experts)),
            ("transactions", Kind::Integer, count(report.transactions)),
            ("orders", Kind::Integer, count(report.orders)),
            ("bars", Kind::Integer, count(report.bars)),
            ("rows new or changed", Kind::Integer, count(report.written)),
        ],
        style,
    )
}
