//! Small blocks, which are nearly all that a plugin allocates.
//!
//! Owns: that one is had and given back in a handful of instructions. Blocks
//! are of some sizes; those that were given back wait, by size, for the next
//! that is wanted, and new ones are cut from the front of a chunk. With a general
//! allocator alone a quarter of the plugin's time went to it where a call shows
//! twenty trades.
//! Must not know: where chunks are from, and what is allocated.

#![expect(
    unsafe_code,
    reason = "what is given back is a place in memory, in which the next one stands"
)]

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

/// What the sizes are multiples of, and all blocks are aligned to.
const GRAIN: usize = 16;

/// The largest size.
const LARGEST: usize = 1 << 10;

const SIZES: usize = LARGEST / GRAIN;

/// What is cut into blocks at once.
pub(crate) const CHUNK: Layout = match Layout::from_size_align(16 << 10, GRAIN) {
    Ok(layout) => layout,
    Err(_) => panic!("a chunk is a few pages"),
};

/// A size of small blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(usize);

impl Size {
    /// That of a block with this layout, where it is small.
    #[inline]
    pub(crate) const fn of(layout: Layout) -> Option<Self> {
        match layout.size() <= LARGEST && layout.align() <= GRAIN {
            true => Some(Self(layout.size().saturating_sub(1) / GRAIN)),
            false => None,
        }
    }

    const fn bytes(self) -> usize {
        (self.0 + 1) * GRAIN
    }
}

/// The blocks that wait.
pub(crate) struct Small {
    /// Those that were given back, by size; in each stands the next.
    given_back: [*mut u8; SIZES],
    /// What is left of the chunk.
    rest: *mut u8,
    left: usize,
}

impl Small {
    pub(crate) const fn new() -> Self {
        Self {
            given_back: [null_mut(); SIZES],
            rest: null_mut(),
            left: 0,
        }
    }

    /// A block of this size, unless none waits and the chunk is used up.
    #[inline]
    pub(crate) fn take(&mut self, size: Size) -> Option<NonNull<u8>> {
        let first = &mut self.given_back[size.0];
        if let Some(block) = NonNull::new(*first) {
            // SAFETY: it was given back: nobody has it, and the next stands in it.
            *first = unsafe { block.cast().read() };
            return Some(block);
        }
        self.left = self.left.checked_sub(size.bytes())?;
        let block = NonNull::new(self.rest);
        self.rest = self.rest.wrapping_add(size.bytes());
        block
    }

    /// Takes a block of this size back.
    ///
    /// # Safety
    /// It was taken here with this size, and nobody has it any more.
    #[inline]
    pub(crate) unsafe fn give_back(&mut self, block: NonNull<u8>, size: Size) {
        let first = &mut self.given_back[size.0];
        // SAFETY: it is nobody's, aligned, and has room for a pointer.
        unsafe { block.cast().write(*first) };
        *first = block.as_ptr();
    }

    /// Goes on with a new [`CHUNK`]. What was left of the one before is less
    /// than a block, and lost.
    ///
    /// # Safety
    /// It has the layout of one, and nobody else has it.
    pub(crate) unsafe fn go_on_with(&mut self, chunk: NonNull<u8>) {
        (self.rest, self.left) = (chunk.as_ptr(), CHUNK.size());
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::alloc;

    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// Takes one, of a new chunk where there is none.
    fn take(small: &mut Small, size: Size) -> NonNull<u8> {
        small.take(size).unwrap_or_else(|| {
            // SAFETY: a chunk is not empty, and is never freed.
            unsafe { small.go_on_with(NonNull::new(alloc(CHUNK)).unwrap()) };
            small.take(size).unwrap()
        })
    }

    #[test]
    fn a_size_has_room_for_what_it_is_of() {
        for size in 0..=LARGEST {
            let its = Size::of(layout(size, GRAIN)).unwrap();
            assert!((size..size.max(1) + GRAIN).contains(&its.bytes()), "{size}");
        }
        assert_eq!(Size::of(layout(LARGEST + 1, 1)), None);
        assert_eq!(Size::of(layout(1, 2 * GRAIN)), None);
        assert_eq!(Size::of(CHUNK), None, "a chunk is had of another");
    }

    #[test]
    fn what_was_given_back_is_had_again_and_only_for_its_size() {
        let mut small = Small::new();
        let [some, more] = [40, 100].map(|size| Size::of(layout(size, 8)).unwrap());
        let blocks = [some, some, more].map(|size| take(&mut small, size));
        for (block, size) in blocks.into_iter().zip([some, some, more]) {
            // SAFETY: it was taken with this size, and is used no more.
            unsafe { small.give_back(block, size) };
        }
        let again = [more, some, some].map(|size| take(&mut small, size));
        assert_eq!(again, [blocks[2], blocks[1], blocks[0]]);
        let another = take(&mut small, some);
        assert!(!blocks.contains(&another));
    }

    /// Each block is filled, and is as it was when it is given back.
    #[test]
    fn nobody_has_what_another_has() {
        let mut small = Small::new();
        let mut taken = Vec::<(NonNull<u8>, usize, u8)>::new();
        let mut draw = 1_u64;
        for round in 0..20_000 {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = usize::try_from(draw >> 40).unwrap();
            if number.is_multiple_of(2) || taken.is_empty() {
                let bytes = 1 + number % LARGEST;
                let block = take(&mut small, Size::of(layout(bytes, 1)).unwrap());
                assert!(block.addr().get().is_multiple_of(GRAIN));
                let mark = u8::try_from(round % 251).unwrap();
                // SAFETY: it was taken with room for them.
                unsafe { block.write_bytes(mark, bytes) };
                taken.push((block, bytes, mark));
            } else {
                let (block, bytes, mark) = taken.swap_remove(number % taken.len());
                // SAFETY: they were written, and nobody has the block any more.
                let is_whole = unsafe {
                    let found = std::slice::from_raw_parts(block.as_ptr(), bytes);
                    let is_whole = found.iter().all(|byte| *byte == mark);
                    small.give_back(block, Size::of(layout(bytes, 1)).unwrap());
                    is_whole
                };
                assert!(is_whole, "{bytes} bytes, round {round}");
            }
        }
    }
}
