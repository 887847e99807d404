//! How a host behaves, seen from outside: one binary, a module for each
//! promise. Only public APIs and the command line are used.
//!
//! `cargo xtask test` builds what these tests run (`LOMBARD_GUESTS`,
//! `LOMBARD_PLUGINS`, `LOMBARD_BIN`).

mod support;

mod access;
mod admission;
mod ages;
mod ahead;
mod atomic;
mod audits;
mod bills;
mod caches;
mod cli;
mod clients;
mod compiled;
mod contract;
mod dashboard;
mod exits;
mod faults;
mod golden;
mod grants;
mod guest_settings;
mod holders;
mod hostile;
mod interleavings;
mod kills;
mod limits;
mod pins;
mod quarantine;
mod replay;
mod saves;
mod schedules;
mod scopes;
mod server;
mod sessions;
mod snapshots;
mod soak;
mod spares;
mod statements;
mod unchanged;
mod upgrades;
mod warming;
mod write_ahead;
mod writes;
