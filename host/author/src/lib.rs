//! Projects of plugin authors.
//!
//! Owns: making a project from a template, building it in its language, what
//! can be said of it without running it, and its test cases as data.
//! Must not know: hosts, databases and terminals; who runs a case does.

mod build;
mod carried;
pub mod cases;
mod error;
mod language;
mod lints;
mod project;
mod scaffold;
mod sdk;

pub use build::{BuildError, Built, build, in_place_of_rustc};
pub use error::AuthorError;
pub use language::Language;
pub use lints::{Lint, lints};
pub use project::{Project, manifest_text};
pub use scaffold::{NewPlugin, scaffold};
