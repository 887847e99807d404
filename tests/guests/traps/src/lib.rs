//! A widget that panics after it has read.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

struct Traps;

impl Widget for Traps {
    fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
        let open = session.transactions(&TransactionFilter::open())?;
        panic!("trapped on purpose, with {} transactions read", open.len());
    }
}

lombard_sdk::widget!(Traps);
