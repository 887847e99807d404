//! Every guest has a test that runs it.
//!
//! Owns: that rule. Must not know: how a test runs a guest.

use crate::build::GUEST_FOLDER;
use crate::workspace::{Package, Workspace};

use super::File;

/// Complaints about guests that no test names.
pub(super) fn check(workspace: &Workspace, files: &[File]) -> Vec<String> {
    let tests: Vec<_> = files.iter().filter(|file| is_test(file)).collect();
    let guests = workspace.packages_in(GUEST_FOLDER);
    guests
        .filter(|guest| !tests.iter().any(|file| names(&file.text, guest)))
        .map(|guest| {
            format!(
                "{}: no test names this guest: write one, or remove it",
                guest.folder
            )
        })
        .collect()
}

fn is_test(file: &File) -> bool {
    let within = |folder: &str| {
        let rest = file.path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    file.has_extension(&["rs"]) && within("tests") && !within(GUEST_FOLDER)
}

/// Whether a test names a guest: as a whole string, by its folder or its crate.
fn names(text: &str, guest: &Package) -> bool {
    let folder = guest.folder.rsplit('/').next().unwrap_or_default();
    [folder, &guest.name].iter().any(|name| {
        text.contains(&format!("\"{name}\"")) || text.contains(&format!("\"{name}.wasm\""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_named_in_a_string_of_a_test() {
        let guest = Package {
            name: "guest-traps".into(),
            folder: "tests/guests/traps".into(),
            dependencies: vec![],
        };
        for good in [
            "guest(\"traps\")",
            "\"guest-traps\"",
            "\"guest-traps.wasm\"",
        ] {
            assert!(names(good, &guest), "{good}");
        }
        for bad in ["// it traps", "\"traps often\"", "\"guest-traps-late\""] {
            assert!(!names(bad, &guest), "{bad}");
        }
    }

    #[test]
    fn a_guest_is_no_test_of_itself() {
        let file = |path: &str| File {
            path: path.into(),
            text: String::new(),
        };
        assert!(is_test(&file("tests/src/limits.rs")));
        assert!(!is_test(&file("tests/guests/traps/src/lib.rs")));
        assert!(!is_test(&file("testsuite/src/lib.rs")));
    }
}
