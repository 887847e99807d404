//! A widget that never returns, after it has read.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

struct Loops;

impl Widget for Loops {
    fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
        let open = session.transactions(&TransactionFilter::open())?;
        let mut turns = open.len();
        loop {
            // Opaque, so that the compiler keeps the loop.
            turns = std::hint::black_box(turns).wrapping_add(1);
        }
    }
}

lombard_sdk::widget!(Loops);
