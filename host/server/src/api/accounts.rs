//! Accounts.
//!
//! Owns: `/accounts`. Must not know: brokers.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
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
    let mut session = host.session("GET accounts");
    let rows = session.accounts().await?;
    let ids: Vec<_> = rows.iter().map(|row| row.account.id).collect();
    let balances = host.accounts().balances(&ids, &mut session).await?;
    session.end();
    let accounts = rows.iter().zip(balances).map(|(row, balance)| Account {
        id: row.account.id.get(),
        name: row.account.name.clone(),
        provider: row.account.provider.clone(),
        currency: row.account.currency.clone(),
        cash: balance.cash.map(|cash| cash.normalize().to_string()),
    });
    Ok(Json(Accounts {
        accounts: accounts.collect(),
    }))
}
