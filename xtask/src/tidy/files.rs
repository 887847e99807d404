//! What every file must have, and what none may.
//!
//! Owns: the header of a source file, and the marks of unfinished work.
//! Must not know: which files there are.

use super::File;

/// Kinds of files that people write.
const LOOKED_AT: [&str; 5] = ["rs", "toml", "wit", "sql", "py"];

/// Marks of work that was not finished. In pieces, or they would be found here.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// A test that is switched off says nothing and looks as if it did.
const IGNORED: &str = concat!("#[", "ignore");

/// Whether there are rules for a file of this name.
pub(super) fn is_looked_at(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| LOOKED_AT.contains(&extension))
}

/// Complaints about one file.
pub(super) fn check(file: &File) -> Vec<String> {
    let mut complaints = vec![];
    if file.has_extension(&["rs"]) && !file.text.starts_with("//!") {
        complaints.push(format!(
            "{}:1: must begin with `//!`: what the file owns and what it must not know",
            file.path
        ));
    }
    if file.has_extension(&["py"]) && !file.text.starts_with("\"\"\"") {
        complaints.push(format!(
            "{}:1: must begin with a docstring: what the module owns and what it must not know",
            file.path
        ));
    }
    for (number, line) in (1..).zip(file.text.lines()) {
        if file.has_extension(&["rs"]) && line.contains(IGNORED) {
            complaints.push(format!(
                "{}:{number}: a test is switched off: mend it or take it out",
                file.path
            ));
        }
        if let Some(mark) = mark(line) {
            complaints.push(format!(
                "{}:{number}: {mark}: do it, or open an issue",
                file.path
            ));
        }
    }
    complaints
}

fn mark(line: &str) -> Option<&'static str> {
    let words = || line.split(|c: char| !c.is_alphanumeric() && c != '_');
    MARKS
        .into_iter()
        .find(|mark| words().any(|word| word == *mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        check(&File {
            path: path.into(),
            text: text.into(),
        })
    }

    #[test]
    fn a_source_file_says_what_it_owns() {
        assert!(complaints("a.rs", "//! Owns a.\n").is_empty());
        assert!(complaints("a.py", "\"\"\"Owns a.\"\"\"\n").is_empty());
        assert!(complaints("a.toml", "[a]\n").is_empty());
        assert_eq!(complaints("a.rs", "use b;\n//! Owns a.\n").len(), 1);
        assert_eq!(complaints("a.rs", "").len(), 1);
        assert_eq!(complaints("a.py", "import b\n").len(), 1);
    }

    #[test]
    fn unfinished_work_is_found() {
        let [unfinished, ..] = MARKS;
        let text = format!("//! A.\n// {unfinished}: b\n");
        assert_eq!(
            complaints("a.rs", &text),
            [format!("a.rs:2: {unfinished}: do it, or open an issue")]
        );
        assert!(complaints("a.rs", &format!("//! {unfinished}S\n")).is_empty());
        let switched_off = format!("//! A.\n{IGNORED}]\n");
        assert_eq!(complaints("a.rs", &switched_off).len(), 1);
    }
}
