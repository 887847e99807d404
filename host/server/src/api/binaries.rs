//! The binaries of plugins: what one is, installing it, removing it.
//!
//! Owns: what the file of a plugin tells, `PUT` and `DELETE` of a plugin, and
//! how large a file may be. Must not know: how a plugin runs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{StatusCode, header};
use lombard_model::{AccountScope, Granted, Grants};
use lombard_runtime::{CompileFault, Host, Inspected, RuntimeError, inspect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::limits::LimitsShown;
use super::plugins::{Plugin, shown};
use super::request::{Asked, Name};
use crate::app::Shared;
use crate::problem::Problem;

/// The kind of a component's file.
const WASM: &str = "application/wasm";

/// What the file of a plugin tells, and what each of its calls may use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Binary {
    /// The version of the contract that it was built for.
    api: String,
    /// Its size.
    bytes: u64,
    /// What it imports, sorted.
    imports: Vec<String>,
    /// Its settings by key, as its manifest declares them.
    #[schema(value_type = Object)]
    settings: Value,
    #[serde(flatten)]
    limits: LimitsShown,
}

/// With what to install it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Granting {
    /// What it is granted of what it asks for: names separated by commas,
    /// `all`, or `none`, which is what is granted where nothing is said.
    grants: Option<String>,
    /// The accounts that it sees with that: ids separated by commas, or `all`,
    /// which it is where nothing is said.
    accounts: Option<String>,
}

/// A body that is a component's file.
pub(super) struct Component(Bytes);

impl<S: Send + Sync> FromRequest<S> for Component {
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind.as_bytes() != WASM.as_bytes()) {
            return Err(Problem::not_a_plugin());
        }
        let most = usize::try_from(Host::MAX_PLUGIN).unwrap_or(usize::MAX);
        DefaultBodyLimit::max(most).apply(&mut request);
        let read = Bytes::from_request(request, state).await;
        read.map(Self)
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(most),
                _ => Problem::bad_request("the body broke off"),
            })
    }
}

/// Installs a plugin, or another binary in its place, with what it is granted.
/// Grants are those of exactly this binary.
#[utoipa::path(
    put,
    path = "/plugins/{name}",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name, which its manifest has too"), Granting),
    request_body(content = inline(Vec<u8>), content_type = "application/wasm"),
    responses(
        (status = 200, description = "It is installed", body = Plugin),
        (status = 400, description = "This is no plugin, or one of another name, or not granted like that", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no component", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
pub(super) async fn install(
    State(app): State<Shared>,
    Name(name): Name,
    Asked(granting): Asked<Granting>,
    Component(bytes): Component,
) -> Result<Json<Plugin>, Problem> {
    let granted = granting.read()?;
    let bytes = Vec::from(bytes);
    let (bytes, inspected) = off_the_threads_that_answer(move || {
        let inspected = inspect(&bytes);
        (bytes, inspected)
    })
    .await?;
    let theirs = inspected.map_err(refused)?.manifest.name;
    if theirs.as_str() != name {
        let told = format!("this is the plugin `{theirs}`: send it to /plugins/{theirs}");
        return Err(Problem::bad_request(told));
    }
    app.host().install(bytes, granted).await.map_err(refused)?;
    Ok(Json(shown(app.host(), &app.host().plugin_entry(&name)?)))
}

/// Removes an installed plugin. Where one of the same name comes with the
/// host, that is there again.
#[utoipa::path(
    delete,
    path = "/plugins/{name}",
    tag = "plugins",
    params(("name" = String, Path, description = "The plugin's name")),
    responses(
        (status = 204, description = "It is removed"),
        (status = 400, description = "This is no name", body = Problem),
        (status = 404, description = "There is no such plugin", body = Problem),
        (status = 409, description = "It comes with the host", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
pub(super) async fn remove(
    State(app): State<Shared>,
    Name(name): Name,
) -> Result<StatusCode, Problem> {
    let host = app.host();
    let is_bundled = host.bundled().any(|(bundled, _)| bundled == name);
    if is_bundled && !host.installed().contains_key(&name) {
        let told = format!("plugin `{name}` comes with the host and can't be removed");
        return Err(Problem::conflict(told));
    }
    let parsed = name.parse();
    let name = parsed.map_err(|_| Problem::bad_request("this is no name of a plugin"))?;
    host.remove(name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the file of this plugin tells.
pub(super) async fn of(host: &Host, name: &str) -> Result<Binary, Problem> {
    let (bytes, _) = host.binary_of(name).await?;
    let inspected = off_the_threads_that_answer(move || inspect(&bytes)).await??;
    Ok(Binary::of(&inspected, LimitsShown::of(host, name)))
}

impl Binary {
    fn of(inspected: &Inspected, limits: LimitsShown) -> Self {
        let wide = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        let manifest = &inspected.manifest;
        Self {
            api: manifest.api.clone(),
            bytes: wide(inspected.size),
            imports: inspected.imports.clone(),
            // Definitions have texts for keys, which serde_json can't refuse.
            settings: serde_json::to_value(&manifest.settings).unwrap_or_default(),
            limits,
        }
    }
}

impl Granting {
    fn read(&self) -> Result<Granted, Problem> {
        let wrong = |fault: &dyn std::fmt::Display| Problem::bad_request(fault.to_string());
        let grants = match self.grants.as_deref() {
            None => Grants::default(),
            Some("all") => Grants::all(),
            Some(list) => list.parse().map_err(|fault| wrong(&fault))?,
        };
        let accounts = match self.accounts.as_deref() {
            None => AccountScope::all(),
            Some(list) => list.parse().map_err(|fault| wrong(&fault))?,
        };
        Ok(Granted { grants, accounts })
    }
}

/// What is wrong with a binary is the request's fault.
fn refused(error: RuntimeError) -> Problem {
    match error {
        RuntimeError::Store(_)
        | RuntimeError::Accounts(_)
        | RuntimeError::CacheFolder { .. }
        | RuntimeError::Compile(CompileFault::NoProcess(_))
        | RuntimeError::Engine(_) => error.into(),
        error => Problem::bad_request(error.to_string()),
    }
}

/// A large component takes its time to read.
async fn off_the_threads_that_answer<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(&error))
}
