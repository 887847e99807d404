//! Settings of accounts and experts.
//!
//! Owns: `…/settings`, and that who changes them has seen what they are: of
//! two who look and save, the second is told. A secret goes in and never comes
//! out. Must not know: what settings mean.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use lombard_accounts::ShownSetting;
use lombard_model::{AccountId, ExpertId, SettingDefinition, SettingFormat};
use lombard_runtime::RuntimeError;
use lombard_store::{SettingsOwner, SettingsTag};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::etag::{self, Condition};
use super::reading::read;
use super::request::{Id, Sent};
use crate::app::{App, Shared};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(of_account, patch_account, replace_account))
        .routes(routes!(of_expert, patch_expert, replace_expert))
        .routes(routes!(purge_account))
        .routes(routes!(purge_expert))
}

/// A setting: what it may be, and what it is.
#[derive(Debug, Serialize, ToSchema)]
struct Setting {
    /// Its key.
    key: String,
    /// Its type: `str`, `int`, `float`, `decimal` (a text), `bool`, `json` or
    /// `list` (of texts).
    #[serde(rename = "type")]
    kind: &'static str,
    /// How its text is written, where not any will do: `cron` or `time_zone`.
    format: Option<&'static str>,
    /// What it is for.
    description: String,
    /// Whether it must have a value.
    required: bool,
    /// Whether its value is never shown.
    secret: bool,
    /// The value where none was saved.
    default: Option<Value>,
    /// The only values it can have, where there are only some.
    valid: Vec<Value>,
    /// The least number it can be.
    min: Option<Value>,
    /// The greatest number it can be.
    max: Option<Value>,
    /// Its value; absent where there is none, and always for a secret.
    value: Option<Value>,
    /// Whether it has a value.
    is_set: bool,
    /// Where the value comes from: `saved`, `default` or `unset`.
    source: &'static str,
    /// Why what was saved can't be used.
    error: Option<String>,
}

