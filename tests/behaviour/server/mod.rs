//! The host over HTTP, as a dashboard or a script sees it.
//!
//! Owns: a server on a throw-away database, and a client that takes what comes
//! as it is. Must not know: how a request is answered.

mod document;
mod errors;
mod events;
mod jobs;
mod metrics;
mod parts;
mod plugins;
mod random;
mod settings;
mod stops;
mod views;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use lombard_model::dataset::Dataset;
use lombard_model::{Grants, Role};
use lombard_runtime::Host;
use lombard_scheduler::{Scheduler, SchedulerOptions};
use lombard_server::{Served, Server, ServerError, ServerOptions, give_token};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::cli::books::with_alpaca_and_bars;
use crate::support::books::read;
use crate::support::{PATIENCE, Setup, files, in_time};

/// A key that must never come out.
const HIDDEN: &str = "hidden-key-5147";

/// Where the API is.
const API: &str = "/api/v1";

/// A server that runs, and its host.
struct Serving {
    host: Arc<Host>,
    scheduler: Option<Arc<Scheduler>>,
    address: SocketAddr,
    token: String,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), ServerError>>,
    folder: TempDir,
}

/// What a request was answered with.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Serving {
    /// With accounts at both brokers, experts of every kind and bars; account 2
    /// has a secret. Views and reads are kept, as in a host that serves.
    async fn begin() -> Self {
        let setup = Setup {
            share_reads: true,
            ..Setup::default()
        };
        let mut document = with_alpaca_and_bars();
        document["accounts"][1]["settings"] = serde_json::json!({"api_key": HIDDEN});
        Self::of(setup, read(&document)).await
    }

    async fn of(setup: Setup, dataset: Dataset) -> Self {
        Self::with(setup, dataset, PATIENCE).await
    }

    /// One that gives this grace at its end.
    async fn with(setup: Setup, dataset: Dataset, grace: Duration) -> Self {
        let (folder, host) = opened(setup, dataset).await;
        Self::serve(folder, host, None, grace).await
    }

    /// One that also runs jobs.
    async fn scheduled(setup: Setup, dataset: Dataset) -> Self {
        let (folder, host) = opened(setup, dataset).await;
        let scheduler = Scheduler::start(Arc::clone(&host), SchedulerOptions::default()).await;
        let scheduler = Some(Arc::new(scheduler.expect("it starts")));
        Self::serve(folder, host, scheduler, PATIENCE).await
    }

    async fn serve(
        folder: TempDir,
        host: Arc<Host>,
        scheduler: Option<Arc<Scheduler>>,
        grace: Duration,
    ) -> Self {
        let options = ServerOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            grace,
        };
        let token = give_token(&host, "tests", Role::Operator).await;
        let token = token.expect("a token").expect("the name is free");
        let served = Served {
            host: Arc::clone(&host),
            scheduler: scheduler.clone(),
            run_token: None,
        };
        let server = Server::bind(served, &options).await;
        let server = server.expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        Self {
            host,
            scheduler,
            address: server.address(),
            token: token.reveal().to_owned(),
            stop: Some(stop),
            running: tokio::spawn(server.run(async {
                // A test that fails drops it.
                let _ = stopped.await;
            })),
            folder,
        }
    }

    async fn install(&self, bytes: Vec<u8>) {
        let installed = self.host.install(bytes, Grants::all()).await;
        installed.expect("the plugin is installed");
    }

    async fn install_guest(&self, name: &str) {
        self.install(files::guest(name)).await;
    }

    /// Sends a request by an operator; gives the beginning of the answer.
    async fn open(&self, mut request: Request<Full<Bytes>>) -> Response<Incoming> {
        let bearer = format!("Bearer {}", self.token).parse();
        let bearer = bearer.expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let stream = TcpStream::connect(self.address).await.expect("a server");
        let handshake = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.expect("a connection");
        tokio::spawn(connection);
        let sent = in_time(sender.send_request(request)).await;
        sent.expect("an answer")
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("a request");
        let (head, body) = self.open(request).await.into_parts();
        let body = in_time(body.collect()).await.expect("a whole answer");
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_bytes(),
        }
    }

    /// Asks for something of the API.
    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, &format!("{API}{path}"), &[], "")
            .await
    }

    /// Asks for something of the API that has to be there.
    async fn json(&self, path: &str) -> Json {
        self.get(path).await.json(200)
    }

    /// Sends JSON to the API.
    async fn call(&self, method: Method, path: &str, body: &Json) -> Answer {
        let json = [("content-type", "application/json")];
        let path = format!("{API}{path}");
        self.send(method, &path, &json, body.to_string()).await
    }

    /// Ends what runs jobs; the server goes on.
    async fn end_scheduler(&self) {
        if let Some(scheduler) = &self.scheduler {
            in_time(scheduler.stop(Duration::ZERO)).await;
        }
    }

    /// Tells it to stop, and waits for the end.
    async fn stop(mut self) -> Result<(), ServerError> {
        self.end_scheduler().await;
        drop(self.stop.take());
        in_time(self.running).await.expect("it does not panic")
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().expect("a text"))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a text")
    }

    /// The document of an answer that has to have this status.
    #[track_caller]
    fn json(&self, status: u16) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The words of a problem, which has to be one of this kind.
    #[track_caller]
    fn problem(&self, status: u16, kind: &str) -> String {
        let problem = self.json(status);
        let said = self.header("content-type");
        assert_eq!(said, Some("application/problem+json"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], kind, "{problem}");
        let words = problem["detail"].as_str().expect("words");
        assert!(
            !words.is_empty() && problem["title"].is_string(),
            "{problem}"
        );
        words.to_owned()
    }
}

/// A host on a database with this in it.
async fn opened(setup: Setup, dataset: Dataset) -> (TempDir, Arc<Host>) {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Arc::new(setup.open_in(folder.path()).await);
    host.import(dataset).await.expect("the dataset is imported");
    (folder, host)
}

/// The objects of a list in an answer.
#[track_caller]
fn list<'a>(of: &'a Json, key: &str) -> &'a [Json] {
    of[key]
        .as_array()
        .unwrap_or_else(|| panic!("no {key}: {of}"))
}
