//! Plugins.
//!
//! Owns: `/plugins`, and how a plugin and its grants are told. Must not know:
//! what plugins do.

use axum::Json;
use axum::extract::State;
use lombard_model::{AccountId, AccountScope, Grants, PluginKind};
use lombard_runtime::{Host, PluginEntry, RuntimeError};
use lombard_store::{PluginBill, StoreError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::binaries::{self, Binary};
use super::limits;
use super::reading::read;
use super::request::Name;
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, binaries::install, binaries::remove))
        .routes(routes!(resume))
        .routes(routes!(roll_back))
        .routes(routes!(limits::set))
}

/// Something that a plugin may do.
#[derive(Debug, Serialize, ToSchema)]
struct Grant {
    /// Its name, such as `read:orders`.
    grant: &'static str,
    /// What whoever has it may do.
    words: &'static str,
}

/// A plugin that has failed too often to be called now.
#[derive(Debug, Serialize, ToSchema)]
struct Quarantine {
    /// How often in a row it has failed.
    failures: u32,
    /// Milliseconds until a call is let through; 0 where the next one is, or
    /// one is under way.
    left_ms: u64,
    /// How it failed the last time.
    last: String,
}

/// A plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plugin {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// `widget` or `expert`.
    kind: &'static str,
    /// Of an expert who says which symbols it looks at: `given` by whoever asks
    /// for the run or the instance's settings, or `picked` from them by itself.
    symbols: Option<&'static str>,
    /// The SHA-256 of its binary.
    digest: String,
    /// `installed` or `bundled`.
    source: &'static str,
    /// When it was installed.
    installed_at: Option<String>,
    /// What it is for.
    description: String,
    /// How it is left alone, where it has failed too often.
    quarantine: Option<Quarantine>,
    /// What it asked for and was granted.
    granted: Vec<Grant>,
    /// What it asked for and was not granted.
    lacks: Vec<Grant>,
    /// The accounts that it sees: `all`, or their ids.
    accounts: SeenAccounts,
}

/// The accounts that a plugin sees.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum SeenAccounts {
    /// `all`.
    Every(&'static str),
    /// These, by id.
    Some(Vec<u64>),
}

/// Plugins, by name.
#[derive(Debug, Serialize, ToSchema)]
struct Plugins {
    plugins: Vec<Plugin>,
}

/// What the recorded calls of one function have cost.
#[derive(Debug, Serialize, ToSchema)]
struct Bill {
    /// `render` or `analyze`.
    function: String,
    /// How many calls.
    calls: u64,
    /// How many of them did not end well.
    failures: u64,
    /// Sessions, over all calls.
    sessions: u64,
    /// Statements, over all calls.
    statements: u64,
    /// The most statements of one call.
    most_statements: u64,
    /// Rows, over all calls.
    rows: u64,
    /// The longest wait for a connection, in microseconds.
    longest_wait_us: u64,
    /// The longest time a connection was held, in microseconds.
    longest_held_us: u64,
    /// Wall time over all calls, in microseconds.
    wall_us: u64,
}

/// A plugin, what its file tells and what it has cost.
#[derive(Debug, Serialize, ToSchema)]
struct PluginWithBills {
    #[serde(flatten)]
    plugin: Plugin,
    #[serde(flatten)]
    binary: Binary,
    /// What its recorded calls have cost, by function.
    calls: Vec<Bill>,
}

