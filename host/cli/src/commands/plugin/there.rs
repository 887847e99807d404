//! Plugins at a host that runs.
//!
//! Owns: what is asked of it about plugins. Must not know: how plugins are
//! shown.

use std::collections::BTreeMap;

use lombard_model::{
    AccountId, AccountScope, Grant, Granted, Grants, Limit, Limits, PluginKind, PluginName,
    SetLimits, SymbolChoice,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
use ureq::http::Method;

use super::about::{About, Bill};
use super::asking::Before;
use super::{Known, Listed};
use crate::client::{Client, encoded};

/// A plugin as the host tells it.
#[derive(Deserialize)]
struct Told {
    name: String,
    version: String,
    kind: PluginKind,
    symbols: Option<SymbolChoice>,
    digest: String,
    source: String,
    description: String,
    granted: Vec<ToldGrant>,
    lacks: Vec<ToldGrant>,
    accounts: AccountScope,
}

#[derive(Deserialize)]
struct ToldGrant {
    grant: Grant,
}

#[derive(Deserialize)]
struct All {
    plugins: Vec<Told>,
}

#[derive(Deserialize)]
struct AllAccounts {
    accounts: Vec<ToldAccount>,
}

#[derive(Deserialize)]
struct ToldAccount {
    id: AccountId,
    name: String,
}

/// One of them, with what its file tells.
#[derive(Deserialize)]
struct ToldWhole {
    #[serde(flatten)]
    told: Told,
    api: String,
    bytes: u64,
    imports: Vec<String>,
    settings: Json,
    limits: BTreeMap<Limit, u64>,
    limits_set: Vec<Limit>,
    calls: Vec<Bill>,
}

pub(super) async fn list(client: &Client) -> anyhow::Result<Vec<Listed>> {
    let all: All = client.get("/plugins").await?;
    let listed = all.plugins.into_iter().map(|told| Listed {
        name: told.name,
        version: told.version,
        kind: told.kind,
        digest: told.digest,
        granted: grants(&told.granted),
        accounts: told.accounts,
        source: told.source,
        description: told.description,
    });
    Ok(listed.collect())
}

pub(super) async fn known(client: &Client, plugin: &str) -> anyhow::Result<Known> {
    let path = format!("/plugins/{}", encoded(plugin));
    let whole: ToldWhole = client.get(&path).await?;
    let told = whole.told;
    let all = told.granted.iter().chain(&told.lacks);
    Ok(Known {
        about: About {
            asks_for: all.map(|one| one.grant).collect(),
            granted: Some(grants(&told.granted)),
            accounts: Some(told.accounts),
            name: told.name,
            version: told.version,
            kind: told.kind,
            symbols: told.symbols,
            api: whole.api,
            description: told.description,
            digest: told.digest,
            bytes: whole.bytes,
            imports: whole.imports,
            settings: whole.settings,
        },
        limits: Limits::default().with_all(&whole.limits),
        limits_set: whole.limits_set,
        calls: whole.calls,
    })
}

pub(super) async fn install(
    client: &Client,
    name: &PluginName,
    bytes: Vec<u8>,
    granted: &Granted,
) -> anyhow::Result<()> {
    let grants = encoded(&granted.grants.to_string());
    let accounts = encoded(&granted.accounts.to_string());
    let path = format!("/plugins/{name}?grants={grants}&accounts={accounts}");
    client.put_file(&path, "application/wasm", bytes).await
}

/// What is installed there under this name.
pub(super) async fn before(client: &Client, name: &str) -> anyhow::Result<Option<Before>> {
    let all: All = client.get("/plugins").await?;
    let mut installed = all.plugins.into_iter();
    let installed = installed.find(|told| told.name == name && told.source == "installed");
    Ok(installed.map(|told| Before {
        version: told.version,
        digest: told.digest,
        granted: Granted {
            grants: grants(&told.granted),
            accounts: told.accounts,
        },
    }))
}

/// The accounts there, by name.
pub(super) async fn accounts(client: &Client) -> anyhow::Result<Vec<(AccountId, String)>> {
    let all: AllAccounts = client.get("/accounts").await?;
    let named = all.accounts.into_iter().map(|one| (one.id, one.name));
    Ok(named.collect())
}

pub(super) async fn remove(client: &Client, name: &PluginName) -> anyhow::Result<()> {
    client
        .tell(Method::DELETE, &format!("/plugins/{name}"))
        .await
}

pub(super) async fn resume(client: &Client, name: &str) -> anyhow::Result<()> {
    let path = format!("/plugins/{}/resume", encoded(name));
    client.tell(Method::POST, &path).await
}

pub(super) async fn roll_back(client: &Client, name: &str) -> anyhow::Result<()> {
    let path = format!("/plugins/{}/rollback", encoded(name));
    client.tell(Method::POST, &path).await
}

/// What is set for a plugin.
pub(super) async fn set_limits_of(client: &Client, plugin: &str) -> anyhow::Result<SetLimits> {
    let known = known(client, plugin).await?;
    let set = known.limits_set.into_iter();
    Ok(set.map(|limit| (limit, known.limits.get(limit))).collect())
}

pub(super) async fn set_limits(
    client: &Client,
    plugin: &str,
    set: &SetLimits,
) -> anyhow::Result<()> {
    let path = format!("/plugins/{}/limits", encoded(plugin));
    let _: IgnoredAny = client.put(&path, &json!(set)).await?;
    Ok(())
}

fn grants(told: &[ToldGrant]) -> Grants {
    told.iter().map(|one| one.grant).collect()
}
