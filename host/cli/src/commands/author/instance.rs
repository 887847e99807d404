//! Which instance of an expert is called.
//!
//! Owns: the one that was named, else the first of its plugin, else one that is
//! made up. The database is a throw-away one, so nobody minds another expert in
//! it. Must not know: what it is called for.

use anyhow::Context as _;
use lombard_model::ExpertId;
use lombard_model::dataset::{Dataset, ExpertEntry};
use lombard_runtime::Host;
use serde_json::json;

use crate::failure::Advised;

/// As many instances are named to choose from.
const MOST_NAMED: usize = 10;

pub(super) async fn of(
    host: &Host,
    plugin: &str,
    wanted: Option<ExpertId>,
) -> anyhow::Result<ExpertId> {
    let mut session = host.session("choose an expert");
    let experts = session.experts().await?;
    let accounts = session.accounts().await?;
    session.end();
    let experts: Vec<_> = experts.iter().map(|row| &row.expert).collect();
    let ours = experts.iter().filter(|one| one.plugin == plugin);
    let ours: Vec<_> = ours.map(|one| one.id).collect();
    if let Some(wanted) = wanted {
        let there = experts.iter().find(|one| one.id == wanted);
        let words = match there {
            Some(one) if one.plugin == plugin => return Ok(wanted),
            Some(one) => format!(
                "expert {wanted} is an instance of `{}`, and not of `{plugin}`",
                one.plugin
            ),
            None => format!("there is no expert {wanted}"),
        };
        return Err(Advised::new(words, remedy(plugin, &ours)).into());
    }
    if let Some(first) = ours.first() {
        return Ok(*first);
    }
    let account = accounts.first().map(|row| row.account.id.get());
    let account = account.context("there is no account for an expert to work for")?;
    let taken = experts.iter().map(|one| one.id.get()).max();
    made_up(host, plugin, account, taken.unwrap_or(0) + 1).await
}

async fn made_up(host: &Host, plugin: &str, account: u64, id: u64) -> anyhow::Result<ExpertId> {
    let expert: ExpertEntry = serde_json::from_value(json!({
        "id": id,
        "account_id": account,
        "plugin": plugin,
        "enabled": true,
        "virtual_equity_pct": "100",
    }))?;
    let id = expert.id;
    let mut dataset = Dataset::default();
    dataset.experts.push(expert);
    host.import(dataset).await?;
    Ok(id)
}

fn remedy(plugin: &str, ours: &[ExpertId]) -> String {
    let named = ours.iter().take(MOST_NAMED).map(ToString::to_string);
    let named = named.collect::<Vec<_>>().join(", ");
    let more = if ours.len() > MOST_NAMED { ", …" } else { "" };
    match ours.is_empty() {
        true => format!("name none: an instance of `{plugin}` is then made up"),
        false => format!("name an instance of `{plugin}` ({named}{more}), or none for the first"),
    }
}
