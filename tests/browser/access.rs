//! Who may see and do what.
//!
//! Owns: logging in and out as somebody does it, and what a viewer is shown.
//! Must not know: cookies.

use crate::browser::Browser;
use crate::host::{Host, demo, golden};
use crate::pages::{ALL, log_in, operator, visit};

#[test]
fn a_wrong_token_is_told_and_the_right_one_opens_the_overview() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let browser = Browser::open();
    browser.go(&host.url("/experts"));
    browser.until("location.pathname === '/login'");
    assert!(!browser.has("nav"));
    browser.fill("#token", "lmb_wrong");
    browser.click("main button");
    browser.until("document.querySelector('#token-error')");
    log_in(&browser, &host, host.operator());
    assert_eq!(browser.text("h1"), "Overview");
}

#[test]
fn who_logged_out_sees_nothing_any_more() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let browser = operator(&host);
    visit(&browser, &host, "/accounts");
    visit(&browser, &host, "/");
    assert!(browser.text("main").contains("X-1"));
    browser.click(".who button");
    browser.until("location.pathname === '/login'");
    for _ in 0..2 {
        browser.back();
        browser.until("location.pathname === '/login' && document.querySelector('#token')");
        let shown = browser.text("body");
        assert!(
            !shown.contains("X-1") && !shown.contains("1,000"),
            "{shown}"
        );
    }
    browser.go(&host.url("/experts"));
    assert_eq!(browser.url(), host.url("/login"));
}

#[test]
fn a_viewer_sees_everything_and_can_send_nothing() {
    let host = Host::with(&demo());
    let browser = Browser::open();
    log_in(&browser, &host, &host.viewer());
    for path in ALL {
        visit(&browser, &host, path);
        // The one form that works is to log out.
        let usable = browser.run(
            "return [...document.querySelectorAll('main :is(button, input, select, textarea)')]
               .filter((one) => !one.matches(':disabled') && one.type !== 'hidden').length",
        );
        assert_eq!(usable, 0, "{path}");
    }
    visit(&browser, &host, "/experts/1");
    assert!(browser.text("#settings").contains("Only an operator"));
}
