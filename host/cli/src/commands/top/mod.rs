//! `lombard top`: a host that runs, looked at again and again.
//!
//! Owns: when the host is asked, and when it ends. What is seen is `state.rs`,
//! how it looks `frame.rs`, the terminal `screen.rs`.

mod frame;
mod screen;
mod state;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use super::source::running;
use crate::arguments::TopOptions;
use crate::client::Client;
use crate::context::Context;
use crate::failure;
use frame::Shown;
use state::{Order, State};

/// What came of looking: what there is, or why nothing is seen.
type Looked = Result<State, String>;

pub(super) async fn run(context: &Context, options: TopOptions) -> anyhow::Result<()> {
    let client = running(context).await?;
    if options.once || context.output.is_json() || !io::stdout().is_terminal() {
        return once(context, &client).await;
    }
    let mut told = Told::listen().context("signals can't be listened to")?;
    let (looked, looks) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let shown = Shown::of(client.address(), Order::default());
    let (style, stopped) = (context.output.style(), Arc::clone(&stop));
    let watch = move || screen::watch(shown, &looks, style, &stopped);
    let mut watching = tokio::task::spawn_blocking(watch);
    tokio::select! {
        watched = &mut watching => return watched.context("the screen failed")?,
        () = look_on(context, client, options, &looked) => {}
        () = told.again() => {}
    }
    // It gives the terminal back first.
    stop.store(true, Ordering::Relaxed);
    watching.await.context("the screen failed")?
}

async fn once(context: &Context, client: &Client) -> anyhow::Result<()> {
    let mut state = State::of(client).await?;
    state.sort(Order::default());
    let mut shown = Shown::of(client.address(), Order::default());
    shown.take(Ok(state));
    let Some(state) = shown.state() else {
        return Ok(());
    };
    context
        .output
        .document(state, |style| shown.lines(style, None).join("\n") + "\n")
}

/// Looks until nobody wants to see it any more.
async fn look_on(
    context: &Context,
    mut client: Client,
    options: TopOptions,
    looked: &Sender<Looked>,
) {
    loop {
        let state = State::of(&client).await;
        let is_lost = state.is_err();
        let state = state.map_err(|error| failure::words(&error));
        if looked.send(state).is_err() {
            return;
        }
        tokio::time::sleep(options.every).await;
        // Another one may have taken its place, with another address and token.
        if is_lost && let Ok(Some(other)) = context.client().await {
            client = other;
        }
    }
}

/// The signals that end it.
struct Told {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Told {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn again(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
