//! The copy of the contract that the SDK is packaged with.
//!
//! Owns: that it is the contract, file by file.
//! Must not know: what stands in it.

use super::File;

/// The contract.
const CONTRACT: &str = "wit/";

/// Its copy: a crate can't be packaged with what stands outside its folder.
const COPY: &str = "plugins/sdk/wit/";

/// Complaints about files that are not the same, or not there.
pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut complaints = vec![];
    for (of, other) in [(CONTRACT, COPY), (COPY, CONTRACT)] {
        let names = files.iter().filter_map(|file| {
            let name = file.path.strip_prefix(of)?;
            Some((file, format!("{other}{name}")))
        });
        for (file, same) in names.filter(|(file, _)| file.has_extension(&["wit"])) {
            let is_same = |one: &File| one.path == same && one.text == file.text;
            if !files.iter().any(is_same) {
                complaints.push(format!(
                    "{same}:1: must be the same as {}: `cp {CONTRACT}*.wit {COPY}`",
                    file.path
                ));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_copy_is_the_same_in_every_file() {
        let log = |text| {
            [
                file("wit/log.wit", "a"),
                file("plugins/sdk/wit/log.wit", text),
            ]
        };
        assert!(check(&log("a")).is_empty());
        assert_eq!(check(&log("b")).len(), 2);
        assert_eq!(check(&log("a")[..1]).len(), 1);
        assert_eq!(check(&log("a")[1..]).len(), 1);
    }
}
