//! The SDK for Rust, until it can be had from a registry.
//!
//! Owns: unpacking its source to the user's folder, as a workspace of its own.
//! Must not know: what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{AuthorError, carried, scaffold};

/// Unpacks the SDK, unless it is there as it should be, and gives the path that
/// a project depends on.
///
/// # Errors
/// Where it can't be written.
pub(crate) fn unpack(data: &Path) -> Result<PathBuf, AuthorError> {
    let folder = data.join("sdk").join(env!("CARGO_PKG_VERSION"));
    for (name, bytes) in files() {
        let path = folder.join(name);
        // A file that stays is no reason to build anything anew.
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            continue;
        }
        scaffold::write(&path, &bytes)?;
    }
    Ok(folder.join("plugins").join("sdk"))
}

fn files() -> Vec<(String, Vec<u8>)> {
    let owned = |(name, bytes): (&str, &[u8])| (name.to_owned(), bytes.to_vec());
    let mut files: Vec<_> = carried::below("sdk").map(owned).collect();
    files.push(("Cargo.toml".to_owned(), workspace().into_bytes()));
    files
}

/// The workspace that the SDK's crates take their versions and dependencies
/// from: this repository's, with these two members.
fn workspace() -> String {
    let whole = carried::file("workspace/Cargo.toml").unwrap_or_default();
    let whole = String::from_utf8_lossy(whole);
    let tables = whole.find("[workspace.package]").unwrap_or(whole.len());
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"plugins/sdk\", \"host/model\"]\n\n";
    members.to_owned() + &whole[tables..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_workspace_of_two_and_unpacked_once() {
        let data = tempfile::tempdir().unwrap();
        let sdk = unpack(data.path()).unwrap();
        assert!(sdk.join("src/lib.rs").is_file());
        let root = sdk.join("../..");
        let written: toml::Table = fs::read_to_string(root.join("Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let members = written["workspace"]["members"].as_array().unwrap();
        assert_eq!(members.len(), 2);
        assert!(written["workspace"]["dependencies"]["wit-bindgen"].is_table());
        assert!(sdk.join("wit/package.wit").is_file());

        let file = root.join("Cargo.toml");
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        unpack(data.path()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
    }
}
