//! Plugins at a host that runs.
//!
//! Owns: what is asked of it about plugins. Must not know: how plugins are
//! shown.

use std::collections::BTreeMap;

use lombard_model::{
    Grant, Grants, Limit, Limits, PluginKind, PluginName, SetLimits, SymbolChoice,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
use ureq::http::Method;

use super::about::{About, Bill};
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
}

#[derive(Deserialize)]
struct ToldGrant {
    grant: Grant,
}

#[derive(Deserialize)]
struct All {
    plugins: Vec<Told>,
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
    granted: &Grants,
) -> anyhow::Result<()> {
    let granted = encoded(&granted.to_string());
    let path = format!("/plugins/{name}?grants={granted}");
    client.put_file(&path, "application/wasm", bytes).await
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
