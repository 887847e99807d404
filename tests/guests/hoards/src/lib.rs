//! A widget that allocates until it is stopped.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

const CHUNK: usize = 1 << 20;

struct Hoards;

impl Widget for Hoards {
    fn render(_: &Session, _: &RenderRequest) -> Result<View, Error> {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            // Written to, so that the memory is really taken.
            hoard.push(std::hint::black_box(vec![1; CHUNK]));
        }
    }
}

lombard_sdk::widget!(Hoards);
