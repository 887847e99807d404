//! Pages in a browser that runs no script.
//!
//! Owns: that everything can be read and changed there. Must not know: what
//! scripts add.

use serde_json::json;

use crate::browser::Browser;
use crate::host::{Host, demo, golden};
use crate::pages::{ALL, log_in};

#[test]
fn every_page_is_read_without_a_script() {
    let host = Host::with(&golden("main")["dataset"]);
    // What is compiled once is there at once from then on.
    drop(crate::pages::operator(&host));
    let browser = scriptless(&host);
    assert!(
        browser
            .text("#panel-floating-pl-per-expert")
            .contains("2,629.725")
    );
    assert!(!browser.has("[data-state=loading]"));
    for path in ALL {
        browser.go(&host.url(path));
        assert_eq!(
            browser.run("return document.querySelectorAll('h1').length"),
            1,
            "{path}"
        );
        assert!(browser.text("main").len() > 20, "{path}");
    }
}

#[test]
fn settings_are_saved_and_jobs_run_without_a_script() {
    let host = Host::with(&demo());
    let browser = scriptless(&host);
    browser.go(&host.url("/experts/1"));
    browser.fill("#set-min_confidence", "33");
    browser.click("#settings button.primary");
    browser.appears(".saved");
    assert_eq!(browser.text(".saved"), "Saved.");
    browser.go(&host.url("/jobs"));
    browser.click("form[action='/jobs/1/enter-market/run'] button");
    browser.appears("#runs tbody");
    assert!(browser.text("#runs tbody").contains("Trend-1"));
    browser.click(".who button");
    browser.arrives(&host.url("/login"));
}

/// A browser whose user is logged in, and whose pages run no script.
fn scriptless(host: &Host) -> Browser {
    let browser = Browser::open();
    log_in(&browser, host, host.operator());
    let off = json!({ "value": true });
    browser.devtools("Emulation.setScriptExecutionDisabled", &off);
    browser.go(&host.url("/"));
    // The page has a word for it where its script did not run.
    assert_eq!(browser.text("#live"), "Not live");
    browser
}
