//! Accounts.
//!
//! Owns: `/accounts`. Must not know: brokers.

use axum::Json;
use axum::extract::State;
use lombard_accounts::{AccountsError, provider};
use lombard_model::AccountId;
use lombard_runtime::{Host, RuntimeError};
use lombard_store::{AccountRow, Session};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reading::read;
use super::request::Id;
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
struct Account {
    /// Its id.
    id: u64,
    /// What it is called.
    name: String,
    /// The name of its broker.
    provider: String,
    /// The currency of its money, as ISO 4217 names it.
    currency: String,
    /// Its cash, a decimal; absent where it can't be reached.
    cash: Option<String>,
    /// Whether its broker can be reached.
    reachable: bool,
    /// Why not, where it can't.
    reason: Option<String>,
}

/// Accounts, by id.
#[derive(Debug, Serialize, ToSchema)]
struct Accounts {
    accounts: Vec<Account>,
}

/// All accounts.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "accounts",
    responses(
        (status = 200, description = "All accounts, by id", body = Accounts),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn list(State(app): State<Shared>) -> Result<Json<Accounts>, Problem> {
    let host = app.host();
    let accounts = read!(&app, "GET accounts", |session| {
        let rows = session.accounts().await?;
        shown(host, &rows, session).await
    });
    let accounts = accounts?;
    Ok(Json(Accounts { accounts }))
}

/// One account.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    tag = "accounts",
    params(("id" = u64, Path, description = "The account's id", minimum = 1)),
    responses(
        (status = 200, description = "The account", body = Account),
        (status = 400, description = "This is no id", body = Problem),
        (status = 404, description = "There is no such account", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn one(State(app): State<Shared>, Id(id): Id<AccountId>) -> Result<Json<Account>, Problem> {
    let host = app.host();
    let found = read!(&app, "GET account", |session| {
        let row = session.account(id).await?;
        let row = row.ok_or(AccountsError::NoAccount(id))?;
        shown(host, &[row], session).await
    });
    let account = found?.pop();
    let account = account.ok_or_else(|| Problem::not_found(format!("there is no account {id}")));
    account.map(Json)
}

async fn shown(
    host: &Host,
    rows: &[AccountRow],
    session: &mut Session,
) -> Result<Vec<Account>, RuntimeError> {
    let ids: Vec<_> = rows.iter().map(|row| row.account.id).collect();
    let balances = host.accounts().balances(&ids, session).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for (row, balance) in rows.iter().zip(balances) {
        let account = &row.account;
        let loaded = host.accounts().account(account.id, session).await?;
        let reached = match provider(&account.provider) {
            Some(provider) => provider.reachable(&loaded.state),
            None => Err(format!("there is no provider named `{}`", account.provider)),
        };
        shown.push(Account {
            id: account.id.get(),
            name: account.name.clone(),
            provider: account.provider.clone(),
            currency: account.currency.clone(),
            cash: balance.cash.map(|cash| cash.normalize().to_string()),
            reachable: reached.is_ok(),
            reason: reached.err(),
        });
    }
    Ok(shown)
}
