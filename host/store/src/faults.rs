//! What can be made to go wrong under the store.
//!
//! Owns: the points at which somebody is asked whether anything does, and what
//! it then looks like, which is what the database itself would say. Only tests
//! ask for it; nothing of it can be set from outside.
//! Must not know: who is hit by it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::error::{DatabaseError, ErrorKind};

/// What the store is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Take the snapshot of a session.
    Snapshot,
    /// Run a statement of a session.
    Read,
    /// Begin a write.
    Begin,
    /// Run a statement of a write.
    Write,
    /// Commit a write.
    Commit,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Snapshot,
        Self::Read,
        Self::Begin,
        Self::Write,
        Self::Commit,
    ];
}

/// What goes wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full.
    Full,
    /// Another process has the database.
    Busy,
    /// The disk fails.
    Io,
    /// The connection is gone.
    Lost,
    /// The database takes so long.
    Slow(Duration),
}

type Asked = Arc<dyn Fn(Point) -> Option<Fault> + Send + Sync>;

/// Who is asked what goes wrong; usually nobody.
#[derive(Clone, Default)]
pub struct Faults(Option<Asked>);

impl Faults {
    /// Asks this at each point.
    pub fn asking(ask: impl Fn(Point) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(ask)))
    }

    /// To be called before what the point names is done.
    pub(crate) async fn before(&self, point: Point) -> Result<(), sqlx::Error> {
        let fault = self.0.as_ref().and_then(|ask| ask(point));
        let code = match fault {
            None => return Ok(()),
            Some(Fault::Slow(for_so_long)) => {
                tokio::time::sleep(for_so_long).await;
                return Ok(());
            }
            Some(Fault::Lost) => return Err(sqlx::Error::WorkerCrashed),
            Some(Fault::Full) => "13",
            Some(Fault::Busy) => "5",
            // Of a write, which is what the upper byte says.
            Some(Fault::Io) => "778",
        };
        Err(sqlx::Error::Database(Box::new(Told { code })))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("none", |_| "asked for"))
    }
}

/// As the database would tell it: by a code.
#[derive(Debug)]
struct Told {
    code: &'static str,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) asked for by a test", self.code)
    }
}

impl std::error::Error for Told {}

impl DatabaseError for Told {
    fn message(&self) -> &str {
        "asked for by a test"
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
