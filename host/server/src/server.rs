//! Listening, and stopping.
//!
//! Owns: the address, the layers that every request goes through, and the end:
//! no new work, what has begun ends within the grace period, then everything
//! that is left to write is written. Must not know: what an address answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use lombard_runtime::Host;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::{App, Shared};
use crate::{ServerError, api, dashboard, health};

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
    /// Where the address can't be listened at.
    pub async fn bind(host: Arc<Host>, options: &ServerOptions) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Listen {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            app: App::new(host),
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
    /// Where connections can't be accepted, or requests did not end in time.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let app = Arc::clone(&self.app);
        let (told, mut stopping) = tokio::sync::watch::channel(false);
        let graceful = async move {
            stop.await;
            app.stop();
            // Nobody waits for it where serving has ended already.
            let _ = told.send(true);
        };
        let serving = axum::serve(self.listener, router(self.app)).with_graceful_shutdown(graceful);
        let late = async {
            // An error means that it ended without being told to.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(self.grace).await;
        };
        tokio::select! {
            served = serving => served.map_err(ServerError::Accept),
            () = late => Err(ServerError::CutOff { grace: self.grace }),
        }
    }
}

fn router(app: Shared) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(api::routes())
        .merge(dashboard::routes())
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(app)
}
