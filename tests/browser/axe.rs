//! axe-core, run in a page.
//!
//! Owns: bringing it there and telling what it found. Must not know: which page
//! it is.

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::browser::Browser;

const AXE: &str = include_str!("vendor/axe-core-4.14.1/axe.min.js");

/// Panics where the page in front breaks a rule, with each element that does.
pub(crate) fn finds_nothing(browser: &Browser, place: &str) {
    if browser.run("return typeof window.axe === 'undefined'") == true {
        browser.run(AXE);
    }
    // Of a picture that is just changing, colours can't be told.
    let found = browser.run_later(
        "requestAnimationFrame(() => requestAnimationFrame(async () => {
           const found = await axe.run(document, { resultTypes: ['violations'] });
           done(found.violations.flatMap((one) => one.nodes.map((node) =>
             `${one.id}: ${node.html}: ${node.failureSummary}`)));
         }));",
    );
    let found = found.as_array().expect("a list of violations");
    let told: Vec<_> = found.iter().filter_map(Json::as_str).collect();
    assert!(told.is_empty(), "{place}:\n{}", told.join("\n"));
}

#[test]
fn vendored_files_are_those_that_their_note_names() {
    let note = include_str!("vendor/README.md");
    let licence = include_str!("vendor/axe-core-4.14.1/LICENSE");
    for (text, file) in [(AXE, "axe.min.js"), (licence, "LICENSE")] {
        let digest = Sha256::digest(text);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!("{digest}  axe-core-4.14.1/{file}");
        assert!(note.contains(&line), "no line `{line}`");
    }
}
