//! Jobs, run by hand.
//!
//! Owns: that who presses the button sees what came of it. Must not know: what
//! a job does.

use crate::host::{Host, demo};
use crate::pages::{operator, visit};

#[test]
fn a_job_that_is_run_by_hand_appears_with_its_outcome() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    visit(&browser, &host, "/jobs");
    assert!(browser.text("#runs").contains("Nothing has run yet"));
    browser.click("form[action='/jobs/1/enter-market/run'] button");
    browser.until("document.querySelector('#runs tbody .badge')?.innerText.toLowerCase() === 'ok'");
    let run = browser.text("#runs tbody tr");
    assert!(run.contains("Trend-1") && run.contains("by hand"), "{run}");
    visit(&browser, &host, "/experts/1");
    assert!(browser.text("#recommendations").contains("AAPL"));
}
