//! `lombard expert`.

use anyhow::{Context as _, bail};
use lombard_model::view::{Cell, Kind};
use lombard_model::{AnalysisId, CallCost, ExpertId, Symbol};
use lombard_runtime::{ExpertRun, Host, RunRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::pin::PinnedTo;
use super::recommendation::{self, Recommended};
use super::record::Sheet;
use super::source::{self, Source, with_host, with_source};
use crate::arguments::{RecordOptions, UseCaseOption};
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure;

const COLUMNS: &[(&str, Kind)] = &[
    ("Id", Kind::Integer),
    ("Expert", Kind::Text),
    ("Account", Kind::Integer),
    ("Plugin", Kind::Text),
    ("There", Kind::Text),
    ("Enabled", Kind::Text),
    ("Virtual equity", Kind::Percent),
];

/// An expert instance as it is listed.
#[derive(Deserialize, Serialize)]
pub(super) struct Expert {
    id: ExpertId,
    account_id: u64,
    label: String,
    plugin: String,
    plugin_available: bool,
    pub(super) pinned: Option<PinnedTo>,
    alias: Option<String>,
    enabled: bool,
    virtual_equity_pct: String,
}

#[derive(Deserialize, Serialize)]
struct Experts {
    experts: Vec<Expert>,
}

/// A run that was made and stored.
#[derive(Deserialize, Serialize)]
pub(super) struct Run {
    expert: ExpertId,
    analysis: AnalysisId,
    pub(super) symbols: Vec<Symbol>,
    pub(super) recommendations: Vec<Recommended>,
    below_confidence: u64,
    pub(super) cost: CallCost,
}

/// What came of running an expert.
type Ran = (ExpertId, anyhow::Result<Run>);

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    with_source(context, async |source| {
        let experts = experts(source).await?;
        context.output.document(&experts, |style| {
            let rows: Vec<_> = experts.experts.iter().map(cells).collect();
            draw::table(COLUMNS, &rows, style)
        })
    })
    .await
}

fn cells(one: &Expert) -> Vec<Cell> {
    let word = |is| if is { "yes" } else { "no" };
    vec![
        one.id.to_i64().into(),
        one.label.as_str().into(),
        source::count(one.account_id),
        plugin(one).into(),
        word(one.plugin_available).into(),
        word(one.enabled).into(),
        source::decimal(&one.virtual_equity_pct),
    ]
}

/// The plugin of an instance, with the version where it stays with one.
fn plugin(one: &Expert) -> String {
    match &one.pinned {
        None => one.plugin.clone(),
        Some(pinned) => format!("{} {} (pinned)", one.plugin, pinned.version),
    }
}

pub(super) async fn run(
    context: &Context,
    id: Option<ExpertId>,
    symbols: &[Symbol],
    use_case: UseCaseOption,
    record: &RecordOptions,
) -> anyhow::Result<()> {
    let use_case = use_case.into();
    if let (Some(expert), Some(sheet)) = (id, Sheet::at(record)?) {
        let request = RunRequest {
            expert,
            symbols: symbols.to_vec(),
            use_case,
        };
        return run_recorded(context, request, sheet).await;
    }
    with_source(context, async |source| {
        let ids = match id {
            Some(id) => vec![id],
            None => runnable(context, source).await?,
        };
        let mut runs = Vec::new();
        for id in ids {
            let request = RunRequest {
                expert: id,
                symbols: symbols.to_vec(),
                use_case,
            };
            let doing = format!("running expert {id}");
            let run = context.progress.during(&doing, run_one(source, request));
            let run = run.await.with_context(|| format!("expert {id} failed"));
            runs.push((id, run));
        }
        // Asked for alone, so there is nothing to show beside the error.
        if id.is_some() && runs.iter().any(|(_, run)| run.is_err()) {
            return failed(context, runs);
        }
        show(context, &runs)?;
        failed(context, runs)
    })
    .await
}

/// Runs an expert where its database is, and keeps what it asked of the host.
async fn run_recorded(context: &Context, request: RunRequest, sheet: Sheet) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let id = request.expert;
        let running = host.run_expert_recorded(request);
        let doing = format!("running expert {id}");
        let recorded = context.progress.during(&doing, running).await;
        let recorded = recorded.with_context(|| format!("expert {id} failed"))?;
        sheet.keep(context, recorded, |run| {
            show(context, &[(id, Ok(Run::of(id, run.clone())))])
        })
    })
    .await
}

fn show(context: &Context, runs: &[Ran]) -> anyhow::Result<()> {
    let json = runs.iter().map(run_json).collect::<Result<Vec<_>, _>>()?;
    context.output.result(
        || json!({ "runs": json }),
        |style| runs.iter().map(|run| run_words(run, style)).collect(),
    )
}

