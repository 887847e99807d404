//! Standing in for rustc while cargo builds a plugin.
//!
//! Owns: that what an author's crates are told apart by is not where they lie.
//! Cargo makes it of the path of a crate that is not in the project's folder, as
//! the SDK, and the compiler makes symbols of it, and their order: the same
//! source would have another digest for each user. Crates of a registry have
//! paths in none of that, and are left as they are.
//! Must not know: what is compiled.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::PathBuf;
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
    let call = told_apart_by(own_crate().as_deref(), env::args_os().skip(1));
    let theirs = (!theirs.is_empty()).then_some(theirs);
    let call: Vec<_> = theirs.into_iter().chain(call).collect();
    let (program, arguments) = call.split_first()?;
    let mut command = Command::new(program);
    let ended = command.args(arguments).env_remove(IN_PLACE).status();
    if let Err(error) = &ended {
        // Cargo shows it. Nobody to tell is no reason to do anything else.
        let _ = writeln!(io::stderr(), "{}: {error}", program.display());
    }
    let code = ended.ok().and_then(|status| status.code());
    let code = code.and_then(|code| u8::try_from(code).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The name and version of the crate to be compiled, where it is of no registry.
fn own_crate() -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let is_of_registry = home("CARGO_HOME", ".cargo").is_some_and(|home| folder.starts_with(home));
    let of = |variable| env::var(variable).unwrap_or_default();
    (!is_of_registry).then(|| format!("{}-{}", of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION")))
}

/// The folder that this variable names, else this one in the user's.
pub(super) fn home(variable: &str, folder: &str) -> Option<PathBuf> {
    let set = env::var_os(variable).map(PathBuf::from);
    set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(folder)))
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
