//! The pages, and how one gets to them.
//!
//! Owns: their addresses, logging in, and when a page is all there. Must not
//! know: what they show.

use crate::browser::Browser;
use crate::host::Host;

/// What a widget's panel is found by.
pub(crate) const WIDGETS: [&str; 3] = [
    "floating-pl-per-expert",
    "floating-pl-per-account",
    "balance-usage-per-expert",
];

/// Every page that is reached by its address, for who is logged in.
pub(crate) const ALL: [&str; 9] = [
    "/",
    "/accounts",
    "/accounts/3",
    "/experts",
    "/experts/1",
    "/plugins",
    "/jobs",
    "/internals",
    "/experts/99",
];

/// A browser whose user is logged in as an operator, on the overview.
pub(crate) fn operator(host: &Host) -> Browser {
    let browser = Browser::open();
    log_in(&browser, host, host.operator());
    browser
}

/// Logs in by the form.
pub(crate) fn log_in(browser: &Browser, host: &Host, token: &str) {
    browser.go(&host.url("/login"));
    browser.fill("#token", token);
    browser.click("main button");
    browser.until("document.querySelector('nav [aria-current]')");
    whole(browser);
}

/// Goes to a page and waits until it is all there.
pub(crate) fn visit(browser: &Browser, host: &Host, path: &str) {
    browser.go(&host.url(path));
    whole(browser);
}

/// Waits until nothing of a page is still being made, and it follows the host.
pub(crate) fn whole(browser: &Browser) {
    browser.until("!document.querySelector('[data-state=loading]')");
    browser.until("document.querySelector('#live').dataset.state === 'on'");
}

/// Marks the page, so that it is known whether it was loaded anew since.
pub(crate) fn mark(browser: &Browser) {
    browser.run("window.isTheSame = true");
}

/// Whether it is still the page that was marked.
pub(crate) fn is_the_same(browser: &Browser) -> bool {
    browser.run("return window.isTheSame === true") == true
}