/// The settings of one account or expert, by key.
#[derive(Debug, Serialize, ToSchema)]
struct Settings {
    settings: Vec<Setting>,
    /// Keys that something was saved for and that are not declared any more. It
    /// is kept until somebody removes it, and never shown.
    undeclared: Vec<String>,
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
struct Purged {
    /// The keys.
    purged: Vec<String>,
}

/// New values by key; null removes what was saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
struct Entries(BTreeMap<String, Option<Value>>);

/// Settings with the name of their state.
type Answer = ([(HeaderName, HeaderValue); 1], Json<Settings>);

/// The settings of an account.
#[utoipa::path(
    get,
    path = "/accounts/{id}/settings",
    tag = "settings",
    params(("id" = u64, Path, description = "The account's id", minimum = 1)),
    responses(
        (status = 200, description = "All settings that are declared, by key", body = Settings,
            headers(("ETag", description = "Names their state, for `If-Match`"))),
        (status = 400, description = "This is no id", body = Problem),
        (status = 404, description = "There is no such account", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn of_account(State(app): State<Shared>, Id(id): Id<AccountId>) -> Result<Answer, Problem> {
    shown(&app, SettingsOwner::Account(id)).await
}

/// The settings of an expert.
#[utoipa::path(
    get,
    path = "/experts/{id}/settings",
    tag = "settings",
    params(("id" = u64, Path, description = "The expert's id", minimum = 1)),
    responses(
        (status = 200, description = "All settings that are declared, by key", body = Settings,
            headers(("ETag", description = "Names their state, for `If-Match`"))),
        (status = 400, description = "This is no id", body = Problem),
        (status = 404, description = "There is no such expert", body = Problem),
        (status = 502, description = "Its plugin's manifest can't be read", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn of_expert(State(app): State<Shared>, Id(id): Id<ExpertId>) -> Result<Answer, Problem> {
    shown(&app, SettingsOwner::Expert(id)).await
}

macro_rules! save {
    ($( $(#[$doc:meta])* $name:ident: $method:ident $path:literal, $owner:ident($id:ident), $replace:literal; )+) => { $(
        $(#[$doc])*
        #[utoipa::path(
            $method,
            path = $path,
            tag = "settings",
            params(
                ("id" = u64, Path, description = "The owner's id", minimum = 1),
                ("If-Match" = String, Header, description = "The `ETag` of the settings that were seen; `*` for any")
            ),
            request_body = Entries,
            responses(
                (status = 200, description = "Saved: the settings as they are now", body = Settings,
                    headers(("ETag", description = "Names their state, for `If-Match`"))),
                (status = 400, description = "A key or a value is at fault; nothing was saved", body = Problem),
                (status = 404, description = "There is no such owner", body = Problem),
                (status = 412, description = "Somebody else changed them; nothing was saved", body = Problem),
                (status = 413, description = "The body is too large", body = Problem),
                (status = 415, description = "The body is no JSON", body = Problem),
                (status = 428, description = "`If-Match` is missing", body = Problem),
                (status = 502, description = "The plugin's manifest can't be read", body = Problem),
                (status = 503, description = "No connection to the database is free", body = Problem)
            )
        )]
        async fn $name(
            State(app): State<Shared>,
            Id(id): Id<$id>,
            headers: HeaderMap,
            Sent(entries): Sent<Entries>,
        ) -> Result<Answer, Problem> {
            save(&app, SettingsOwner::$owner(id), &headers, entries, $replace).await
        }
    )+ };
}

save! {
    /// Saves settings of an account, all or none, and leaves the others.
    patch_account: patch "/accounts/{id}/settings", Account(AccountId), false;
    /// Replaces the settings of an account, all or none. What is not named is
    /// removed, but for secrets: null removes those.
    replace_account: put "/accounts/{id}/settings", Account(AccountId), true;
    /// Saves settings of an expert, all or none, and leaves the others.
    patch_expert: patch "/experts/{id}/settings", Expert(ExpertId), false;
    /// Replaces the settings of an expert, all or none. What is not named is
    /// removed, but for secrets: null removes those.
    replace_expert: put "/experts/{id}/settings", Expert(ExpertId), true;
}

macro_rules! purge {
    ($( $(#[$doc:meta])* $name:ident: $path:literal, $owner:ident($id:ident); )+) => { $(
        $(#[$doc])*
        #[utoipa::path(
            delete,
            path = $path,
            tag = "settings",
            params(("id" = u64, Path, description = "The owner's id", minimum = 1)),
            responses(
                (status = 200, description = "What was removed", body = Purged),
                (status = 400, description = "This is no id", body = Problem),
                (status = 404, description = "There is no such owner", body = Problem),
                (status = 409, description = "Its plugin is not there, so nobody knows what it declares", body = Problem),
                (status = 502, description = "The plugin's manifest can't be read", body = Problem),
                (status = 503, description = "No connection to the database is free", body = Problem)
            )
        )]
        async fn $name(State(app): State<Shared>, Id(id): Id<$id>) -> Result<Json<Purged>, Problem> {
            purge(&app, SettingsOwner::$owner(id)).await
        }
    )+ };
}

purge! {
    /// Removes what an account has saved under keys that nobody declares.
    purge_account: "/accounts/{id}/settings/undeclared", Account(AccountId);
    /// Removes what an expert has saved under keys that its plugin does not
    /// declare any more.
    purge_expert: "/experts/{id}/settings/undeclared", Expert(ExpertId);
}

async fn purge(app: &App, owner: SettingsOwner) -> Result<Json<Purged>, Problem> {
    let host = app.host();
    let purged = read!(app, "purge settings", |session| {
        match host.purge_settings(owner, session).await {
            Err(missing @ RuntimeError::Unknown { .. }) => Ok(Err(missing)),
            purged => purged.map(Ok),
        }
    })?;
    let purged = purged.map_err(|missing| Problem::conflict(missing.to_string()))?;
    Ok(Json(Purged { purged }))
}

async fn save(
    app: &App,
    owner: SettingsOwner,
    headers: &HeaderMap,
    entries: Entries,
    replace: bool,
) -> Result<Answer, Problem> {
    let condition = Condition::of(headers, &header::IF_MATCH)?;
    let host = app.host();
    let (definitions, _) = read!(app, "save settings", |session| {
        host.settings_of(owner, session).await
    })?;
    let (accounts, Entries(entries)) = (host.accounts(), entries);
    match condition.ok_or_else(Problem::condition_required)? {
        Condition::Any if replace => {
            accounts
                .replace_settings(owner, &definitions, entries)
                .await
        }
        Condition::Any => accounts.save_settings(owner, &definitions, entries).await,
        Condition::OneOf(tags) => {
            // What names no state of ours is the state of nothing.
            let seen = tags.iter().filter_map(|tag| state(tag)).collect();
            accounts
                .save_settings_seen(owner, &definitions, entries, replace, seen)
                .await
        }
    }?;
    shown(app, owner).await
}

/// The state that a tag names. A weak one names none that could be changed.
fn state(tag: &str) -> Option<SettingsTag> {
    let name = tag.strip_prefix('"')?.strip_suffix('"')?;
    name.parse().ok()
}

async fn shown(app: &App, owner: SettingsOwner) -> Result<Answer, Problem> {
    let host = app.host();
    let (definitions, settings) = read!(app, "GET settings", |session| {
        host.settings_of(owner, session).await
    })?;
    let tag = host.store().settings_tag(owner, settings.saved());
    let all = ShownSetting::all(&definitions, &settings);
    let all = Settings {
        settings: all.map(setting).collect(),
        undeclared: settings
            .undeclared(&definitions)
            .map(str::to_owned)
            .collect(),
    };
    let tag = etag::strong(tag).ok_or_else(|| Problem::unavailable("no tag could be made"))?;
    Ok(([tag], Json(all)))
}

fn setting(one: ShownSetting<'_>) -> Setting {
    let SettingDefinition {
        kind,
        format,
        description,
        required,
        secret,
        default,
        valid,
        min,
        max,
    } = one.definition.clone();
    Setting {
        key: one.key.to_owned(),
        kind: kind.as_str(),
        format: format.map(SettingFormat::as_str),
        description,
        required,
        secret,
        default,
        valid,
        min,
        max,
        value: one.value,
        is_set: one.is_set,
        source: one.source.as_str(),
        error: one.error,
    }
}
