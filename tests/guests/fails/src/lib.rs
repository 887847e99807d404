//! A widget that returns an error after it has read.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

struct Fails;

impl Widget for Fails {
    fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
        let open = session.transactions(&TransactionFilter::open())?;
        Err(Error::other(format!(
            "failed on purpose, with {} transactions read",
            open.len()
        )))
    }
}

lombard_sdk::widget!(Fails);
