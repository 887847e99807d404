//! Pages that follow the host without being loaded again.
//!
//! Owns: that a change made elsewhere is seen, soon and in place. Must not
//! know: how it is told.

use serde_json::json;

use crate::browser::Browser;
use crate::host::{Host, demo, golden};
use crate::pages::{is_the_same, log_in, mark, operator, visit, whole};

/// The number that stands first in a panel.
const FIRST: &str = "document.querySelector('#panel-floating-pl-per-expert td data')?.value";

#[test]
fn prices_that_another_process_imports_are_on_the_overview() {
    let mut dataset = golden("healthy_small")["dataset"].take();
    let host = Host::with(&dataset);
    let browser = operator(&host);
    mark(&browser);
    assert_eq!(browser.until(FIRST), "30");
    dataset["accounts"][0]["prices"]["AAPL"] = json!("120.5");
    host.folder.import(&dataset);
    browser.until(&format!("{FIRST} === '61.5'"));
    assert!(is_the_same(&browser));
    // It is also said to who does not see it.
    browser.until("document.getElementById('said').textContent.endsWith('updated')");
}

#[test]
fn a_setting_saved_in_one_browser_is_in_the_widgets_of_another() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let (editor, watcher) = (operator(&host), operator(&host));
    mark(&watcher);
    assert_eq!(watcher.until(FIRST), "30");
    let badge = "document.querySelector('#panel-floating-pl-per-expert .badge')?.innerText";
    assert!(watcher.run(&format!("return {badge}")).is_null());
    for partial in [true, false] {
        visit(&editor, &host, "/accounts/1");
        editor.click("#set-connected");
        editor.click("#settings button.primary");
        editor.until("document.querySelector('.saved')?.innerText === 'Saved.'");
        let shows = match partial {
            true => format!("{badge} === 'Partial'"),
            false => format!("{badge} === undefined && {FIRST} === '30'"),
        };
        watcher.until(&shows);
    }
    assert!(is_the_same(&watcher));
}

#[test]
fn a_schedule_saved_in_one_browser_is_followed_in_another() {
    let host = Host::with(&demo());
    let (editor, watcher) = (operator(&host), operator(&host));
    visit(&watcher, &host, "/experts/1");
    mark(&watcher);
    let state = "document.querySelector('#expert').innerText";
    assert_eq!(
        watcher.until(&format!("{state}.includes('not scheduled')")),
        true
    );
    visit(&editor, &host, "/experts/1");
    editor.fill("#set-enter_market_schedule", "30 9 * * *");
    editor.click("#settings button.primary");
    editor.until("document.querySelector('.saved')?.innerText === 'Saved.'");
    watcher.until(&format!("{state}.includes('09:30:00')"));
    assert!(is_the_same(&watcher));
}

#[test]
fn a_setting_of_the_command_line_is_followed_too() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    visit(&browser, &host, "/jobs");
    mark(&browser);
    host.folder.run(&[
        "settings",
        "set",
        "expert/1",
        "enter_market_schedule",
        "15 7 * * *",
    ]);
    browser.until("document.querySelector('#jobs').innerText.includes('15 7 * * *')");
    browser.until("document.querySelector('#jobs').innerText.includes('07:15:00')");
    assert!(is_the_same(&browser));
}

/// A browser has six connections to one host.
#[test]
fn pages_that_nobody_looks_at_keep_no_other_from_loading() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let browser = operator(&host);
    for _ in 0..8 {
        browser.go_in_new_tab(&host.url("/accounts"));
        whole(&browser);
    }
    assert!(browser.text("#accounts").contains("A1"));
}

#[test]
fn a_page_says_when_the_host_is_away() {
    let host = Host::with(&golden("healthy_small")["dataset"]);
    let browser = Browser::open();
    log_in(&browser, &host, host.operator());
    assert_eq!(browser.text("#live"), "Live");
    drop(host);
    browser.until("document.querySelector('#live').dataset.state === 'lost'");
    // What was shown last stays.
    assert!(
        browser
            .text("#panel-floating-pl-per-expert")
            .contains("30.00")
    );
}
