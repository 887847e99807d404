//! `lombard session`.

use lombard_model::view::{Cell, Kind};
use serde::{Deserialize, Serialize};

use super::source::{count, running};
use crate::context::Context;
use crate::draw::{self, Style};

const COLUMNS: &[(&str, Kind)] = &[
    ("Session", Kind::Integer),
    ("For", Kind::Text),
    ("Call", Kind::Text),
    ("Held ms", Kind::Integer),
];

/// A session that holds a connection.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Session {
    id: u64,
    who: String,
    call: String,
    held_us: u64,
}

/// All of them, the longest first.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Sessions {
    pub(super) sessions: Vec<Session>,
}

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    let sessions: Sessions = running(context).await?.get("/sessions").await?;
    context
        .output
        .document(&sessions, |style| words(&sessions, style))
}

/// One line for each.
pub(super) fn words(sessions: &Sessions, style: Style) -> String {
    if sessions.sessions.is_empty() {
        return draw::aside("no session holds a connection now", style);
    }
    let rows: Vec<_> = sessions.sessions.iter().map(cells).collect();
    draw::table(COLUMNS, &rows, style)
}

fn cells(one: &Session) -> Vec<Cell> {
    vec![
        count(one.id),
        one.who.as_str().into(),
        one.call.as_str().into(),
        count(one.held_us / 1_000),
    ]
}

#[cfg(test)]
impl Session {
    pub(super) fn of(who: &str, call: &str) -> Self {
        Self {
            id: 7,
            who: who.to_owned(),
            call: call.to_owned(),
            held_us: 12_345,
        }
    }
}
