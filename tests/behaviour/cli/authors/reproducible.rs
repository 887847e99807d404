//! The same source is the same binary.
//!
//! Owns: that it does not matter where a project and the SDK lie. Must not know:
//! how a language's tools are kept from telling.

use std::fs;
use std::path::Path;

use super::Author;
use crate::support::files;

/// The same source in another folder is the same binary, which names no folder of
/// the author's machine.
pub(super) fn is_reproducible(author: &Author, project: &Path) {
    let digest = |at: &Path| author.json(at, &["plugin", "build"])["digest"].take();
    let elsewhere = author.copy(project, "some/where/else");
    assert_eq!(digest(project), digest(&elsewhere));
    let plugin = fs::read(project.join("target/my-plugin.wasm")).expect("a plugin");
    for folder in [
        author.folder.path(),
        &files::binary().with_file_name("authors"),
    ] {
        let name = folder.to_str().expect("a name").as_bytes();
        let is_named = plugin.windows(name.len()).any(|bytes| bytes == name);
        assert!(!is_named, "{} is in it", folder.display());
    }
}

/// The SDK is unpacked to the user's folder, and the project says where that is.
#[test]
fn what_rust_makes_does_not_depend_on_whose_sdk_it_is() {
    let digest = || {
        let mut author = Author::new();
        author.data = author.folder.path().join("data");
        let project = author.new_plugin("my-plugin", "expert", "rust");
        author.json(&project, &["plugin", "build"])["digest"].take()
    };
    assert_eq!(digest(), digest());
}
