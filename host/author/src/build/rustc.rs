//! Calling rustc in cargo's place.
//!
//! Owns: that what an author's crates are told apart by is not where they lie.
//! Cargo makes it of the path of a crate that is not in the project's folder, as
//! the SDK, and the compiler makes symbols of it, and their order: the same
//! source would have another digest for each user. Crates of a registry have
//! paths in none of that, and are left as they are.
//! Must not know: what is compiled.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::BuildError;

/// Set where this program is called in rustc's place; its value is the program
/// that the author has set for that, or nothing.
const IN_PLACE: &str = "LOMBARD_IN_PLACE_OF_RUSTC";

/// What cargo takes the author's from.
const WRAPPER: &str = "RUSTC_WRAPPER";

/// Has cargo call this program in rustc's place.
pub(super) fn wrap(cargo: &mut Command) -> Result<(), BuildError> {
    let program = env::current_exe().map_err(BuildError::io(&"this program's own file"))?;
    cargo
        .env(IN_PLACE, env::var_os(WRAPPER).unwrap_or_default())
        .env(WRAPPER, program);
    Ok(())
}

/// Calls rustc, where this process was started for that; gives how it ended.
#[must_use]
pub fn in_place_of_rustc() -> Option<ExitCode> {
    let theirs = env::var_os(IN_PLACE)?;
    let own_crate = env::var_os("CARGO_MANIFEST_DIR").filter(|folder| {
        let home = cargo_home();
        !home.is_some_and(|home| Path::new(folder).starts_with(home))
    });
    let name = own_crate.map(|_| {
        let of = |variable| env::var(variable).unwrap_or_default();
        format!("{}-{}", of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION"))
    });
    let called = env::args_os().skip(1);
    let mut call = (!theirs.is_empty()).then_some(theirs).into_iter();
    let mut call = call.by_ref().chain(told_apart_by(name.as_deref(), called));
    let mut command = Command::new(call.next()?);
    command.args(call).env_remove(IN_PLACE);
    let code = command.status().ok().and_then(|status| status.code());
    let code = code.and_then(|code| u8::try_from(code).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The folder of what cargo has from registries.
pub(super) fn cargo_home() -> Option<PathBuf> {
    let set = env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
}

/// The call with this for the crate's metadata, where that is to be set.
fn told_apart_by(name: Option<&str>, call: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut told: Vec<OsString> = Vec::new();
    for argument in call {
        let is_codegen = told.last().is_some_and(|last| last == OsStr::new("-C"));
        let is_metadata = argument.to_string_lossy().starts_with("metadata=");
        told.push(match name {
            Some(name) if is_codegen && is_metadata => format!("metadata={name}").into(),
            _ => argument,
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: Option<&str>, call: &str) -> String {
        let call = call.split(' ').map(OsString::from);
        let told = told_apart_by(name, call);
        let told: Vec<_> = told.iter().map(|one| one.to_string_lossy()).collect();
        told.join(" ")
    }

    #[test]
    fn only_the_metadata_of_a_crate_is_another() {
        let call = "rustc --crate-name sdk -C metadata=0a1b -C extra-filename=-0a1b metadata=x";
        let named =
            "rustc --crate-name sdk -C metadata=sdk-0.1.0 -C extra-filename=-0a1b metadata=x";
        assert_eq!(told(Some("sdk-0.1.0"), call), named);
        assert_eq!(told(None, call), call);
    }
}
