//! Pictures of the main pages, and how soon they are there.
//!
//! Owns: which pages are in `docs/screens`, with the demo's data in them. What
//! it measures is told and not judged: that depends on the machine. Must not
//! know: how pages are made.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::browser::{Browser, Width};
use crate::host::{Host, demo};
use crate::pages::{operator, visit};
use crate::weight::{forget, weighed};

/// The variable that names the folder for the pictures.
const FOLDER: &str = "LOMBARD_SCREENS";

const PAGES: [(&str, &str); 6] = [
    ("overview", "/"),
    ("experts", "/experts"),
    ("expert", "/experts/1"),
    ("plugins", "/plugins"),
    ("jobs", "/jobs"),
    ("internals", "/internals"),
];

/// A page notes itself when it is all there, since who asks would be late.
const NOTES: &str = "
    const watch = new MutationObserver(() => {
      const panels = document.querySelectorAll('main [data-panel]');
      if (!panels.length || document.querySelector('[data-state=loading]')) return;
      if (!document.querySelector('#said')) return;
      window.wasThere = performance.now();
      watch.disconnect();
    });
    watch.observe(document, { subtree: true, childList: true });";

#[test]
fn the_main_pages_have_their_pictures() {
    let kept = std::env::var_os(FOLDER).map(PathBuf::from);
    let thrown_away = tempfile::tempdir().expect("a folder");
    let folder = kept.as_deref().unwrap_or(thrown_away.path());
    fs::create_dir_all(folder).expect("a folder for the pictures");

    let host = Host::prepared(&demo(), |folder| {
        folder.run(&["expert", "run", "2"]);
        for (owner, key, value) in SCENE {
            folder.run(&["settings", "set", owner, key, value]);
        }
    });
    let browser = operator(&host);
    run_a_job(&browser, &host);
    let note = json!({ "source": NOTES });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &note);
    for (name, path) in PAGES {
        forget(&browser);
        visit(&browser, &host, path);
        tell(&format!("{name}: {}", measured(&browser)));
        for is_dark in [false, true] {
            browser.look(Width::Wide, is_dark);
            visit(&browser, &host, path);
            let colours = if is_dark { "dark" } else { "light" };
            picture(&browser, folder, &format!("{name}-{colours}"));
        }
        browser.look(Width::Wide, false);
    }
    browser.look(Width::Narrow, false);
    visit(&browser, &host, "/");
    picture(&browser, folder, "overview-narrow");
}

/// What makes the demo's book one that is worked with.
const SCENE: [(&str, &str, &str); 4] = [
    ("expert/1", "enabled_instruments", "FB,GOOG"),
    ("expert/1", "enter_market_schedule", "30 9 * * 1-5"),
    ("expert/1", "schedule_time_zone", "America/New_York"),
    ("expert/2", "open_positions_schedule", "0 */2 * * 1-5"),
];

fn run_a_job(browser: &Browser, host: &Host) {
    visit(browser, host, "/jobs");
    browser.click("form[action='/jobs/1/enter-market/run'] button");
    browser.until("document.querySelector('#runs tbody .badge')?.innerText.toLowerCase() === 'ok'");
}

/// How soon a page was there and what it weighed.
fn measured(browser: &Browser) -> String {
    let paint = browser.until(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime && window.wasThere && {
           paint: Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime),
           there: Math.round(window.wasThere),
         }",
    );
    let (sent, whole) = weighed(browser);
    let millis = |key: &str| -> &Json { &paint[key] };
    format!(
        "first paint {} ms, all there {} ms, {sent} bytes sent of {whole}",
        millis("paint"),
        millis("there"),
    )
}

fn picture(browser: &Browser, folder: &Path, name: &str) {
    // Charts are drawn a moment after the figures.
    browser.until(
        "[...document.querySelectorAll('figure[data-samples]')].every((one) => one.querySelector('canvas'))",
    );
    let bytes = decoded(&browser.picture());
    assert!(bytes.starts_with(b"\x89PNG"), "{name} is no picture");
    fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture is written");
}

/// Bytes from base64, which is how a driver hands them over.
fn decoded(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |byte: u8| DIGITS.iter().position(|one| *one == byte);
    let digits: Vec<_> = text.bytes().filter_map(digit).collect();
    let group = |four: &[usize]| {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        let bytes =
            [bits >> 16, bits >> 8, bits].map(|byte| u8::try_from(byte & 0xff).unwrap_or(0));
        bytes.into_iter().take(four.len() - 1)
    };
    digits.chunks(4).flat_map(group).collect()
}

fn tell(line: &str) {
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
