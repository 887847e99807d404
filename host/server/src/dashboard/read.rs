//! What pages show, read.
//!
//! Owns: one function for each page, over one session. Must not know: HTML.

use std::collections::HashMap;
use std::sync::Arc;

use lombard_accounts::{account_definitions, provider};
use lombard_model::{
    Account, AccountId, AccountScope, Decimal, Definitions, Digest, Expert, ExpertId, Grants,
    Manifest, Settings,
};
use lombard_runtime::{Host, Quarantined};
use lombard_store::{PluginBill, Session, SettingsOwner, StoredAnalysis, StoredRecommendation};

use super::failure::Failure;
use super::state::Dashboard;

/// Recommendations of one expert that a page shows.
const RECOMMENDATIONS: u32 = 50;

/// An account, and what is known of it.
pub(super) struct AccountShown {
    pub(super) account: Account,
    pub(super) cash: Option<Decimal>,
    /// Why it can't be reached, where it can't.
    pub(super) fault: Option<String>,
}

/// Whose settings, what they may be, and what they are.
pub(super) struct SettingsShown {
    pub(super) owner: SettingsOwner,
    pub(super) definitions: Definitions,
    pub(super) settings: Settings,
}

/// An expert in the list of all.
pub(super) struct ExpertListed {
    pub(super) expert: Expert,
    /// What its account is called.
    pub(super) account: String,
    pub(super) analysis: Option<StoredAnalysis>,
}

/// An expert with all that its page shows.
pub(super) struct ExpertShown {
    pub(super) expert: Expert,
    /// What its account is called.
    pub(super) account: String,
    pub(super) analysis: Option<StoredAnalysis>,
    pub(super) recommendations: Vec<StoredRecommendation>,
    pub(super) settings: SettingsShown,
}

/// A plugin, and what it has cost.
pub(super) struct PluginShown {
    pub(super) name: String,
    /// Or why it can't be read.
    pub(super) about: Result<(Manifest, Digest), String>,
    pub(super) granted: Grants,
    pub(super) accounts: AccountScope,
    pub(super) is_installed: bool,
    /// How it is left alone, where it has failed too often.
    pub(super) quarantined: Option<Quarantined>,
    pub(super) bills: Vec<PluginBill>,
}

/// All accounts, by id.
pub(super) async fn accounts(host: &Host) -> Result<Vec<AccountShown>, Failure> {
    let mut session = host.session("dashboard accounts");
    let rows = session.accounts().await?;
    let ids: Vec<_> = rows.iter().map(|row| row.account.id).collect();
    let balances = host.accounts().balances(&ids, &mut session).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for (row, balance) in rows.iter().zip(balances) {
        shown.push(AccountShown {
            account: row.account.clone(),
            cash: balance.cash,
            fault: fault(host, row.account.id, &mut session).await?,
        });
    }
    session.end();
    Ok(shown)
}

/// One account with its settings.
pub(super) async fn account(
    host: &Host,
    id: AccountId,
) -> Result<(AccountShown, SettingsShown), Failure> {
    let mut session = host.session("dashboard account");
    let settings = account_settings(host, id, &mut session).await?;
    let loaded = host.accounts().account(id, &mut session).await?;
    let balances = host.accounts().balances(&[id], &mut session).await?;
    let shown = AccountShown {
        account: loaded.state.account.clone(),
        cash: balances.first().and_then(|balance| balance.cash),
        fault: fault(host, id, &mut session).await?,
    };
    session.end();
    Ok((shown, settings))
}

async fn fault(
    host: &Host,
    id: AccountId,
    session: &mut Session,
) -> Result<Option<String>, Failure> {
    let loaded = host.accounts().account(id, session).await?;
    let name = &loaded.state.account.provider;
    let reached = match provider(name) {
        Some(provider) => provider.reachable(&loaded.state),
        None => Err(format!("there is no provider named `{name}`")),
    };
    Ok(reached.err())
}

/// All experts, by id, each with its last analysis.
pub(super) async fn experts(host: &Host) -> Result<Vec<ExpertListed>, Failure> {
    let mut session = host.session("dashboard experts");
    let rows = session.experts().await?;
    let accounts = session.accounts().await?;
    let mut analyses = session.latest_analyses().await?;
    session.end();
    let names = accounts
        .iter()
        .map(|row| (row.account.id, &row.account.name));
    let names: HashMap<_, _> = names.collect();
    let listed = rows.iter().map(|row| ExpertListed {
        account: called(names.get(&row.expert.account).copied(), row.expert.account),
        analysis: analyses.remove(&row.expert.id),
        expert: row.expert.clone(),
    });
    Ok(listed.collect())
}

