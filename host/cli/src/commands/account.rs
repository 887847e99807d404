//! `lombard account`.

use lombard_accounts::provider;
use lombard_model::AccountId;
use lombard_model::view::{Cell, Kind};
use lombard_runtime::Host;
use serde::{Deserialize, Serialize};

use super::source::{self, Source, with_source};
use crate::context::Context;
use crate::draw::{self, Style};

const COLUMNS: &[(&str, Kind)] = &[
    ("Id", Kind::Integer),
    ("Name", Kind::Text),
    ("Provider", Kind::Text),
    ("Currency", Kind::Text),
    ("Cash", Kind::Money),
    ("Reachable", Kind::Text),
];

/// An account as it is listed.
#[derive(Deserialize, Serialize)]
struct Account {
    id: AccountId,
    name: String,
    provider: String,
    currency: String,
    /// None where it can't be reached.
    cash: Option<String>,
    reachable: bool,
    /// Why it can't be reached, where it can't.
    reason: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Accounts {
    accounts: Vec<Account>,
}

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    with_source(context, async |source| {
        let listed = match source {
            Source::Here(host) => Accounts {
                accounts: accounts(host).await?,
            },
            Source::There(client) => client.get("/accounts").await?,
        };
        let words = |style| words(&listed.accounts, style);
        context.output.document(&listed, words)
    })
    .await
}

fn words(accounts: &[Account], style: Style) -> String {
    let rows: Vec<_> = accounts.iter().map(cells).collect();
    let faults = accounts.iter().filter_map(|one| {
        let reason = one.reason.as_ref()?;
        Some(format!("account {}: {reason}", one.id))
    });
    let faults: String = faults.map(|fault| draw::warning(&fault, style)).collect();
    let between = if faults.is_empty() { "" } else { "\n" };
    draw::table(COLUMNS, &rows, style) + between + &faults
}

fn cells(one: &Account) -> Vec<Cell> {
    vec![
        one.id.to_i64().into(),
        one.name.as_str().into(),
        one.provider.as_str().into(),
        one.currency.as_str().into(),
        one.cash.as_deref().map(source::decimal).into(),
        if one.reachable { "yes" } else { "no" }.into(),
    ]
}

async fn accounts(host: &Host) -> anyhow::Result<Vec<Account>> {
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
        listed.push(Account {
            id: account.id,
            name: account.name.clone(),
            provider: account.provider.clone(),
            currency: account.currency.clone(),
            cash: balance.cash.map(|cash| cash.normalize().to_string()),
            reachable: reached.is_ok(),
            reason: reached.err(),
        });
    }
    session.end();
    Ok(listed)
}
