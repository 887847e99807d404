//! HTTP as bytes: what a well-behaved client would not send can be sent too.
//!
//! Owns: a server on a host of a test's, and one request over a connection of
//! its own. Must not know: what is asked for.

use std::fmt::Write as _;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use lombard_model::Role;
use lombard_runtime::Host;
use lombard_server::{Server, ServerError, ServerOptions, give_token};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::in_time;

/// A server that is running.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) operator: String,
    pub(crate) viewer: String,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ServerError>>,
}

impl Running {
    /// Serves this host, with a token of each role.
    pub(crate) async fn serve(host: &Arc<Host>) -> Self {
        let options = ServerOptions {
            listen: "127.0.0.1:0".parse().expect("an address"),
            ..ServerOptions::default()
        };
        Self::serve_with(host, &options).await
    }

    pub(crate) async fn serve_with(host: &Arc<Host>, options: &ServerOptions) -> Self {
        let operator = token(host, "an operator", Role::Operator).await;
        let viewer = token(host, "a viewer", Role::Viewer).await;
        let server = Server::bind(Arc::clone(host), options).await;
        let server = server.expect("it listens");
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.run(async {
            // Dropping it stops the server as well.
            let _ = stopped.await;
        }));
        Self {
            address,
            operator,
            viewer,
            stop: Some(stop),
            serving,
        }
    }

    /// Tells it to stop; gives what comes of it.
    pub(crate) fn stop(mut self) -> impl Future<Output = Result<(), ServerError>> {
        self.stop = None;
        async move { in_time(self.serving).await.expect("it does not panic") }
    }

    /// One request with these headers; gives the answer.
    pub(crate) async fn ask(
        &self,
        request_line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut text = format!("{request_line} HTTP/1.1\r\nConnection: close\r\n");
        let has = |name: &str| {
            headers
                .iter()
                .any(|(one, _)| one.eq_ignore_ascii_case(name))
        };
        if !has("host") {
            let _ = write!(text, "Host: {}\r\n", self.address);
        }
        if !has("content-length") && !body.is_empty() {
            let _ = write!(text, "Content-Length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        text.push_str(body);
        self.send(text.as_bytes()).await
    }

    /// One request by whoever has this token.
    pub(crate) async fn ask_as(&self, token: &str, request_line: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("Authorization", &*bearer),
            ("Content-Type", "application/json"),
        ];
        self.ask(request_line, &headers, body).await
    }

    /// Sends these bytes and reads until the server closes.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("a connection");
        // It may answer and close before it has read all.
        let _ = stream.write_all(bytes).await;
        let mut read = Vec::new();
        let _ = in_time(stream.read_to_end(&mut read)).await;
        Answer::of(&read)
    }
}

async fn token(host: &Host, name: &str, role: Role) -> String {
    let given = give_token(host, name, role).await.expect("a token");
    given.expect("the name is free").reveal().to_owned()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 where the connection was closed without one.
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.find_map(|(one, value)| one.eq_ignore_ascii_case(name).then_some(value))
    }
}
