//! One who looks, as a browser does it: a cookie, a connection for the events
//! and one for everything else, and what is at hand is not sent again.
//!
//! Owns: the requests and how long each took. Must not know: when who looks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use crate::host::Host;

/// How long anything may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the pages load besides themselves, the first time.
const PANELS: [&str; 3] = [
    "/panels/balance-usage-per-expert",
    "/panels/floating-pl-per-account",
    "/panels/floating-pl-per-expert",
];

/// What was seen: how long each request took, and how many failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) times: Vec<Duration>,
    pub(crate) failed: u64,
    /// Why the first one did.
    pub(crate) why: Option<String>,
}

impl Seen {
    fn fails(&mut self, why: &str) {
        self.failed += 1;
        self.why.get_or_insert_with(|| why.to_owned());
    }

    fn add(&mut self, other: &Self) {
        if self.why.is_none() {
            self.why.clone_from(&other.why);
        }
        self.times.extend(&other.times);
        self.failed += other.failed;
    }
}

/// A request before it is sent.
pub(crate) struct Request {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: vec![("host".to_owned(), "localhost".to_owned())],
        }
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: hyper::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A connection that is kept.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn to(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(told)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(told)?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// The beginning of an answer.
    async fn open(&mut self, request: &Request, body: &str) -> Result<Response<Incoming>, String> {
        let mut made = hyper::Request::builder()
            .method(request.method.clone())
            .uri(&request.path);
        for (name, value) in &request.headers {
            made = made.header(name, value);
        }
        let made = made.body(Full::from(body.to_owned())).map_err(told)?;
        // The end of the last answer may still be on its way.
        self.0.ready().await.map_err(told)?;
        let sent = tokio::time::timeout(PATIENCE, self.0.send_request(made)).await;
        sent.map_err(told)?.map_err(told)
    }

    pub(crate) async fn ask(&mut self, request: &Request, body: &str) -> Result<Answer, String> {
        let (head, body) = self.open(request, body).await?.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect()).await;
        let body = body.map_err(told)?.map_err(told)?.to_bytes();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

/// One who looks.
pub(crate) struct Viewer {
    cookie: String,
    connection: Connection,
    events: Incoming,
    /// The tags of what is at hand.
    tags: HashMap<String, String>,
    seen: Seen,
}

impl Viewer {
    /// Logs in, loads the page and follows the events.
    async fn begin(host: &Host) -> Result<Self, String> {
        let mut connection = Connection::to(&host.address).await?;
        let mut login = Request::new(Method::POST, "/login");
        login.header("content-type", "application/x-www-form-urlencoded");
        let answer = connection
            .ask(&login, &format!("token={}", host.token))
            .await?;
        let cookie = answer.header("set-cookie").ok_or("nobody was logged in")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let mut follow = Request::new(Method::GET, "/api/v1/events");
        follow.header("cookie", &cookie);
        let mut line = Connection::to(&host.address).await?;
        let events = line.open(&follow, "").await?.into_body();
        let mut viewer = Self {
            cookie,
            connection,
            events,
            tags: HashMap::new(),
            seen: Seen::default(),
        };
        // The greeting.
        viewer.events.frame().await;
        viewer.get("/").await;
        Ok(viewer)
    }

    /// Asks for a page or a panel, with what is at hand, and takes the time.
    async fn get(&mut self, path: &str) {
        let mut request = Request::new(Method::GET, path);
        request.header("cookie", &self.cookie);
        request.header("accept", "text/html");
        request.header("accept-encoding", "gzip");
        if let Some(tag) = self.tags.get(path) {
            request.header("if-none-match", tag);
        }
        let began = Instant::now();
        let answer = self.connection.ask(&request, "").await;
        self.seen.times.push(began.elapsed());
        match answer {
            Ok(answer) if [200, 304].contains(&answer.status) => {
                if let Some(tag) = answer.header("etag") {
                    self.tags.insert(path.to_owned(), tag.to_owned());
                }
            }
            Ok(answer) => self.seen.fails(&format!("{path}: {}", answer.status)),
            Err(error) => self.seen.fails(&format!("{path}: {error}")),
        }
    }

    /// Looks at the whole page.
    pub(crate) async fn look(&mut self, _until: tokio::time::Instant) {
        self.get("/").await;
    }

    /// Waits for a change, then fetches each panel.
    pub(crate) async fn follow(&mut self, until: tokio::time::Instant) {
        let Ok(Some(Ok(frame))) = timeout_at(until, self.events.frame()).await else {
            return;
        };
        let data = frame.into_data().unwrap_or_default();
        if String::from_utf8_lossy(&data).contains("event: change") {
            for panel in PANELS {
                self.get(panel).await;
            }
        }
    }
}

/// All who look.
pub(crate) struct Viewers(Vec<Arc<tokio::sync::Mutex<Viewer>>>);

impl Viewers {
    /// So many log in at once; gives what their first pages took.
    pub(crate) async fn log_in(host: &Host, many: usize) -> Result<(Seen, Self), String> {
        let begun = join_all((0..many).map(|_| Viewer::begin(host))).await;
        let mut first = Seen::default();
        let mut all = Vec::new();
        for viewer in begun {
            let mut viewer = viewer?;
            first.add(&std::mem::take(&mut viewer.seen));
            all.push(Arc::new(tokio::sync::Mutex::new(viewer)));
        }
        Ok((first, Self(all)))
    }

    /// Has each do this again and again for so long, at most this often.
    pub(crate) async fn each(
        &self,
        length: Duration,
        what: impl AsyncFn(&mut Viewer, tokio::time::Instant),
        every: Option<Duration>,
    ) -> Seen {
        let until = tokio::time::Instant::now() + length;
        let many = u32::try_from(self.0.len()).unwrap_or(u32::MAX).max(1);
        let turns = self.0.iter().enumerate().map(async |(at, viewer)| {
            let mut viewer = viewer.lock().await;
            // They do not all look at the same moment.
            let late = every.map(|every| every * u32::try_from(at).unwrap_or(0) / many);
            tokio::time::sleep(late.unwrap_or_default()).await;
            while tokio::time::Instant::now() < until {
                let next = tokio::time::Instant::now() + every.unwrap_or_default();
                what(&mut viewer, until).await;
                tokio::time::sleep_until(next.min(until)).await;
            }
            std::mem::take(&mut viewer.seen)
        });
        let mut all = Seen::default();
        for seen in join_all(turns).await {
            all.add(&seen);
        }
        all
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
