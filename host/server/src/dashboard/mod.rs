//! The dashboard: pages for people, rendered here and served from the binary.
//!
//! Owns: which page is where; what a page shows stands in its own file, how a
//! view is drawn in `draw/`, what is read for both in `read.rs`. Nothing leaves
//! the host: scripts, styles and pictures are its own.
//!
//! Must not know: SQL, who may log in, when jobs run.

mod accounts;
mod asked;
mod assets;
mod draw;
mod experts;
mod failure;
mod grid;
mod internals;
mod jobs;
mod login;
mod overview;
mod page;
mod panel;
mod plugins;
mod read;
mod samples;
mod settings;
mod state;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use asked::{Asked, Viewer};
pub(crate) use login::login_page;
pub(crate) use page::nothing_here;
pub(crate) use state::Dashboard;

use crate::app::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(overview::page))
        .route("/panels/{widget}", get(overview::panel))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{id}", get(accounts::one))
        .route("/accounts/{id}/settings", post(accounts::save))
        .route("/experts", get(experts::list))
        .route("/experts/{id}", get(experts::one))
        .route("/experts/{id}/settings", post(experts::save))
        .route("/plugins", get(plugins::list))
        .route("/plugins/{name}/resume", post(plugins::resume))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{expert}/{use_case}/run", post(jobs::run))
        .route("/jobs/{expert}/{use_case}/cancel", post(jobs::cancel))
        .route("/internals", get(internals::page))
        .route("/internals/samples", get(internals::samples))
        .merge(assets::routes())
}
