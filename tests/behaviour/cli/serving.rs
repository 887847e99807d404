//! A host process, as `lombard serve` begins it.
//!
//! Owns: beginning it, asking it and telling it to end. Must not know: what it
//! is asked for.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use super::{Ran, User};

/// A host process, which ends with its test.
pub(crate) struct Serving {
    /// Until it was waited for.
    child: Option<Child>,
    /// What it printed as it began to listen.
    pub(super) said: Json,
}

impl Serving {
    pub(crate) fn begin(user: &User) -> Self {
        Self::begin_with(user, &[])
    }

    pub(super) fn begin_with(user: &User, more: &[&str]) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--json"];
        let mut command = user.command(&[&arguments, more].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut text = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        // The document ends with its brace, and the process goes on.
        while !text.ends_with("}\n") {
            let read = stdout.read_line(&mut text).expect("it can be read");
            assert!(read > 0, "it ended: {text} {:?}", child.wait_with_output());
        }
        let said = serde_json::from_str(&text).expect("a document");
        let child = Some(child);
        Self { child, said }
    }

    /// The operator's token, which the first process on a database shows.
    pub(crate) fn token(&self) -> &str {
        self.said["token"].as_str().expect("the first token")
    }

    pub(crate) fn address(&self) -> &str {
        let url = self.said["listening"].as_str().expect("an address");
        url.strip_prefix("http://").expect("HTTP")
    }

    /// The status of the answer to GET.
    pub(super) fn get(&self, path: &str, token: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address()).expect("it listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n",
            self.address()
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer.split(' ').nth(1).expect("a status");
        status.parse().expect("a number")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("nobody waited for it");
        kill_process(Pid::from_child(child), signal).expect("it lives");
    }

    pub(crate) fn ends(mut self) -> Ran {
        let child = self.child.take().expect("nobody waited for it");
        Ran::of(child.wait_with_output().expect("it ends"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended already does as well.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
