//! Looking for what other processes commit.
//!
//! Owns: a connection of its own, outside the pool and outside every bill, and
//! one small read at each tick. Must not know: who is told.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::StoreError;
use crate::changes::Changes;
use crate::snapshot::data_version;

/// Looks until it is dropped.
pub(crate) struct Watch {
    task: JoinHandle<()>,
}

impl Watch {
    pub(crate) fn start(
        every: Duration,
        connect: SqliteConnectOptions,
        changes: Arc<Changes>,
    ) -> Self {
        Self {
            task: tokio::spawn(watch(every, connect, changes)),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(every: Duration, connect: SqliteConnectOptions, changes: Arc<Changes>) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connection = None;
    loop {
        ticks.tick().await;
        if let Err(error) = look(&mut connection, &connect, &changes).await {
            // The next tick tries again; calls that read find out by themselves.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "other processes' changes can't be watched"
            );
            connection = None;
        }
    }
}

async fn look(
    connection: &mut Option<SqliteConnection>,
    connect: &SqliteConnectOptions,
    changes: &Changes,
) -> Result<(), StoreError> {
    if connection.is_none() {
        #[expect(
            clippy::disallowed_methods,
            reason = "the watch's own connection, as the store's pool is for sessions"
        )]
        let connected = connect.connect().await?;
        *connection = Some(connected);
    }
    if let Some(connection) = connection {
        changes.noticed(data_version(connection).await?);
    }
    Ok(())
}
