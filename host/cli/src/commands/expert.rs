//! `lombard expert`.

use anyhow::{Context as _, bail};
use lombard_model::view::{Cell, Kind};
use lombard_model::{Expert, ExpertId, Symbol, UseCase};
use lombard_runtime::{ExpertRun, Host, RunRequest};
use serde_json::{Value as Json, json};

use super::{cost, recommendation, with_host};
use crate::arguments::UseCaseOption;
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure;

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let experts = experts(host).await?;
        let json = |one: &Expert| {
            json!({
                "id": one.id,
                "account_id": one.account,
                "label": one.label(),
                "plugin": one.plugin,
                "plugin_available": host.has_plugin(&one.plugin),
                "alias": one.alias,
                "enabled": one.enabled,
                "virtual_equity_pct": one.virtual_equity_percent.normalize().to_string(),
            })
        };
        let cells = |one: &Expert| -> Vec<Cell> {
            vec![
                one.id.to_i64().into(),
                one.label().into(),
                one.account.to_i64().into(),
                one.plugin.as_str().into(),
                if host.has_plugin(&one.plugin) {
                    "yes"
                } else {
                    "no"
                }
                .into(),
                if one.enabled { "yes" } else { "no" }.into(),
                one.virtual_equity_percent.into(),
            ]
        };
        let columns = [
            ("Id", Kind::Integer),
            ("Expert", Kind::Text),
            ("Account", Kind::Integer),
            ("Plugin", Kind::Text),
            ("There", Kind::Text),
            ("Enabled", Kind::Text),
            ("Virtual equity", Kind::Percent),
        ];
        context.output.result(
            || json!({ "experts": experts.iter().map(json).collect::<Vec<_>>() }),
            |style| {
                draw::table(
                    &columns,
                    &experts.iter().map(cells).collect::<Vec<_>>(),
                    style,
                )
            },
        )
    })
    .await
}

pub(super) async fn run(
    context: &Context,
    id: Option<ExpertId>,
    symbols: &[Symbol],
    use_case: UseCaseOption,
) -> anyhow::Result<()> {
    let use_case = match use_case {
        UseCaseOption::EnterMarket => UseCase::EnterMarket,
        UseCaseOption::OpenPositions => UseCase::OpenPositions,
    };
    with_host(context, async |host| {
        let ids = match id {
            Some(id) => vec![id],
            None => runnable(context, host).await?,
        };
        let mut runs = Vec::new();
        for id in ids {
            let request = RunRequest {
                expert: id,
                symbols: symbols.to_vec(),
                use_case,
            };
            let running = host.run_expert(request);
            let run = context
                .progress
                .during(&format!("running expert {id}"), running)
                .await;
            runs.push((id, run.with_context(|| format!("expert {id} failed"))));
        }
        // Asked for alone, so there is nothing to show beside the error.
        if id.is_some() && runs.iter().any(|(_, run)| run.is_err()) {
            return failed(context, runs);
        }
        context.output.result(
            || json!({ "runs": runs.iter().map(run_json).collect::<Vec<_>>() }),
            |style| runs.iter().map(|run| run_words(run, style)).collect(),
        )?;
        failed(context, runs)
    })
    .await
}

/// One failed run fails the command, with that run's own error where it is the
/// only one.
fn failed(
    context: &Context,
    runs: Vec<(ExpertId, anyhow::Result<ExpertRun>)>,
) -> anyhow::Result<()> {
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
async fn runnable(context: &Context, host: &Host) -> anyhow::Result<Vec<ExpertId>> {
    let mut ids = Vec::new();
    for expert in experts(host).await? {
        let note = |why: &str| {
            context
                .output
                .note(&format!("{} is left out: {why}", expert.label()));
        };
        match (expert.enabled, host.has_plugin(&expert.plugin)) {
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

async fn experts(host: &Host) -> anyhow::Result<Vec<Expert>> {
    let mut session = host.session("expert list");
    let rows = session.experts().await?;
    session.end();
    Ok(rows.iter().map(|row| row.expert.clone()).collect())
}

fn run_json((id, run): &(ExpertId, anyhow::Result<ExpertRun>)) -> Json {
    match run {
        Ok(run) => json!({
            "expert": id,
            "analysis": run.analysis,
            "symbols": run.symbols,
            "recommendations":
                run.recommendations.iter().map(recommendation::json_of).collect::<Vec<_>>(),
            "below_confidence": run.below_confidence,
            "cost": cost(&run.cost),
        }),
        Err(error) => json!({ "expert": id, "error": failure::words(error) }),
    }
}

fn run_words((id, run): &(ExpertId, anyhow::Result<ExpertRun>), style: Style) -> String {
    match run {
        Ok(run) => recommended(&format!("Expert {id}"), run, style),
        // The error is told at the end, on stderr.
        Err(_) => String::new(),
    }
}

/// What a run recommended, for people: the figures in a table, and beneath it
/// why, in full.
pub(super) fn recommended(expert: &str, run: &ExpertRun, style: Style) -> String {
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
