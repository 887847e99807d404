//! A WebDriver's process, and asking it.
//!
//! Owns: starting it on a port that it picks, one request and its answer, and
//! its end. Must not know: what is asked.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

/// The variable that names another driver.
const DRIVER: &str = "LOMBARD_CHROMEDRIVER";

/// How long one request may take. Nothing that a test waits for takes as long.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many drivers are started until one has a port.
const STARTS: usize = 8;

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
        Self::start_of(&named)
    }

    /// Starts this program. It takes a free port of one protocol and then the same
    /// of the other, which somebody else may have: then it ends, and another one
    /// finds another port.
    fn start_of(program: &OsStr) -> Self {
        let mut said = Vec::new();
        for _ in 0..STARTS {
            match Self::listening(program) {
                Ok(driver) => return driver,
                Err(lines) => said = lines,
            }
            if !said.iter().any(|line| line.contains("port not available")) {
                break;
            }
        }
        panic!("the driver does not say on which port it listens, but: {said:#?}");
    }

    /// Or what it said until it ended.
    fn listening(program: &OsStr) -> Result<Self, Vec<String>> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!(
                "no driver for a browser: {}: {error}; `cargo xtask test` installs one where it \
                 can, and {DRIVER} names another",
                program.display()
            )
        });
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let mut said = Vec::new();
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(port) = port_in(&line) {
                let config = ureq::Agent::config_builder()
                    .http_status_as_error(false)
                    .timeout_global(Some(PATIENCE))
                    .proxy(None);
                return Ok(Self {
                    child,
                    address: format!("http://127.0.0.1:{port}"),
                    agent: config.build().into(),
                    _said: lines,
                });
            }
            said.push(line);
        }
        // It has ended: nobody else closes its output.
        let _ = child.wait();
        Err(said)
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

#[test]
fn a_driver_whose_port_is_taken_is_followed_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let started = |text: &str| {
        let script = format!("#!/bin/sh\ncd {}\n{text}", at.display());
        // Written by another process: one that another test starts meanwhile would
        // have the file open for a moment, and it could not be run.
        let mut write = Command::new("sh");
        write.args(["-c", "printf %s \"$1\" > driver && chmod 700 driver", "sh"]);
        let written = write.arg(script).current_dir(at).status().unwrap();
        assert!(written.success());
        let program = at.join("driver");
        std::panic::catch_unwind(|| Driver::start_of(program.as_os_str()).address.clone())
    };
    let address = started(
        "if mkdir first; then echo IPv6 port not available. Exiting...; exit 1; fi\n\
         echo ChromeDriver was started successfully on port 9.\nexec sleep 60\n",
    );
    assert_eq!(address.unwrap(), "http://127.0.0.1:9");
    // What ends for another reason is not started again.
    assert!(started("mkdir second && exit 1\necho started successfully on port 9.\n").is_err());
}
