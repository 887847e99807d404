//! Texts of strangers: names in a dataset, and what a plugin says.
//!
//! Owns: that they are read and never run. Must not know: how they are kept
//! from running.

use serde_json::json;

use crate::browser::Browser;
use crate::host::{Host, golden};
use crate::pages::{ALL, operator, visit};

const NAMES: [&str; 3] = [
    "<script>ran=1</script>",
    "\"><img src=x onerror=ran=1>",
    "</td></table><h1 onclick=ran=1>Mine</h1>",
];

/// What a guest says of itself and when it fails, and as many bytes of markup.
const FORGED: [(&str, &str); 2] = [
    ("failed on purpose, with ", "<img src=x onerror=p(1)>"),
    ("Returns an error after it", "<svg onload=ran=1></svg>!"),
];

#[test]
fn hostile_names_are_read_and_not_run() {
    let mut dataset = golden("main")["dataset"].take();
    for (at, name) in NAMES.iter().enumerate() {
        dataset["accounts"][at]["name"] = json!(name);
        dataset["experts"][at]["alias"] = json!(name);
    }
    let host = Host::with(&dataset);
    let browser = operator(&host);
    for name in NAMES {
        assert!(browser.text("main").contains(name), "{name} is not shown");
    }
    for path in ALL {
        visit(&browser, &host, path);
        is_harmless(&browser, path);
    }
}

#[test]
fn what_a_plugin_says_is_read_and_not_run() {
    let dataset = &golden("healthy_small")["dataset"];
    let host = Host::prepared(dataset, |folder| folder.install_forged("fails", &FORGED));
    let browser = operator(&host);
    let panel = browser.text("#panel-guest-fails");
    assert!(panel.contains("<img src=x onerror=p(1)>"), "{panel}");
    for path in ["/", "/plugins", "/internals"] {
        visit(&browser, &host, path);
        is_harmless(&browser, path);
    }
    visit(&browser, &host, "/plugins");
    assert!(browser.text("main").contains("<svg onload=ran=1>"));
}

/// Nothing of it ran, became part of the page or was tried and forbidden.
fn is_harmless(browser: &Browser, place: &str) {
    assert_eq!(
        browser.run("return typeof window.ran"),
        "undefined",
        "{place}"
    );
    let parts = browser.run(
        "return document.querySelectorAll('main img, main h1 ~ h1, [onclick], [onerror], \
         [onload], script:not([src])').length",
    );
    assert_eq!(parts, 0, "{place}");
    let forbidden = forbidden(browser);
    assert!(forbidden.is_empty(), "{place}: {forbidden:?}");
}

fn forbidden(browser: &Browser) -> Vec<String> {
    let mut log = browser.log();
    log.retain(|line| line.contains("Content Security Policy") || line.contains("Uncaught"));
    log
}

/// The other tests of this file would say nothing if this did not hold.
#[test]
fn a_script_that_did_get_into_a_page_is_forbidden_and_told() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let browser = operator(&host);
    browser.run(
        "const script = document.createElement('script');
         script.textContent = 'window.ran = 1';
         document.body.append(script);",
    );
    assert_eq!(browser.run("return typeof window.ran"), "undefined");
    assert_eq!(forbidden(&browser).len(), 1);
}
