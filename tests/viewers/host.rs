//! The host that is looked at: a process of its own, as an operator starts it.
//!
//! Owns: its database, its token, what it has used, a commit. Must not know: who
//! looks.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hyper::Method;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::viewer::Connection;

/// Ticks of the processor's clock in a second, where processes are told of it.
const TICKS: u64 = 100;

/// The host, and what it stands on.
pub(crate) struct Host {
    process: Child,
    pub(crate) address: String,
    pub(crate) token: String,
    _folder: TempDir,
}

/// What a host has used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) processor: Duration,
    /// Those that calls of plugins opened.
    pub(crate) sessions: u64,
}

impl Host {
    /// A host on a book of 200 transactions, as `lombard bench` makes it.
    pub(crate) async fn begin() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(told)?;
        let binary = std::env::var_os("LOMBARD_BIN").ok_or("LOMBARD_BIN names the binary")?;
        let run = |arguments: &[&str]| {
            let mut command = Command::new(PathBuf::from(&binary));
            command.args(arguments).current_dir(folder.path());
            command.stdin(Stdio::null()).stderr(Stdio::null());
            command.env("LOMBARD_DB", folder.path().join("bench-200.sqlite"));
            command.env("LOMBARD_CACHE", folder.path().join("compiled"));
            command
        };
        let bench = [
            "bench",
            "--transactions",
            "200",
            "--renders",
            "1",
            "--keep",
            ".",
        ];
        let made = run(&bench).output().map_err(told)?;
        if !made.status.success() {
            return Err("the book could not be made".to_owned());
        }
        let serve = ["serve", "--listen", "127.0.0.1:0", "--json"];
        let mut process = run(&serve).stdout(Stdio::piped()).spawn().map_err(told)?;
        let mut said = String::new();
        let stdout = process.stdout.take().ok_or("it says nothing")?;
        let mut stdout = BufReader::new(stdout);
        while !said.ends_with("}\n") {
            if stdout.read_line(&mut said).map_err(told)? == 0 {
                return Err("the host ended".to_owned());
            }
        }
        let said: Json = serde_json::from_str(&said).map_err(told)?;
        let text = |key: &str| {
            said[key]
                .as_str()
                .map(str::to_owned)
                .ok_or(format!("no {key}"))
        };
        Ok(Self {
            process,
            address: text("listening")?.trim_start_matches("http://").to_owned(),
            token: text("token")?,
            _folder: folder,
        })
    }

    /// What it has used so far.
    pub(crate) async fn usage(&self) -> Result<Usage, String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.map_err(told)?;
        // The name, which may have spaces, ends with the last parenthesis.
        let (_, fields) = stat.rsplit_once(')').ok_or("no fields")?;
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|one| one.parse::<u64>().ok()).sum();
        let mut connection = Connection::to(&self.address).await?;
        let metrics = connection
            .ask(&self.bearer(Method::GET, "/metrics", &[]), "")
            .await?;
        let lines = metrics.body.lines();
        let of_calls = lines.filter(|line| line.starts_with("lombard_call_sessions_total{"));
        let sessions = of_calls.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
        Ok(Usage {
            processor: Duration::from_millis(ticks * 1_000 / TICKS),
            sessions: sessions.sum(),
        })
    }

    /// Changes something that the widgets may show.
    pub(crate) async fn commit(&self, turn: u64) -> Result<(), String> {
        let mut connection = Connection::to(&self.address).await?;
        let path = "/api/v1/experts/1/settings";
        let seen = connection
            .ask(&self.bearer(Method::GET, path, &[]), "")
            .await?;
        let tag = seen.header("etag").ok_or("no tag")?.to_owned();
        let body = json!({ "min_confidence": format!("{}", turn % 2) }).to_string();
        let headers = [
            ("if-match", tag.as_str()),
            ("content-type", "application/json"),
        ];
        let saved = connection
            .ask(&self.bearer(Method::PATCH, path, &headers), &body)
            .await?;
        match saved.status {
            200 => Ok(()),
            status => Err(format!("{status}: {}", saved.body)),
        }
    }

    fn bearer(&self, method: Method, path: &str, more: &[(&str, &str)]) -> crate::viewer::Request {
        let mut request = crate::viewer::Request::new(method, path);
        request.header("authorization", &format!("Bearer {}", self.token));
        for (name, value) in more {
            request.header(name, value);
        }
        request
    }

    /// Ends it.
    pub(crate) fn end(&self) -> Result<(), String> {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(told)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
