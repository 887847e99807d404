//! The HTTP side of a host: the API under `/api/v1`, the dashboard, health and
//! metrics.
//!
//! Owns: which address answers what, who may ask, and that work which has begun
//! is done before the process ends. Must not know: SQL, WebAssembly, terminals.

mod api;
mod app;
mod dashboard;
mod error;
mod health;
mod problem;
mod server;

pub use api::openapi;
pub use error::ServerError;
pub use server::{Server, ServerOptions};
