//! A browser without a window, as somebody who sits before it uses it.
//!
//! Owns: opening one with a profile of its own, going somewhere, looking,
//! clicking, typing, and waiting until something is so. Must not know: which
//! pages there are.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::driver::{Driver, Refused};

/// The variable that names another browser.
const BROWSER: &str = "LOMBARD_CHROMIUM";

/// How long anything that a test waits for may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a page is asked whether something is so before it is asked anew: a
/// page that just goes away may take the answer along.
const ROUND: Duration = Duration::from_secs(2);

/// The most of a page that is in its picture, in pixels from its top.
const HIGHEST: u32 = 1280;

/// Under which name an element is in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Nothing but the page: no first steps, no updates, no name of elsewhere.
const OPTIONS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// How wide a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Wide,
    Narrow,
}

impl Width {
    pub(crate) const fn pixels(self) -> u32 {
        match self {
            Self::Wide => 1280,
            Self::Narrow => 360,
        }
    }
}

/// An open browser. It is closed when this is dropped.
pub(crate) struct Browser {
    driver: Driver,
    session: String,
    _profile: TempDir,
}

impl Browser {
    pub(crate) fn open() -> Self {
        let profile = tempfile::tempdir().expect("a folder for a profile");
        let mut options: Vec<_> = OPTIONS.map(str::to_owned).into();
        options.push(format!("--user-data-dir={}", profile.path().display()));
        let mut chrome = json!({ "args": options });
        if let Some(named) = std::env::var_os(BROWSER) {
            chrome["binary"] = named.to_string_lossy().into();
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": chrome,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": {
                // What a click brings may be there a little later.
                "implicit": ROUND.as_millis(),
                "script": ROUND.as_millis(),
                "pageLoad": PATIENCE.as_millis(),
            },
        } } });
        let driver = Driver::start();
        let begun = driver.post("/session", &wanted).unwrap_or_else(|refused| {
            panic!("no browser: {}; {BROWSER} names another", refused.message)
        });
        let id = begun["sessionId"].as_str().expect("a session");
        let browser = Self {
            session: format!("/session/{id}"),
            driver,
            _profile: profile,
        };
        browser.look(Width::Wide, false);
        browser
    }

    /// Looks at pages from now on as wide as this, in light or dark.
    pub(crate) fn look(&self, width: Width, is_dark: bool) {
        let screen = json!({
            "width": width.pixels(), "height": 800, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let scheme = if is_dark { "dark" } else { "light" };
        // They lie over the page, as on a telephone.
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// Goes somewhere and waits until it is loaded.
    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// The same beside what is open, which stays open and is not seen any more.
    pub(crate) fn go_in_new_tab(&self, url: &str) {
        let tab = self.post("/window/new", &json!({ "type": "tab" }));
        self.post("/window", &json!({ "handle": tab["handle"] }));
        self.go(url);
    }

    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    pub(crate) fn url(&self) -> String {
        let url = self.get("/url");
        url.as_str().expect("an address").to_owned()
    }

    /// Waits until this address is shown: a form that was sent may have its
    /// answer a little later. Asks the browser and not the page, which may have
    /// its scripts switched off.
    pub(crate) fn arrives(&self, url: &str) {
        let began = Instant::now();
        while self.url() != url {
            assert!(began.elapsed() < PATIENCE, "{} and not {url}", self.url());
        }
    }

    /// Waits until a page has this element: like `until`, where the page has its
    /// scripts switched off and cannot wait itself.
    pub(crate) fn appears(&self, selector: &str) {
        let began = Instant::now();
        let body = json!({
            "script": "return document.querySelector(arguments[0]) !== null",
            "args": [selector],
        });
        loop {
            match self.driver.post(&self.path("/execute/sync"), &body) {
                Ok(Json::Bool(true)) => return,
                Err(refused) if !refused.may_pass() => failed(selector)(refused),
                Ok(_) | Err(_) => {
                    let waited = began.elapsed();
                    assert!(waited < PATIENCE, "no {selector} on {}", self.url());
                }
            }
        }
    }

    /// Runs a script in the page; gives what it returns.
    pub(crate) fn run(&self, script: &str) -> Json {
        self.run_with(script, &json!([]))
    }

    pub(crate) fn run_with(&self, script: &str, arguments: &Json) -> Json {
        let body = json!({ "script": script, "args": arguments });
        self.post("/execute/sync", &body)
    }

    /// Runs a script that calls `done` with what it gives.
    pub(crate) fn run_later(&self, script: &str) -> Json {
        let script = format!("const done = arguments[0];\n{script}");
        let timeout = |most: Duration| json!({ "script": most.as_millis() });
        self.post("/timeouts", &timeout(PATIENCE));
        let given = self.post("/execute/async", &json!({ "script": script, "args": [] }));
        self.post("/timeouts", &timeout(ROUND));
        given
    }

    /// Waits until an expression is true in the page, whichever page that is
    /// by then, and gives its value.
    pub(crate) fn until(&self, expression: &str) -> Json {
        // It looks again whenever anything changes, and now and then.
        let script = format!(
            "const done = arguments[0];
             const look = () => {{
               let value = null;
               try {{ value = {expression}; }} catch {{ return; }}
               if (!value) return;
               watch.disconnect();
               clearInterval(often);
               done(value === true ? true : value);
             }};
             const watch = new MutationObserver(look);
             const often = setInterval(look, 50);
             watch.observe(document, {{
               subtree: true, childList: true, attributes: true, characterData: true,
             }});
             look();"
        );
        let body = json!({ "script": script, "args": [] });
        let begun = Instant::now();
        loop {
            match self.driver.post(&self.path("/execute/async"), &body) {
                Ok(value) => return value,
                Err(refused) if refused.may_pass() && begun.elapsed() < PATIENCE => {}
                Err(refused) => panic!(
                    "not in time: {expression}\n{}: {}\non {}: {}",
                    refused.error,
                    refused.message,
                    self.url(),
                    self.text("body"),
                ),
            }
        }
    }

    /// The text of an element as it shows.
    pub(crate) fn text(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        let text = self.run_with(script, &json!([selector]));
        let text = text.as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {selector} on {}", self.url()))
    }

    pub(crate) fn has(&self, selector: &str) -> bool {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.run_with(script, &json!([selector])) == true
    }

    /// Clicks, and waits for the page that follows where one does.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into an input in the place of what is there.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/clear"), &json!({}));
        let keys = json!({ "text": text });
        self.post(&format!("/element/{element}/value"), &keys);
    }

    /// Presses one key, wherever the focus is.
    pub(crate) fn press(&self, key: char) {
        let key = key.to_string();
        let actions = json!([
            { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key },
        ]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// What the browser noted since this was asked last: what scripts wrote,
    /// what failed, what a policy forbade.
    pub(crate) fn log(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|one| one["message"].to_string())
            .collect()
    }

    /// What a page looks like down to its end, or as far as somebody scrolls for
    /// a first impression; as PNG in base64.
    pub(crate) fn picture(&self) -> String {
        let bottom = self.run_with(
            "return Math.min(arguments[0],
               Math.ceil(document.body.getBoundingClientRect().bottom + scrollY))",
            &json!([HIGHEST]),
        );
        let width = self.run("return document.documentElement.clientWidth");
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": bottom, "scale": 1 });
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let mut shot = self.devtools("Page.captureScreenshot", &shot);
        let Json::String(data) = shot["data"].take() else {
            panic!("no picture");
        };
        data
    }

    /// Asks the browser beside the protocol, as its own tools do.
    pub(crate) fn devtools(&self, command: &str, parameters: &Json) -> Json {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &body)
    }

    fn element(&self, selector: &str) -> String {
        let by = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", &by);
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    fn get(&self, path: &str) -> Json {
        self.driver
            .get(&self.path(path))
            .unwrap_or_else(failed(path))
    }

    fn post(&self, path: &str, body: &Json) -> Json {
        let answered = self.driver.post(&self.path(path), body);
        answered.unwrap_or_else(failed(path))
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.session)
    }
}

impl Refused {
    /// Whether it was not so yet, or the page that was asked has gone: then its
    /// successor is asked.
    fn may_pass(&self) -> bool {
        let gone = ["unloaded", "Cannot find context", "context was destroyed"];
        self.error == "script timeout" || gone.iter().any(|one| self.message.contains(one))
    }
}

fn failed<T>(path: &str) -> impl FnOnce(Refused) -> T {
    move |refused| panic!("{path}: {}: {}", refused.error, refused.message)
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser; it is ended itself afterwards.
        let _ = self.driver.delete(&self.session);
    }
}
