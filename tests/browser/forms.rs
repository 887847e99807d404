//! Settings, as somebody changes them.
//!
//! Owns: saving, being refused, and two who edit the same. Must not know: what
//! the settings mean.

use crate::browser::Browser;
use crate::host::{Host, demo};
use crate::pages::{operator, visit};

const PAGE: &str = "/experts/1";
const CONFIDENCE: &str = "#set-min_confidence";
const SCHEDULE: &str = "#set-enter_market_schedule";

#[test]
fn a_setting_is_saved_and_taken_back() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    visit(&browser, &host, PAGE);
    for (text, said) in [("62.5", "\"62.5\""), ("", "\"0\"")] {
        browser.fill(CONFIDENCE, text);
        save(&browser);
        browser.until("document.querySelector('.saved')?.innerText === 'Saved.'");
        assert_eq!(value(&browser, CONFIDENCE), text);
        let saved = host
            .folder
            .run(&["settings", "get", "expert/1", "min_confidence", "--json"]);
        assert!(saved.contains(said), "{saved}");
    }
}

#[test]
fn a_value_at_fault_is_told_beside_its_field_and_kept_to_be_mended() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    visit(&browser, &host, PAGE);
    browser.fill(CONFIDENCE, "40");
    browser.fill(SCHEDULE, "every day");
    save(&browser);
    browser.until("document.querySelector('.field-error')");
    assert!(browser.text("h1").contains("not saved"));
    assert_eq!(value(&browser, SCHEDULE), "every day");
    assert_eq!(value(&browser, CONFIDENCE), "40");
    let fault = browser.run(&format!(
        "const input = document.querySelector('{SCHEDULE}');
         const [fault] = input.getAttribute('aria-describedby').split(' ');
         return input.ariaInvalid + ': ' + document.getElementById(fault).innerText"
    ));
    let fault = fault.as_str().expect("a word for it");
    assert!(
        fault.starts_with("true: ") && fault.contains("cron"),
        "{fault}"
    );
    browser.fill(SCHEDULE, "0 9 * * *");
    save(&browser);
    browser.until("document.querySelector('.saved')");
    assert_eq!(value(&browser, CONFIDENCE), "40");
}

#[test]
fn the_second_of_two_editors_is_told_and_decides() {
    let host = Host::with(&demo());
    let (first, second) = (operator(&host), operator(&host));
    visit(&first, &host, PAGE);
    visit(&second, &host, PAGE);
    first.fill(CONFIDENCE, "60");
    save(&first);
    first.until("document.querySelector('.saved')");
    second.fill(CONFIDENCE, "70");
    save(&second);
    second.until("document.querySelector('#conflict-title')");
    let told = second.text("main tbody");
    assert!(told.contains("60") && told.contains("70"), "{told}");
    assert_eq!(saved(&first, &host), "60");

    second.click(".actions a");
    second.until("document.querySelector('#settings')");
    assert_eq!(value(&second, CONFIDENCE), "60");

    // Once more, and this time the second one insists.
    first.fill(CONFIDENCE, "61");
    save(&first);
    first.until("document.querySelector('.saved')");
    second.fill(CONFIDENCE, "71");
    save(&second);
    second.until("document.querySelector('#conflict-title')");
    second.click(".actions button");
    second.until("document.querySelector('.saved')");
    assert_eq!(saved(&first, &host), "71");
}

fn saved(browser: &Browser, host: &Host) -> String {
    visit(browser, host, PAGE);
    value(browser, CONFIDENCE)
}

fn save(browser: &Browser) {
    browser.click("#settings button.primary");
}

fn value(browser: &Browser, input: &str) -> String {
    let value = browser.run(&format!("return document.querySelector('{input}').value"));
    value.as_str().expect("an input").to_owned()
}
