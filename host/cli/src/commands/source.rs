//! Where a command's data is.
//!
//! Owns: that a database which a host has open is asked for through that host,
//! and that whatever was opened is closed. Must not know: what is read.

use lombard_model::Decimal;
use lombard_model::view::Cell;
use lombard_runtime::Host;

use crate::client::Client;
use crate::context::Context;
use crate::failure::Advised;

/// Where a command's data is. What is printed is the same from either.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// In a database that no host has open, but this process.
    Here(&'a Host),
    /// At a host that runs.
    There(&'a Client),
}

/// Runs `work` where the data is.
pub(super) async fn with_source<T>(
    context: &Context,
    work: impl AsyncFnOnce(Source<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match context.client().await? {
        Some(client) => work(Source::There(&client)).await,
        None => with_host(context, async |host| work(Source::Here(host)).await).await,
    }
}

/// Runs `work` with a host of this process and closes it whatever comes of it.
pub(super) async fn with_host<T>(
    context: &Context,
    work: impl AsyncFnOnce(&Host) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let host = context
        .progress
        .during("opening the database", context.host())
        .await?;
    let done = work(&host).await;
    host.close().await;
    done
}

/// The host that runs, for what only such a one has.
pub(super) async fn running(context: &Context) -> anyhow::Result<Client> {
    let client = context.client().await?;
    client.ok_or_else(|| {
        let words = "no host has this database open".to_owned();
        let remedy = "start one: `lombard serve`, or name one with --host";
        Advised::new(words, remedy).into()
    })
}

/// A decimal that is kept as its text, to be drawn.
pub(super) fn decimal(text: &str) -> Cell {
    match Decimal::from_str_exact(text) {
        Ok(number) => number.into(),
        Err(_) => text.into(),
    }
}

/// A number to be drawn.
pub(super) fn count(number: u64) -> Cell {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