/// All plugins, installed and bundled.
#[utoipa::path(
    get,
    path = "/plugins",
    tag = "plugins",
    responses(
        (status = 200, description = "All plugins, by name", body = Plugins),
        (status = 502, description = "A plugin's manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn list(State(app): State<Shared>) -> Result<Json<Plugins>, Problem> {
    app.host().notice_installs().await?;
    let plugins = app.host().plugins()?;
    Ok(Json(Plugins {
        plugins: plugins.iter().map(|one| shown(app.host(), one)).collect(),
    }))
}

/// One plugin, with what it has cost.
#[utoipa::path(
    get,
    path = "/plugins/{name}",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name")),
    responses(
        (status = 200, description = "The plugin", body = PluginWithBills),
        (status = 400, description = "This is no name", body = Problem),
        (status = 404, description = "There is no such plugin", body = Problem),
        (status = 502, description = "Its manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn one(
    State(app): State<Shared>,
    Name(name): Name,
) -> Result<Json<PluginWithBills>, Problem> {
    app.host().notice_installs().await?;
    let entry = app.host().plugin_entry(&name)?;
    let binary = binaries::of(app.host(), &name).await?;
    let bills = read!(&app, "GET plugin", |session| {
        Ok(session.bills_of(&name).await?)
    });
    let bills = bills?;
    Ok(Json(PluginWithBills {
        plugin: shown(app.host(), &entry),
        binary,
        calls: bills.into_iter().map(Bill::from).collect(),
    }))
}

/// Has a plugin called again that was left alone because it failed.
#[utoipa::path(
    post,
    path = "/plugins/{name}/resume",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name")),
    responses(
        (status = 200, description = "The plugin, which is called again", body = Plugin),
        (status = 400, description = "This is no name", body = Problem),
        (status = 404, description = "There is no such plugin", body = Problem),
        (status = 502, description = "Its manifest can't be read", body = Problem)
    )
)]
async fn resume(State(app): State<Shared>, Name(name): Name) -> Result<Json<Plugin>, Problem> {
    let entry = app.host().plugin_entry(&name)?;
    app.host().resume(entry.digest);
    Ok(Json(shown(app.host(), &entry)))
}

/// Goes back to the binary that the installed one replaced, with what was
/// granted to that one.
#[utoipa::path(
    post,
    path = "/plugins/{name}/rollback",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name")),
    responses(
        (status = 200, description = "The plugin, as it was before", body = Plugin),
        (status = 400, description = "This is no name", body = Problem),
        (status = 404, description = "There is no such plugin", body = Problem),
        (status = 409, description = "There is no earlier version of it", body = Problem),
        (status = 502, description = "Its manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn roll_back(State(app): State<Shared>, Name(name): Name) -> Result<Json<Plugin>, Problem> {
    let parsed = name.parse();
    let parsed = parsed.map_err(|_| Problem::bad_request("this is no name of a plugin"))?;
    app.host().plugin_entry(&name)?;
    match app.host().roll_back(parsed).await {
        Err(RuntimeError::Store(StoreError::Missing { .. })) => {
            let told = format!("there is no earlier version of `{name}` to go back to");
            return Err(Problem::conflict(told));
        }
        rolled => rolled?,
    }
    let entry = app.host().plugin_entry(&name)?;
    Ok(Json(shown(app.host(), &entry)))
}

pub(super) fn shown(host: &Host, entry: &PluginEntry) -> Plugin {
    let quarantine = host.quarantined(entry.digest).map(|one| Quarantine {
        failures: one.failures,
        left_ms: u64::try_from(one.left.as_millis()).unwrap_or(u64::MAX),
        last: one.last,
    });
    let manifest = &entry.manifest;
    Plugin {
        name: manifest.name.to_string(),
        version: manifest.version.clone(),
        kind: manifest.kind.as_str(),
        symbols: (manifest.kind == PluginKind::Expert).then(|| manifest.symbols.as_str()),
        digest: entry.digest.to_string(),
        source: match entry.installed_at {
            Some(_) => "installed",
            None => "bundled",
        },
        installed_at: entry.installed_at.map(|at| at.to_string()),
        description: manifest.description.clone(),
        quarantine,
        granted: in_words(&entry.granted),
        lacks: in_words(&manifest.grants.without(&entry.granted)),
        accounts: SeenAccounts::from(&entry.accounts),
    }
}

impl From<&AccountScope> for SeenAccounts {
    fn from(scope: &AccountScope) -> Self {
        match scope.ids() {
            None => Self::Every("all"),
            Some(ids) => Self::Some(ids.map(AccountId::get).collect()),
        }
    }
}

fn in_words(grants: &Grants) -> Vec<Grant> {
    let grants = grants.iter().map(|grant| Grant {
        grant: grant.as_str(),
        words: grant.words(),
    });
    grants.collect()
}

impl From<PluginBill> for Bill {
    fn from(bill: PluginBill) -> Self {
        Self {
            function: bill.function,
            calls: bill.calls,
            failures: bill.failures,
            sessions: bill.sessions,
            statements: bill.statements,
            most_statements: bill.most_statements,
            rows: bill.rows,
            longest_wait_us: bill.longest_wait_us,
            longest_held_us: bill.longest_held_us,
            wall_us: bill.wall_us,
        }
    }
}
