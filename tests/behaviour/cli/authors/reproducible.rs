//! The same source is the same binary.
//!
//! Owns: that it does not matter where a project and the SDK lie. Must not know:
//! how a language's tools are kept from telling.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::Author;
use crate::cli::Ran;
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

/// Python's tool runs an interpreter, which looks for modules in folders and keeps
/// what it saw; a component that was made is kept with the tools.
#[test]
fn what_python_makes_does_not_depend_on_the_machine() {
    let has_tools = Author::new();
    let project = has_tools.new_plugin("my-plugin", "expert", "python");
    let source = project.join("src/plugin.py");
    let text = fs::read_to_string(&source).unwrap();
    // Two that draw something when they are loaded.
    let text = text.replacen("\nfrom ", "\nimport logging\nimport random\nfrom ", 1);
    fs::write(&source, text).unwrap();
    has_tools.json(&project, &["plugin", "build"]);

    let digest = |disk: &Path| {
        let mut author = Author::new();
        author.folder = tempfile::tempdir_in(disk).expect("a folder");
        author.tools = author.folder.path().join("tools");
        fs::create_dir(&author.tools).expect("a folder");
        for tool in fs::read_dir(&has_tools.tools).expect("tools") {
            let tool = tool.expect("a tool");
            if tool.file_name() != "python-made" {
                let link = author.tools.join(tool.file_name());
                std::os::unix::fs::symlink(tool.path(), link).expect("a link");
            }
        }
        let project = author.copy(&project, "my-plugin");
        let arguments = ["plugin", "build", "--json"];
        let mut command = author.command(&project, &arguments);
        let ran = Ran::of(command.env("TMPDIR", disk).output().expect("the binary"));
        let built: Json = serde_json::from_str(&ran.done(&arguments)).expect("a document");
        built["digest"].clone()
    };
    let temporary = std::env::temp_dir();
    // Another kind of disk, where there is one.
    let others = [Path::new("/dev/shm"), &temporary];
    let other = others.into_iter().find(|disk| disk.is_dir()).unwrap();
    assert_eq!(digest(&temporary), digest(other));
}
