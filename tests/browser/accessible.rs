//! Pages for everybody: by screen reader, in the dark, on a telephone.
//!
//! Owns: that no page breaks a rule of axe-core, and none is wider than its
//! screen. Must not know: the rules.

use crate::axe;
use crate::browser::{Browser, Width};
use crate::host::{Host, demo, golden};
use crate::pages::{ALL, operator, visit};

const LOOKS: [(Width, bool); 4] = [
    (Width::Wide, false),
    (Width::Wide, true),
    (Width::Narrow, false),
    (Width::Narrow, true),
];

#[test]
fn no_page_breaks_a_rule_or_its_screen() {
    let host = Host::prepared(&demo(), |folder| {
        folder.run(&["expert", "run", "--all"]);
    });
    let browser = Browser::open();
    browser.go(&host.url("/login"));
    holds(&browser, "/login");
    browser.fill("#token", "wrong");
    browser.click("main button");
    browser.until("document.querySelector('#token-error')");
    holds(&browser, "/login, refused");
    drop(browser);

    let browser = operator(&host);
    for path in ALL {
        visit(&browser, &host, path);
        holds(&browser, path);
    }
}

#[test]
fn no_page_that_refuses_breaks_a_rule_or_its_screen() {
    let host = Host::with(&demo());
    let (browser, other) = (operator(&host), operator(&host));
    visit(&browser, &host, "/experts/1");
    visit(&other, &host, "/experts/1");
    browser.fill("#set-enter_market_schedule", "never ever");
    browser.click("#settings button.primary");
    browser.until("document.querySelector('.field-error')");
    holds(&browser, "a form refused");

    other.fill("#set-min_confidence", "60");
    other.click("#settings button.primary");
    other.until("document.querySelector('.saved')");
    holds(&other, "a form saved");

    browser.fill("#set-min_confidence", "70");
    browser.click("#settings button.primary");
    browser.until("document.querySelector('#conflict-title')");
    holds(&browser, "a conflict");
}

/// Where everything is at fault that can be.
#[test]
fn the_scenario_that_has_everything_breaks_no_rule_either() {
    let host = Host::with(&golden("main")["dataset"]);
    let browser = operator(&host);
    for path in ["/", "/accounts", "/accounts/4", "/experts"] {
        visit(&browser, &host, path);
        holds(&browser, path);
    }
}

fn holds(browser: &Browser, place: &str) {
    for (width, is_dark) in LOOKS {
        browser.look(width, is_dark);
        let place = format!("{place}, {width:?}, dark: {is_dark}");
        axe::finds_nothing(browser, &place);
        let over = browser.run(
            "const page = document.documentElement;
             return page.scrollWidth - page.clientWidth",
        );
        assert_eq!(over, 0, "{place}: wider than the screen");
    }
    browser.look(Width::Wide, false);
}
