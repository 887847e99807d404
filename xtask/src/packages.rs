//! Packages of the system.
//!
//! Owns: whether they can be installed without asking, and installing them.
//! Must not know: what they are for.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, say};

/// Whether this is a system with these packages, and a user who may.
pub(crate) fn can_install() -> bool {
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && process::is_installed("apt-get", &["--version"])
}

/// Installs packages.
///
/// # Errors
/// Where one is not to be had.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    say(format_args!("installing {}", packages.join(", ")));
    let install = || {
        let mut command = apt("install");
        command.args(["-y", "--no-install-recommends"]);
        process::run(command.args(packages))
    };
    // The list of packages is asked for anew only where it is too old.
    install().or_else(|_| process::run(&mut apt("update")).and_then(|()| install()))
}

fn apt(what: &str) -> Command {
    let mut command = Command::new("apt-get");
    command.arg(what).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
