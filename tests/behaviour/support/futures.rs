//! Futures in slow motion.
//!
//! Owns: stopping a future at the n-th point where it waits. Must not know:
//! what it waits for.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls a future as often as it is woken, at most `polls` times; gives none
/// where it is not done by then. The future stays as it is at that point.
pub(crate) async fn at_most<F: Future + Unpin>(future: &mut F, polls: usize) -> Option<F::Output> {
    AtMost {
        future,
        left: polls,
    }
    .await
}

struct AtMost<'f, F> {
    future: &'f mut F,
    left: usize,
}

impl<F: Future + Unpin> Future for AtMost<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match Pin::new(&mut *self.future).poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
