//! Listening, and stopping.
//!
//! Owns: the address, what a connection may take, the layers that every
//! request goes through, and the end: no new work, and what has begun ends
//! within the grace period. Must not know: what an address answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method, Request, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use lombard_runtime::Host;
use lombard_scheduler::Scheduler;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::{App, Shared};
use crate::auth::{self, Peer, Token};
use crate::{ServerError, api, dashboard, health, metrics, rules};

/// Bytes of the head of a request.
const HEAD: usize = 32 << 10;

/// Headers of a request.
const HEADERS: usize = 64;

/// How long the head of a request, and each part of its body, may take.
const SLOWEST: Duration = Duration::from_secs(10);

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 1_024;

/// How a server listens.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where.
    pub listen: SocketAddr,
    /// How long requests that have begun may take once it is told to stop.
    pub grace: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7878)),
            grace: Duration::from_secs(10),
        }
    }
}

/// What is served.
#[derive(Clone, Debug)]
pub struct Served {
    /// The host.
    pub host: Arc<Host>,
    /// What runs its experts, where anything does.
    pub scheduler: Option<Arc<Scheduler>>,
    /// An operator's token that holds as long as this server, for the command
    /// line on this machine. It is known in memory only.
    pub run_token: Option<Token>,
}

impl From<Arc<Host>> for Served {
    fn from(host: Arc<Host>) -> Self {
        Self {
            host,
            scheduler: None,
            run_token: None,
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Shared,
    grace: Duration,
}

impl Server {
    /// Begins to listen; nobody is answered before [`Server::run`].
    ///
    /// # Errors
    /// Where the address can't be listened at, or nobody could log in and it is
    /// one that others than this machine can reach.
    pub async fn bind(
        served: impl Into<Served>,
        options: &ServerOptions,
    ) -> Result<Self, ServerError> {
        let served = served.into();
        if !options.listen.ip().is_loopback() {
            let mut session = served.host.session("who may ask");
            let tokens = session.access_tokens().await?;
            session.end();
            if tokens.is_empty() {
                return Err(ServerError::Open {
                    address: options.listen,
                });
            }
        }
        let failed = |source| ServerError::Listen {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            app: App::new(served, options.listen),
            grace: options.grace,
        })
    }

    /// Where it listens: with the port that was given where it asked for any.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` comes, and then what has begun.
    ///
    /// # Errors
    /// Where requests did not end in time.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServerError> {
        let mut connections = Connections::new(router(&self.app));
        tokio::select! {
            () = connections.accept(&self.listener) => {}
            () = stop => {}
        }
        self.app.stop();
        drop(self.listener);
        connections.end(self.grace).await
    }
}

/// The connections that are being answered.
struct Connections {
    router: Router,
    graceful: GracefulShutdown,
    places: Arc<Semaphore>,
    /// Each ends by itself, or with this.
    tasks: JoinSet<()>,
}

impl Connections {
    fn new(router: Router) -> Self {
        Self {
            router,
            graceful: GracefulShutdown::new(),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            tasks: JoinSet::new(),
        }
    }

    /// Accepts for ever.
    async fn accept(&mut self, listener: &TcpListener) {
        // They are never closed.
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, peer)) => self.begin(stream, peer, place),
                Err(error) => {
                    // Out of descriptors, say: those there are go on.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        while self.tasks.try_join_next().is_some() {}
        let router = self.router.clone();
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            router.clone().oneshot(request.map(Body::new))
        });
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            .header_read_timeout(SLOWEST)
            .max_headers(HEADERS)
            .max_buf_size(HEAD);
        // Who asks and does not read what is answered keeps no place either.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(SLOWEST));
        let stream = TokioIo::new(Box::pin(stream));
        let serving = protocol.serve_connection(stream, answer);
        let serving = self.graceful.watch(serving);
        self.tasks.spawn(async move {
            if let Err(error) = serving.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(place);
        });
    }

    /// Lets what has begun end, and cuts off what does not in time.
    async fn end(mut self, grace: Duration) -> Result<(), ServerError> {
        let ended = tokio::time::timeout(grace, self.graceful.shutdown()).await;
        // With them go the calls that they wait for, and their sessions.
        self.tasks.shutdown().await;
        ended.map_err(|_| ServerError::CutOff { grace })
    }
}

/// For an address that is none: people are told on a page.
async fn nothing_here(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    asked: dashboard::Asked,
) -> Response {
    let is_of_the_api = uri.path().starts_with("/api/");
    match !is_of_the_api && rules::wants_a_page(&method, &headers) {
        true => dashboard::nothing_here(&asked),
        false => rules::nothing_here().into_response(),
    }
}

/// Everything that is answered, from the outermost layer inwards: what a
/// browser is told, what may be asked for at all, who asks, and the answer.
fn router(app: &Shared) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(auth::routes())
        .merge(api::routes())
        .merge(dashboard::routes())
        .merge(metrics::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(rules::not_with_this_method)
        .layer(DefaultBodyLimit::max(rules::LARGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(app), auth::guard))
        .layer(from_fn(rules::apply))
        .layer(RequestBodyTimeoutLayer::new(SLOWEST))
        .layer(CatchPanicLayer::custom(rules::panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(auth::say_what_is_allowed))
        .with_state(Arc::clone(app))
}
