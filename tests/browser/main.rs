//! The dashboard in a real browser: what somebody sees, reads, hears and does.
//!
//! Owns: what must hold in front of the screen. The host is its own process,
//! started from the binary, and the browser one without a window.
//!
//! Must not know: any crate of ours. A test drives what a user has.

mod access;
mod accessible;
mod axe;
mod browser;
mod driver;
mod follows;
mod forms;
mod golden;
mod host;
mod hostile;
mod jobs;
mod keyboard;
mod pages;
mod plain;
mod screens;
mod weight;