/// An account by its name, else by its id.
fn called(name: Option<&String>, id: AccountId) -> String {
    name.cloned().unwrap_or_else(|| id.to_string())
}

/// One expert with what it found last, why, and its settings.
pub(super) async fn expert(host: &Host, id: ExpertId) -> Result<ExpertShown, Failure> {
    let mut session = host.session("dashboard expert");
    let settings = expert_settings(host, id, &mut session).await?;
    let loaded = host.accounts().expert(id, &mut session).await?;
    let account = loaded.state.expert.account;
    let name = host.accounts().account(account, &mut session).await.ok();
    let recommendations = session
        .latest_recommendations_of(id, RECOMMENDATIONS)
        .await?;
    let analysis = session.latest_analyses().await?.remove(&id);
    session.end();
    Ok(ExpertShown {
        expert: loaded.state.expert.clone(),
        account: called(name.as_ref().map(|of| &of.state.account.name), account),
        analysis,
        recommendations,
        settings,
    })
}

/// What somebody's settings may be and are.
pub(super) async fn settings(host: &Host, owner: SettingsOwner) -> Result<SettingsShown, Failure> {
    let mut session = host.session("dashboard settings");
    let settings = match owner {
        SettingsOwner::Account(id) => account_settings(host, id, &mut session).await,
        SettingsOwner::Expert(id) => expert_settings(host, id, &mut session).await,
    };
    session.end();
    settings
}

async fn account_settings(
    host: &Host,
    id: AccountId,
    session: &mut Session,
) -> Result<SettingsShown, Failure> {
    let loaded = host.accounts().account(id, session).await?;
    Ok(SettingsShown {
        owner: SettingsOwner::Account(id),
        definitions: account_definitions(&loaded.state.account.provider),
        settings: loaded.state.settings.clone(),
    })
}

async fn expert_settings(
    host: &Host,
    id: ExpertId,
    session: &mut Session,
) -> Result<SettingsShown, Failure> {
    let loaded = host.accounts().expert(id, session).await?;
    Ok(SettingsShown {
        owner: SettingsOwner::Expert(id),
        definitions: host.definitions_of(&loaded.state.expert)?,
        settings: loaded.state.settings.clone(),
    })
}

/// All plugins, by name, and what their recorded calls have cost.
pub(super) async fn plugins(
    host: &Host,
    dashboard: &Dashboard,
) -> Result<Vec<PluginShown>, Failure> {
    host.notice_installs().await?;
    let mut plugins = known_plugins(host, dashboard);
    let mut session = host.session("dashboard plugins");
    let mut bills = session.bills().await?;
    session.end();
    for plugin in &mut plugins {
        plugin.bills = bills.remove(&plugin.name).unwrap_or_default();
    }
    Ok(plugins)
}

/// All plugins that the host knows of, by name, without what they cost. Reads
/// nothing.
pub(super) fn known_plugins(host: &Host, dashboard: &Dashboard) -> Vec<PluginShown> {
    let installed = host.installed();
    let mut plugins: Vec<_> = installed
        .values()
        .map(|plugin| {
            let manifest = Manifest::parse(&plugin.manifest);
            PluginShown {
                name: plugin.name.to_string(),
                about: manifest
                    .map(|manifest| (manifest, plugin.digest))
                    .map_err(|error| error.to_string()),
                granted: plugin.granted.clone(),
                accounts: plugin.accounts.clone(),
                is_installed: true,
                quarantined: host.quarantined(plugin.digest),
                bills: Vec::new(),
            }
        })
        .collect();
    for (name, about) in dashboard.bundled(host) {
        if !installed.contains_key(name) {
            let digest = about.as_ref().map(|(_, digest)| *digest);
            let asked_for = about.as_ref().map(|(manifest, _)| manifest.grants.clone());
            plugins.push(PluginShown {
                name: name.clone(),
                granted: asked_for.unwrap_or_default(),
                accounts: AccountScope::all(),
                about: about.clone(),
                is_installed: false,
                quarantined: digest.ok().and_then(|digest| host.quarantined(digest)),
                bills: Vec::new(),
            });
        }
    }
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    plugins
}

/// Calls that did not end well, of those in memory, the newest first.
pub(super) fn failures(host: &Host) -> Vec<Arc<lombard_model::CallRecord>> {
    let mut recent = host.recent_calls();
    recent.retain(|call| call.outcome != lombard_model::CallOutcome::Ok);
    recent.reverse();
    recent
}
