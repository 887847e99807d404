//! Looking on as a host logs.
//!
//! Owns: a subscriber that does something at each line of a guest. Must not
//! know: what.

use std::fmt::{Debug, Write as _};
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// A second subscriber beside each of ours. Where there is one only, tracing
/// asks the thread that first comes by a line whether anybody wants it; and
/// that may be another test's, which wants none.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// A subscriber that calls `told` with each line that a guest writes, on the
/// thread and in the middle of the host function that writes it.
pub(crate) fn on_guest_line(told: impl Fn(&str) + Send + Sync + 'static) -> impl Subscriber {
    on_line(|target| target == "lombard::plugin", told)
}

/// A subscriber that calls `told` with each line of these targets, its fields
/// included.
pub(crate) fn on_line(
    wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    told: impl Fn(&str) + Send + Sync + 'static,
) -> impl Subscriber {
    LazyLock::force(&ANOTHER);
    Watcher { wanted, told }
}

struct Watcher<W, F> {
    wanted: W,
    told: F,
}

impl<W, F> Subscriber for Watcher<W, F>
where
    W: Fn(&str) -> bool + Send + Sync + 'static,
    F: Fn(&str) + Send + Sync + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.wanted)(metadata.target())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        (self.told)(&line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// All fields of an event, the message among them.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).expect("a string takes it");
    }
}
