//! A widget that returns a view far above every limit.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

const BYTES: usize = 50_000_000;

struct Floods;

impl Widget for Floods {
    fn render(_: &Session, _: &RenderRequest) -> Result<View, Error> {
        Ok(view("Flood").text("x".repeat(BYTES)).build())
    }
}

lombard_sdk::widget!(Floods);
