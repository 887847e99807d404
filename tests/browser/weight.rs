//! What a page weighs on its way.
//!
//! Owns: the bound, and reading what a browser counted. Must not know: what the
//! bytes are.

use serde_json::{Value as Json, json};

use crate::browser::Browser;
use crate::host::{Host, demo};
use crate::pages::{ALL, operator, visit};

/// The most bytes that anybody's first page may take, headers and all.
const MOST: u64 = 500_000;

#[test]
fn no_page_is_heavy_even_the_first_time() {
    let host = Host::with(&demo());
    let browser = operator(&host);
    for path in ALL {
        forget(&browser);
        visit(&browser, &host, path);
        let (sent, whole) = weighed(&browser);
        assert!(sent > 10_000 && sent < MOST, "{path}: {sent} bytes");
        assert!(sent * 2 < whole, "{path}: {sent} of {whole} bytes are sent");
    }
}

/// Has the browser load everything anew, as at its first visit.
pub(crate) fn forget(browser: &Browser) {
    browser.devtools("Network.clearBrowserCache", &json!({}));
}

/// How many bytes came for this page with their headers, and how many they were
/// before they were compressed.
pub(crate) fn weighed(browser: &Browser) -> (u64, u64) {
    let sums = browser.run(
        "const all = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
         const sum = (key) => all.reduce((sum, one) => sum + one[key], 0);
         return { sent: sum('transferSize'), whole: sum('decodedBodySize') };",
    );
    let of = |key: &str| sums[key].as_u64().or_else(|| whole(&sums[key]));
    (of("sent").expect("a sum"), of("whole").expect("a sum"))
}

fn whole(number: &Json) -> Option<u64> {
    number.to_string().split('.').next()?.parse().ok()
}