async fn run_one(source: Source<'_>, request: RunRequest) -> anyhow::Result<Run> {
    let expert = request.expert;
    match source {
        Source::Here(host) => Ok(Run::of(expert, host.run_expert(request).await?)),
        Source::There(client) => {
            let wanted = json!({ "use_case": request.use_case, "symbols": request.symbols });
            let path = format!("/experts/{expert}/runs");
            client.post(&path, &wanted).await
        }
    }
}

/// One failed run fails the command, with that run's own error where it is the
/// only one.
fn failed(context: &Context, runs: Vec<Ran>) -> anyhow::Result<()> {
    let total = runs.len();
    let mut failed: Vec<_> = runs.into_iter().filter_map(|(_, run)| run.err()).collect();
    match failed.len() {
        0 => Ok(()),
        1 => Err(failed.remove(0)),
        some => {
            for error in &failed {
                context.output.complain(&failure::words(error));
            }
            bail!("{some} of {total} experts failed")
        }
    }
}

/// Every expert that is enabled and whose plugin is there; the others are told.
async fn runnable(context: &Context, source: Source<'_>) -> anyhow::Result<Vec<ExpertId>> {
    let mut ids = Vec::new();
    for expert in experts(source).await?.experts {
        let note = |why: &str| {
            context
                .output
                .note(&format!("{} is left out: {why}", expert.label));
        };
        match (expert.enabled, expert.plugin_available) {
            (true, true) => ids.push(expert.id),
            (false, _) => note("it is disabled"),
            (true, false) => note(&format!("plugin `{}` is not installed", expert.plugin)),
        }
    }
    if ids.is_empty() {
        context.output.note("no expert was run");
    }
    Ok(ids)
}

async fn experts(source: Source<'_>) -> anyhow::Result<Experts> {
    match source {
        Source::Here(host) => experts_here(host).await,
        Source::There(client) => client.get("/experts").await,
    }
}

async fn experts_here(host: &Host) -> anyhow::Result<Experts> {
    let mut session = host.session("expert list");
    let rows = session.experts().await?;
    session.end();
    let experts = rows.iter().map(|row| &row.expert).map(|one| Expert {
        id: one.id,
        account_id: one.account.get(),
        label: one.label(),
        plugin: one.plugin.clone(),
        plugin_available: host.has_plugin(&one.plugin),
        pinned: host.pinned(one).map(PinnedTo::from),
        alias: one.alias.clone(),
        enabled: one.enabled,
        virtual_equity_pct: one.virtual_equity_percent.normalize().to_string(),
    });
    let experts = experts.collect();
    Ok(Experts { experts })
}

fn run_json((id, run): &Ran) -> Result<Json, serde_json::Error> {
    match run {
        Ok(run) => serde_json::to_value(run),
        Err(error) => Ok(json!({ "expert": id, "error": failure::words(error) })),
    }
}

fn run_words((_, run): &Ran, style: Style) -> String {
    match run {
        Ok(run) => recommended(&format!("Expert {}", run.expert), run, style),
        // The error is told at the end, on stderr.
        Err(_) => String::new(),
    }
}

/// What a run recommended, for people: the figures in a table, and beneath it
/// why, in full.
pub(super) fn recommended(expert: &str, run: &Run, style: Style) -> String {
    let columns = [
        ("Symbol", Kind::Text),
        ("Action", Kind::Text),
        ("Confidence", Kind::Percent),
        ("Profit", Kind::Percent),
        ("Risk", Kind::Text),
        ("Horizon", Kind::Text),
    ];
    let head = format!(
        "{expert}: analysis {} of {} symbols, {} recommendations{}",
        run.analysis,
        run.symbols.len(),
        run.recommendations.len(),
        match run.below_confidence {
            0 => String::new(),
            some => format!(", {some} more below its min_confidence"),
        },
    );
    let head = draw::paragraph(&head, style);
    if run.recommendations.is_empty() {
        return head + "\n";
    }
    let rows: Vec<_> = run
        .recommendations
        .iter()
        .map(recommendation::figures)
        .collect();
    let why: Vec<_> = run
        .recommendations
        .iter()
        .map(|one| (one.symbol.as_str(), one.explanation.as_str()))
        .collect();
    let figures = draw::table(&columns, &rows, style);
    format!("{head}{figures}\n{}\n", draw::explained(&why, style))
}

impl Run {
    pub(super) fn of(expert: ExpertId, run: ExpertRun) -> Self {
        let recommendations = run.recommendations.into_iter();
        Self {
            expert,
            analysis: run.analysis,
            symbols: run.symbols,
            recommendations: recommendations.map(Recommended::from).collect(),
            below_confidence: u64::try_from(run.below_confidence).unwrap_or(u64::MAX),
            cost: run.cost,
        }
    }
}
