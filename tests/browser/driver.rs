//! A WebDriver's process, and asking it.
//!
//! Owns: starting it on a port that it picks, one request and its answer, and
//! its end. Must not know: what is asked.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

/// The variable that names another driver.
const DRIVER: &str = "LOMBARD_CHROMEDRIVER";

/// How long one request may take. Nothing that a test waits for takes as long.
const PATIENCE: Duration = Duration::from_secs(120);

/// A driver that listens, until this is dropped.
pub(crate) struct Driver {
    child: Child,
    address: String,
    agent: ureq::Agent,
    // A driver whose output nobody takes may stop.
    _said: Lines<BufReader<ChildStdout>>,
}

/// What a driver refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The kind, as the protocol names it.
    pub(crate) error: String,
    /// What it says of it.
    pub(crate) message: String,
}

impl Driver {
    pub(crate) fn start() -> Self {
        let named = std::env::var_os(DRIVER).unwrap_or_else(|| "chromedriver".into());
        let mut command = Command::new(&named);
        command.arg("--port=0").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!(
                "no driver for a browser: {}: {error}; `cargo xtask test` installs one where it \
                 can, and {DRIVER} names another",
                named.display()
            )
        });
        let stdout = child.stdout.take().expect("it is piped");
        let mut said = BufReader::new(stdout).lines();
        let mut said_lines = said.by_ref().map_while(Result::ok);
        let port = said_lines.find_map(|line| port_in(&line));
        let port = port.expect("the driver says on which port it listens");
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None);
        Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
            agent: config.build().into(),
            _said: said,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Json, Refused> {
        let request = self.agent.get(format!("{}{path}", self.address));
        answer(request.call())
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Result<Json, Refused> {
        let request = self.agent.post(format!("{}{path}", self.address));
        let request = request.header("content-type", "application/json");
        answer(request.send(body.to_string()))
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Json, Refused> {
        let request = self.agent.delete(format!("{}{path}", self.address));
        answer(request.call())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in the line that tells it.
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

fn answer(
    answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Json, Refused> {
    let broken = |error: &dyn std::fmt::Display| Refused {
        error: "no answer".to_owned(),
        message: error.to_string(),
    };
    let mut answered = answered.map_err(|error| broken(&error))?;
    let body = answered.body_mut().with_config().limit(64 << 20);
    let text = body.read_to_string().map_err(|error| broken(&error))?;
    let mut document: Json = serde_json::from_str(&text).map_err(|error| broken(&error))?;
    let value = document["value"].take();
    if answered.status().is_success() {
        return Ok(value);
    }
    let said = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Err(Refused {
        error: said("error"),
        message: said("message"),
    })
}
