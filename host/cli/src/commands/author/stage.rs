//! A host to try a plugin on.
//!
//! Owns: a throw-away database with a dataset or what another one holds, one
//! plugin with its settings, and what a call of it gave and cost.
//! Must not know: what was expected.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use lombard_model::dataset::Dataset;
use lombard_model::view::View;
use lombard_model::{CallRecord, ExpertId, Granted, PluginKind, Symbol, UseCase};
use lombard_runtime::{Clock, Host, PluginRef, RunRequest, RuntimeError};
use lombard_store::{Location, SettingsOwner, Store};
use serde_json::{Value as Json, json};

use super::instance;
use crate::bundle;
use crate::commands::expert::Run;
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure;

/// What a call is to be about.
pub(super) struct Play<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) book: Book<'a>,
    pub(super) clock: Clock,
    pub(super) settings: BTreeMap<String, Json>,
    pub(super) granted: Granted,
    pub(super) max_rows: Option<u32>,
    pub(super) expert: Option<ExpertId>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) use_case: UseCase,
}

/// The data that a call is to see.
pub(super) enum Book<'a> {
    Demo,
    Dataset(&'a Path),
    /// Of a database, which stays as it is whatever the call does.
    CopyOf(&'a Location),
}

impl<'a> Book<'a> {
    /// A dataset's, or the demo's.
    pub(super) fn of(dataset: Option<&'a Path>) -> Self {
        dataset.map_or(Self::Demo, Self::Dataset)
    }
}

/// A host with all that a call needs.
pub(super) struct Stage {
    host: Host,
    plugin: PluginRef,
    settings: BTreeMap<String, Option<Json>>,
    max_rows: Option<u32>,
    request: Option<RunRequest>,
    _folder: tempfile::TempDir,
}

/// What a call gave.
pub(super) enum Gave {
    View(Box<View>),
    Recommendations(Box<Run>),
    /// In words: a case may expect it.
    Error(RuntimeError),
}

/// A call that was made.
pub(super) struct Called {
    pub(super) gave: Gave,
    /// With what it cost.
    pub(super) record: Arc<CallRecord>,
}

impl Stage {
    /// Sets it up. What fails here is no result of the plugin's.
    pub(super) async fn open(context: &Context, play: Play<'_>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
        let location = Location::file(folder.path().join("case.sqlite"));
        let opening = open(context, &location, &play);
        let host = context
            .progress
            .during("opening the database", opening)
            .await?;
        let ready = ready(context, &host, play).await;
        match ready {
            Ok((plugin, settings, max_rows, request)) => Ok(Self {
                host,
                plugin,
                settings,
                max_rows,
                request,
                _folder: folder,
            }),
            Err(error) => {
                host.close().await;
                Err(error)
            }
        }
    }

    /// Calls the plugin once.
    pub(super) async fn call(&self) -> anyhow::Result<Called> {
        let gave = match &self.request {
            None => {
                let rendered = self
                    .host
                    .render(&self.plugin, &self.settings, self.max_rows);
                rendered.await.map(|one| Gave::View(Box::new(one.view)))
            }
            Some(request) => {
                let ran = self.host.run_expert(request.clone()).await;
                ran.map(|run| Gave::Recommendations(Box::new(Run::of(request.expert, run))))
            }
        };
        let gave = match gave {
            Ok(gave) => gave,
            // The plugin's own doing, and so a result.
            Err(error @ RuntimeError::Call { .. }) => Gave::Error(error),
            Err(error) => return Err(error.into()),
        };
        let record = self.host.recent_calls().pop();
        let record = record.context("the call left no record")?;
        Ok(Called { gave, record })
    }

    pub(super) async fn close(self) {
        self.host.close().await;
    }
}

type Ready = (
    PluginRef,
    BTreeMap<String, Option<Json>>,
    Option<u32>,
    Option<RunRequest>,
);

/// A host on the throw-away database, with no call's data but that of a copy.
async fn open(context: &Context, location: &Location, play: &Play<'_>) -> anyhow::Result<Host> {
    if let Book::CopyOf(database) = play.book {
        Store::copy(database, location.path()).await?;
    }
    // Each call shows what it has to read.
    let host = context.host_on(location.clone(), play.clock, false).await;
    match play.book {
        Book::CopyOf(database) => host.with_context(|| format!("on a copy of {database}")),
        Book::Demo | Book::Dataset(_) => host,
    }
}

async fn ready(context: &Context, host: &Host, play: Play<'_>) -> anyhow::Result<Ready> {
    let inspected = lombard_runtime::inspect(play.bytes)?;
    let name = inspected.manifest.name.as_str();
    match play.book {
        Book::Demo => drop(host.import(bundle::demo()?).await?),
        Book::Dataset(path) => drop(host.import(read(path)?).await?),
        Book::CopyOf(_) => {}
    }
    let installing = host.install(play.bytes.to_vec(), play.granted);
    context
        .progress
        .during("compiling the plugin", installing)
        .await?;
    let plugin = host.plugin(name).await?;
    let settings = play.settings.into_iter();
    let settings: BTreeMap<_, _> = settings.map(|(key, value)| (key, Some(value))).collect();
    if inspected.manifest.kind == PluginKind::Widget {
        return Ok((plugin, settings, play.max_rows, None));
    }
    let expert = instance::of(host, name, play.expert).await?;
    // What is tried is this plugin, and no version that it stays with.
    host.unpin(expert).await?;
    let definitions = &plugin.plugin.definitions;
    let owner = SettingsOwner::Expert(expert);
    host.accounts()
        .save_settings(owner, definitions, settings)
        .await?;
    let request = RunRequest {
        expert,
        symbols: play.symbols,
        use_case: play.use_case,
    };
    Ok((plugin, BTreeMap::new(), None, Some(request)))
}

fn read(path: &Path) -> anyhow::Result<Dataset> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} can't be opened"))?;
    Dataset::read(file).with_context(|| shown.to_string())
}

impl Gave {
    /// As a case expects it.
    pub(super) fn json(&self) -> anyhow::Result<Json> {
        Ok(match self {
            Self::View(view) => json!({ "view": view }),
            Self::Recommendations(run) => {
                json!({ "symbols": run.symbols, "recommendations": run.recommendations })
            }
            Self::Error(error) => json!({ "error": error_words(error) }),
        })
    }

    pub(super) fn words(&self, name: &str, style: Style) -> String {
        match self {
            Self::View(view) => draw::view(view, style),
            Self::Recommendations(run) => crate::commands::expert::recommended(name, run, style),
            Self::Error(error) => draw::warning(&error_words(error), style),
        }
    }
}

/// Without the version and the frames of the guest, which change with each
/// build.
fn error_words(error: &RuntimeError) -> String {
    match error {
        RuntimeError::Call { error, .. } => failure::call_words(error),
        error => error.to_string(),
    }
}
