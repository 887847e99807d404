//! The HTTP side of a host: the API under `/api/v1`, the dashboard, health and
//! metrics.
//!
//! Owns: which address answers what, who may ask, and that work which has begun
//! is done before the process ends. Must not know: SQL, WebAssembly, terminals.

mod api;
mod app;
mod auth;
mod dashboard;
mod error;
mod events;
mod health;
mod metrics;
mod problem;
mod rules;
mod server;

pub use api::openapi;
pub use auth::{Token, give_first_token, give_token};
pub use error::ServerError;
pub use server::{Served, Server, ServerOptions};
