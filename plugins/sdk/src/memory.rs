//! The memory of a plugin.
//!
//! Owns: the allocator of every plugin that is built with this crate. Each call
//! has a fresh instance, so what memory a plugin has at its start decides how
//! often it must ask for more; and each time it does, the operating system
//! changes the protection of pages, on all processors, and changes it back
//! before the next call. The first [`ARENA`] bytes are there from the start
//! and cost nothing until they are written to. Most blocks are small, and are
//! `small.rs`'s; a library has the others.
//! Must not know: what is allocated.

#![expect(
    unsafe_code,
    reason = "an allocator is given memory by its address; there is no safe way to say which"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::{NonNull, null_mut};

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

use crate::small::{CHUNK, Size, Small};

/// What is there from the start: enough for a few thousand rows of the book.
const ARENA: usize = 3 << 20;

/// What is asked for beyond it, at least.
const GROWTH: usize = 1 << 20;

const PAGE: usize = 64 << 10;

static mut MEMORY: [MaybeUninit<u8>; ARENA] = [MaybeUninit::uninit(); ARENA];

#[global_allocator]
static ALLOCATOR: Allocator = Allocator {
    small: UnsafeCell::new(Small::new()),
    large: TalcSyncCell::new_wasm(Pages {
        has_arena: false,
        end: None,
    }),
};

/// The allocator, called and not inlined: it would be in a plugin twenty times.
struct Allocator {
    small: UnsafeCell<Small>,
    large: TalcSyncCell<Pages, WasmBinning>,
}

// SAFETY: a plugin has one thread, as `TalcSyncCell::new_wasm` has checked.
unsafe impl Sync for Allocator {}

impl Allocator {
    fn take(&self, size: Size) -> Option<NonNull<u8>> {
        // SAFETY: there is one thread, and nothing in there allocates.
        unsafe { (*self.small.get()).take(size) }
    }

    #[cold]
    fn take_of_a_new_chunk(&self, size: Size) -> Option<NonNull<u8>> {
        // SAFETY: a chunk is not empty.
        let chunk = NonNull::new(unsafe { self.alloc(CHUNK) })?;
        // SAFETY: as in `take`; the chunk was just allocated, as one.
        unsafe { (*self.small.get()).go_on_with(chunk) };
        self.take(size)
    }
}

// SAFETY: a block that is small is had of and given back to `small`, every
// other one that of `large`; which it is its layout alone tells.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(size) = Size::of(layout) else {
            // SAFETY: as the caller promises.
            return unsafe { self.large.alloc(layout) };
        };
        let block = self.take(size).or_else(|| self.take_of_a_new_chunk(size));
        block.map_or(null_mut(), NonNull::as_ptr)
    }

    #[inline(never)]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        match (Size::of(layout), NonNull::new(at)) {
            // SAFETY: as in `take`; that it was had with this layout, and is
            // nobody's, the caller promises.
            (Some(size), Some(block)) => unsafe { (*self.small.get()).give_back(block, size) },
            // SAFETY: as the caller promises.
            _ => unsafe { self.large.dealloc(at, layout) },
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let before = Size::of(layout);
        if before.is_some() && before == Size::of(wanted) {
            return at;
        }
        // SAFETY: the caller promises for both layouts; the new block is none
        // that anybody has, and both have room for what is copied.
        unsafe {
            let to = self.alloc(wanted);
            if !to.is_null() {
                at.copy_to_nonoverlapping(to, layout.size().min(size));
                self.dealloc(at, layout);
            }
            to
        }
    }
}

/// Where the allocator has its memory from.
#[derive(Debug)]
struct Pages {
    has_arena: bool,
    /// Where what was grown ends.
    end: Option<NonNull<u8>>,
}

// SAFETY: `acquire` allocates nothing and uses the allocator by `talc` alone.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !talc.source.has_arena {
            talc.source.has_arena = true;
            // SAFETY: nobody else names `MEMORY`, and it is claimed once.
            let claimed = unsafe { talc.claim((&raw mut MEMORY).cast(), ARENA) };
            return claimed.map(drop).ok_or(());
        }
        // Twice the alignment and a page for what the allocator keeps itself.
        let wanted = layout.size() + 2 * layout.align() + PAGE;
        let pages = wanted.max(GROWTH).div_ceil(PAGE);
        let before = core::arch::wasm32::memory_grow::<0>(pages);
        if before == usize::MAX {
            return Err(());
        }
        let grown = (before * PAGE) as *mut u8;
        let size = pages * PAGE;
        let end = match talc.source.end.take() {
            // SAFETY: this memory is new, and begins where the last ended.
            Some(end) if end.as_ptr() == grown => unsafe {
                Some(talc.extend(end, grown.wrapping_add(size)))
            },
            // SAFETY: this memory is new: nobody else has it.
            _ => unsafe { talc.claim(grown, size) },
        };
        talc.source.end = end;
        end.map(drop).ok_or(())
    }
}
