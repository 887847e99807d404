//! `lombard demo`: the main job, from nothing to a summary, on a throw-away
//! database.

use anyhow::Context as _;
use lombard_model::view::{Cell, Kind, View};
use lombard_model::{CallCost, Timestamp, UseCase};
use lombard_runtime::{Clock, Host, RunRequest};
use lombard_store::{ImportReport, Location};
use serde_json::{Value as Json, json};

use super::{expert, import, widget};
use crate::bundle;
use crate::context::Context;
use crate::draw::{self, Style};

const WIDGETS: [&str; 3] = [
    "floating-pl-per-expert",
    "floating-pl-per-account",
    "balance-usage-per-expert",
];

/// The close of the last day that has bars.
const AS_OF: &str = "2013-03-01T21:00:00Z";

/// What one render over 20 transactions was measured to need on the platform
/// that Lombard began from: label, sessions, statements.
const ORIGINAL: [(&str, Option<i64>, i64); 2] = [
    (
        "original platform, one render, before its fixes",
        Some(201),
        241,
    ),
    ("original platform, one render, after its fixes", None, 63),
];

struct Shown {
    imported: ImportReport,
    runs: Vec<(String, expert::Run)>,
    renders: Vec<(widget::Rendering, View)>,
}

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
    let location = Location::file(folder.path().join("demo.sqlite"));
    let as_of: Timestamp = AS_OF.parse()?;
    // Each call shows what it has to read.
    let host = context
        .host_on(location, Clock::Fixed(as_of), false)
        .await?;
    let shown = show(context, &host).await;
    host.close().await;
    let shown = shown?;
    context
        .output
        .result(|| json_of(&shown), |style| words_of(&shown, style))
}

async fn show(context: &Context, host: &Host) -> anyhow::Result<Shown> {
    if bundle::plugins().is_empty() {
        anyhow::bail!("this binary was built without plugins: build it with `cargo xtask build`");
    }
    let importing = host.import(bundle::demo()?);
    let imported = context.progress.during("importing", importing).await?;
    let mut session = host.session("demo");
    let experts = session.experts().await?;
    session.end();

    let mut runs = Vec::new();
    for one in experts.iter().map(|row| &row.expert) {
        if one.enabled && host.has_plugin(&one.plugin) {
            let running = host.run_expert(RunRequest {
                expert: one.id,
                symbols: Vec::new(),
                use_case: UseCase::EnterMarket,
            });
            let doing = format!("compiling and running {}", one.plugin);
            let run = context.progress.during(&doing, running).await?;
            let run = expert::Run::of(one.id, run);
            runs.push((format!("{} ({})", one.label(), one.plugin), run));
        }
    }
    let mut renders = Vec::new();
    for name in WIDGETS {
        let loading = host.plugin(name);
        let plugin = context
            .progress
            .during(&format!("compiling {name}"), loading)
            .await?;
        let rendered = host.render(&plugin, &Default::default(), None).await?;
        renders.push((widget::Rendering::of(&plugin, &rendered)?, rendered.view));
    }
    Ok(Shown {
        imported,
        runs,
        renders,
    })
}

impl Shown {
    /// Every call of a plugin, by what was called.
    fn calls(&self) -> impl Iterator<Item = (String, &CallCost)> {
        let runs = self
            .runs
            .iter()
            .map(|(label, run)| (format!("analyze, {label}"), &run.cost));
        let renders = self.renders.iter().map(|(rendering, _)| {
            let name = &rendering.plugin.name;
            (format!("render, {name}"), &rendering.cost)
        });
        runs.chain(renders)
    }
}

fn json_of(shown: &Shown) -> Json {
    let run = |(label, run): &(String, expert::Run)| {
        json!({
            "expert": label,
            "recommendations": run.recommendations,
            "cost": run.cost,
        })
    };
    let original = ORIGINAL.map(|(what, sessions, statements)| {
        json!({ "what": what, "sessions": sessions, "statements": statements })
    });
    json!({
        "as_of": AS_OF,
        "imported": import::json_of(&shown.imported),
        "experts": shown.runs.iter().map(run).collect::<Vec<_>>(),
        "widgets": shown.renders.iter().map(|(rendering, _)| rendering).collect::<Vec<_>>(),
        "original": original,
    })
}

fn words_of(shown: &Shown, style: Style) -> String {
    let heading = |text: &str| draw::heading(text, style);
    let mut words = heading("1. Imported: a book of trades and real daily bars");
    words += &import::words_of(&shown.imported, style);
    words += &heading("2. Experts looked at the bars, as of the close of 2013-03-01");
    for (label, run) in &shown.runs {
        words += &expert::recommended(label, run, style);
    }
    words += &heading("3. Widgets, each a WebAssembly component that borrows the host's session");
    for (_, view) in &shown.renders {
        words += &draw::view(view, style);
        words += "\n";
    }
    words +=
        &heading("4. What each call cost, beside what one render cost on the original platform");
    words += &bill(shown, style);
    words += "\n";
    words + &draw::paragraph(&summary(shown), style)
}

/// What the figures mean, for somebody who has never seen a session.
fn summary(shown: &Shown) -> String {
    let renders = shown.renders.iter().map(|(rendering, _)| &rendering.cost);
    let most = renders.map(|cost| cost.statements).max().unwrap_or(0);
    format!(
        "A session is a loan of a database connection; a statement is one question to the \
         database. Lombard lends each call one session and asks for all rows at once: at most \
         {most} statements for a render here over {} transactions, and no more for thousands. \
         The original platform asked again for each transaction; its figures were measured for \
         one render over 20 of them.",
        shown.imported.transactions,
    )
}

fn bill(shown: &Shown, style: Style) -> String {
    let columns = [
        ("Call", Kind::Text),
        ("Sessions", Kind::Integer),
        ("Statements", Kind::Integer),
        ("Rows", Kind::Integer),
        ("Microseconds", Kind::Integer),
    ];
    let count = |number: u64| Cell::from(i64::try_from(number).unwrap_or(i64::MAX));
    let mut rows: Vec<Vec<Cell>> = shown
        .calls()
        .map(|(call, cost)| {
            vec![
                call.into(),
                count(cost.sessions.into()),
                count(cost.statements.into()),
                count(cost.rows),
                count(cost.wall_us),
            ]
        })
        .collect();
    for (what, sessions, statements) in ORIGINAL {
        let absent = Cell::Absent;
        rows.push(vec![
            what.into(),
            sessions.into(),
            statements.into(),
            absent.clone(),
            absent,
        ]);
    }
    draw::table(&columns, &rows, style)
}
