//! `lombard serve`.
//!
//! The first signal to end lets what has begun end; the second ends at once.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use lombard_scheduler::{Scheduler, SchedulerOptions};
use lombard_server::{Served, Server, ServerError, ServerOptions, Token, give_first_token};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::client::RunFile;
use crate::context::Context;

pub(super) async fn run(context: &Context, options: &ServerOptions) -> anyhow::Result<()> {
    let host = context
        .progress
        .during("opening the database", context.host())
        .await?;
    let host = Arc::new(host);
    let served = match Scheduler::start(Arc::clone(&host), SchedulerOptions::default()).await {
        Ok(scheduler) => {
            let scheduler = Arc::new(scheduler);
            let served = Served {
                host: Arc::clone(&host),
                scheduler: Some(Arc::clone(&scheduler)),
                run_token: None,
            };
            let served = serve(context, served, options).await;
            scheduler.stop(options.grace).await;
            served
        }
        Err(error) => Err(error.into()),
    };
    host.close().await;
    served
}

async fn serve(
    context: &Context,
    mut served: Served,
    options: &ServerOptions,
) -> anyhow::Result<()> {
    let mut told = Told::listen().context("signals can't be listened to")?;
    // Where others can reach it, the first token is made before, by hand.
    let first = match options.listen.ip().is_loopback() {
        true => give_first_token(&served.host).await?,
        false => None,
    };
    let token = Token::generate().map_err(ServerError::Random)?;
    served.run_token = Some(token.clone());
    let database = served.host.store().location().path().to_owned();
    let server = Server::bind(served, options).await?;
    let announced = RunFile::write(&database, server.address(), &token)?;
    tell(context, server.address(), first.as_ref())?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = server.run(async {
        // It is dropped only by the end of serving.
        let _ = stopped.await;
    });
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return Ok(served?),
        () = told.again() => {}
    }
    // Who comes from now on opens the database itself.
    drop(announced);
    context
        .output
        .note("stopping: what has begun ends first; again to stop at once");
    drop(stop);
    tokio::select! {
        served = serving => Ok(served?),
        () = told.again() => {
            // What calls had begun is not waited for; a write that was
            // acknowledged is in the database.
            std::process::exit(1);
        }
    }
}

/// Says where it listens and, once, the token that was made.
fn tell(context: &Context, address: SocketAddr, first: Option<&Token>) -> anyhow::Result<()> {
    let url = format!("http://{address}");
    context.output.result(
        || json!({ "listening": url, "token": first.map(Token::reveal) }),
        |_| match first {
            Some(token) => format!(
                "listening at {url}\nthe operator's token, shown this once: {}\n",
                token.reveal()
            ),
            None => format!("listening at {url}\n"),
        },
    )
}

/// The signals by which a process is told to end.
struct Told {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Told {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    async fn again(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
