//! The caches of accounts and experts.
//!
//! Owns: `/caches`. Must not know: how they work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lombard_accounts::{CacheStats, Warm};
use lombard_model::{AccountId, ExpertId};
use lombard_store::SettingsOwner;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::request::{Id, Sent};
use crate::app::Shared;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(stats, clear))
        .routes(routes!(warm))
        .routes(routes!(drop_account))
        .routes(routes!(drop_account_settings))
        .routes(routes!(drop_expert))
        .routes(routes!(drop_expert_settings))
}

/// What was dropped from a cache, by its cause.
#[derive(Debug, Serialize, ToSchema)]
struct Evictions {
    /// Instances that nobody used, for want of room.
    capacity: u64,
    /// States older than their time to live.
    expired: u64,
    /// States that a commit of this process changed.
    changed: u64,
    /// States that another process's commit may have changed.
    external: u64,
    /// States that were dropped by hand.
    dropped: u64,
}

/// What a cache did since the start, and what it holds.
#[derive(Debug, Serialize, ToSchema)]
struct Cache {
    /// Instances it holds.
    instances: u64,
    /// Of these, in use.
    in_use: u64,
    /// Of all, with their state at hand.
    loaded: u64,
    /// Saved settings in these states.
    settings: u64,
    /// Look-ups that were answered at once.
    hits: u64,
    /// Look-ups that were not.
    misses: u64,
    /// Hits of a thousand look-ups; absent before the first.
    hit_rate_permille: Option<u64>,
    /// Loads that were begun.
    loads: u64,
    /// Of these, failed ones.
    failed_loads: u64,
    /// Misses that another's load answered.
    coalesced: u64,
    /// Loads that were not kept, since something changed meanwhile.
    outdated: u64,
    /// How often an instance was told that its state is stale or unwanted.
    invalidations: u64,
    evictions: Evictions,
    /// How long a load took on average, in microseconds.
    mean_load_us: u64,
    /// What the hits saved, in microseconds: an estimate.
    time_saved_us: u64,
}

/// Both caches.
#[derive(Debug, Serialize, ToSchema)]
struct Caches {
    accounts: Cache,
    experts: Cache,
}

/// What to bring into the caches.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Warming {
    /// So many of each, those that are used most; absent: all, as far as there
    /// is room.
    most_used: Option<u32>,
}

/// What was brought in.
#[derive(Debug, Serialize, ToSchema)]
struct Warmed {
    /// Accounts and experts that were brought in, or were there already.
    done: u64,
    /// Of so many.
    of: u64,
}

/// What the caches did, and hold.
#[utoipa::path(
    get,
    path = "/caches",
    tag = "internals",
    responses((status = 200, description = "Both caches", body = Caches))
)]
async fn stats(State(app): State<Shared>) -> Json<Caches> {
    let accounts = app.host().accounts();
    Json(Caches {
        accounts: accounts.account_stats().into(),
        experts: accounts.expert_stats().into(),
    })
}

/// Drops everything that is cached. What is in use stays the one there is.
#[utoipa::path(
    delete,
    path = "/caches",
    tag = "internals",
    responses((status = 204, description = "It is dropped"))
)]
async fn clear(State(app): State<Shared>) -> StatusCode {
    app.host().accounts().invalidate_all();
    StatusCode::NO_CONTENT
}

/// Brings accounts and experts into the caches before anybody asks.
#[utoipa::path(
    post,
    path = "/caches/warm",
    tag = "internals",
    request_body = Warming,
    responses(
        (status = 200, description = "They are there", body = Warmed),
        (status = 400, description = "The request is at fault", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 415, description = "The body is no JSON", body = Problem),
        (status = 503, description = "No connection to the database is free", body = Problem)
    )
)]
async fn warm(
    State(app): State<Shared>,
    Sent(warming): Sent<Warming>,
) -> Result<Json<Warmed>, Problem> {
    let what = match warming.most_used {
        Some(most) => Warm::MostUsed(usize::try_from(most).unwrap_or(usize::MAX)),
        None => Warm::All,
    };
    let far = app.host().accounts().warm(what, |_| {}).await?;
    Ok(Json(Warmed {
        done: wide(far.done),
        of: wide(far.of),
    }))
}

macro_rules! drops {
    ($( $(#[$doc:meta])* $name:ident: $path:literal, $owner:ident($id:ident), $drop:ident; )+) => { $(
        $(#[$doc])*
        #[utoipa::path(
            delete,
            path = $path,
            tag = "internals",
            params(("id" = u64, Path, description = "Whose", minimum = 1)),
            responses(
                (status = 204, description = "It is dropped, or was not there"),
                (status = 400, description = "This is no id", body = Problem)
            )
        )]
        async fn $name(State(app): State<Shared>, Id(id): Id<$id>) -> StatusCode {
            app.host().accounts().$drop(SettingsOwner::$owner(id));
            StatusCode::NO_CONTENT
        }
    )+ };
}

drops! {
    /// Drops the instance of an account.
    drop_account: "/caches/accounts/{id}", Account(AccountId), invalidate_instance;
    /// Drops what is cached of an account's settings; the instance stays.
    drop_account_settings: "/caches/accounts/{id}/settings", Account(AccountId), invalidate_settings;
    /// Drops the instance of an expert.
    drop_expert: "/caches/experts/{id}", Expert(ExpertId), invalidate_instance;
    /// Drops what is cached of an expert's settings; the instance stays.
    drop_expert_settings: "/caches/experts/{id}/settings", Expert(ExpertId), invalidate_settings;
}

fn wide(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

impl From<CacheStats> for Cache {
    fn from(stats: CacheStats) -> Self {
        let dropped = stats.evictions;
        Self {
            instances: wide(stats.instances),
            in_use: wide(stats.in_use),
            loaded: wide(stats.loaded),
            settings: wide(stats.settings),
            hits: stats.hits,
            misses: stats.misses,
            hit_rate_permille: stats.hit_rate_permille,
            loads: stats.loads,
            failed_loads: stats.failed_loads,
            coalesced: stats.coalesced,
            outdated: stats.outdated,
            invalidations: stats.invalidations,
            evictions: Evictions {
                capacity: dropped.capacity,
                expired: dropped.expired,
                changed: dropped.changed,
                external: dropped.external,
                dropped: dropped.dropped,
            },
            mean_load_us: stats.mean_load_us,
            time_saved_us: stats.time_saved_us,
        }
    }
}
