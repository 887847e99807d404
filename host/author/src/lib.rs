//! Making plugins out of projects.
//!
//! Owns: how a project in each language becomes a component. Must not know:
//! manifests inside of components, hosts, or what a plugin computes.

pub mod build;
