//! The dashboard without a mouse.
//!
//! Owns: that the focus goes everywhere, in order, and shows where it is. Must
//! not know: what is there.

use serde_json::Value as Json;

use crate::browser::Browser;
use crate::host::{Host, demo};
use crate::pages::{operator, visit};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// More stops than any page has.
const MOST: usize = 200;

#[test]
fn tab_goes_everywhere_in_order_and_shows_where() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    for path in [
        "/",
        "/experts",
        "/experts/1",
        "/plugins",
        "/jobs",
        "/internals",
    ] {
        visit(&browser, &host, path);
        goes_everywhere(&browser, path);
    }
}

fn goes_everywhere(browser: &Browser, place: &str) {
    let stops = browser.run(
        "window.stops = [...document.querySelectorAll(
           'a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]
           .filter((one) => !one.matches(':disabled, [type=hidden]') && one.checkVisibility());
         return stops.length",
    );
    let stops = usize::try_from(stops.as_u64().expect("a number")).expect("a small one");
    assert!(stops > 8 && stops < MOST, "{place}: {stops}");
    for at in 0..stops {
        browser.press(TAB);
        let here = browser.run(
            "const here = document.activeElement;
             const style = getComputedStyle(here);
             const box = here.getBoundingClientRect();
             return {
               at: stops.indexOf(here),
               shows: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
               isInSight: box.bottom > 0 && box.top < innerHeight,
               what: here.outerHTML.slice(0, 200),
             };",
        );
        let here_at = |key: &str| -> &Json { &here[key] };
        assert_eq!(*here_at("at"), at, "{place}: {here}");
        assert_eq!(*here_at("shows"), true, "{place}: {here}");
        assert_eq!(*here_at("isInSight"), true, "{place}: {here}");
    }
}

#[test]
fn the_content_can_be_skipped_to_and_the_colours_chosen() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    visit(&browser, &host, "/experts");
    browser.press(TAB);
    browser.press(ENTER);
    browser.until("document.activeElement.id === 'content'");
    browser.press(TAB);
    assert_eq!(
        browser.run("return !!document.activeElement.closest('main')"),
        true
    );

    browser.run("document.getElementById('theme').focus()");
    browser.press(ENTER);
    browser.until("document.documentElement.dataset.theme === 'dark'");
    visit(&browser, &host, "/");
    let page = "getComputedStyle(document.body).backgroundColor";
    let dark = browser.run(&format!("return {page}"));
    assert_eq!(
        browser.run("return document.documentElement.dataset.theme"),
        "dark"
    );
    assert_eq!(browser.text("#theme"), "Light");
    browser.click("#theme");
    browser.until(&format!(
        "{page} !== '{}'",
        dark.as_str().expect("a colour")
    ));
}

/// What is open and where the focus is stay as a panel is put in anew.
#[test]
fn the_focus_stays_where_it_is_as_a_panel_follows() {
    let mut dataset = demo();
    let host = Host::with(&dataset);
    let browser = operator(&host);
    visit(&browser, &host, "/accounts");
    browser.run("document.querySelector('#accounts a[href=\"/accounts/2\"]').focus()");
    dataset["accounts"][0]["balance"] = "123.45".into();
    host.folder.import(&dataset);
    browser.until("document.querySelector('#accounts').innerText.includes('123.45')");
    browser.until("document.activeElement.getAttribute('href') === '/accounts/2'");
}
