//! `lombard account`.

use lombard_accounts::provider;
use lombard_model::view::{Cell, Kind};
use lombard_runtime::Host;
use serde_json::{Value as Json, json};

use super::with_host;
use crate::context::Context;
use crate::draw;

const COLUMNS: &[(&str, Kind)] = &[
    ("Id", Kind::Integer),
    ("Name", Kind::Text),
    ("Provider", Kind::Text),
    ("Currency", Kind::Text),
    ("Cash", Kind::Money),
    ("Reachable", Kind::Text),
];

struct Listed {
    cells: Vec<Cell>,
    json: Json,
    /// Why it can't be reached, where it can't.
    fault: Option<String>,
}

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let accounts = accounts(host).await?;
        context.output.result(
            || json!({ "accounts": accounts.iter().map(|one| &one.json).collect::<Vec<_>>() }),
            |style| {
                let rows: Vec<_> = accounts.iter().map(|one| one.cells.clone()).collect();
                let faults = accounts.iter().filter_map(|one| one.fault.as_deref());
                let faults: String = faults.map(|fault| draw::warning(fault, style)).collect();
                let between = if faults.is_empty() { "" } else { "\n" };
                draw::table(COLUMNS, &rows, style) + between + &faults
            },
        )
    })
    .await
}

async fn accounts(host: &Host) -> anyhow::Result<Vec<Listed>> {
    let mut session = host.session("account list");
    let rows = session.accounts().await?;
    let ids: Vec<_> = rows.iter().map(|row| row.account.id).collect();
    let balances = host.accounts().balances(&ids, &mut session).await?;
    let mut listed = Vec::with_capacity(rows.len());
    for (row, balance) in rows.iter().zip(balances) {
        let account = &row.account;
        let loaded = host.accounts().account(account.id, &mut session).await?;
        let reached = match provider(&account.provider) {
            Some(provider) => provider.reachable(&loaded.state),
            None => Err(format!("there is no provider named `{}`", account.provider)),
        };
        let reason = reached.err();
        listed.push(Listed {
            json: json!({
                "id": account.id,
                "name": account.name,
                "provider": account.provider,
                "currency": account.currency,
                "cash": balance.cash.map(|cash| cash.normalize().to_string()),
                "reachable": reason.is_none(),
                "reason": reason,
            }),
            cells: vec![
                account.id.to_i64().into(),
                account.name.as_str().into(),
                account.provider.as_str().into(),
                account.currency.as_str().into(),
                balance.cash.into(),
                if reason.is_none() { "yes" } else { "no" }.into(),
            ],
            fault: reason.map(|reason| format!("account {}: {reason}", account.id)),
        });
    }
    session.end();
    Ok(listed)
}
