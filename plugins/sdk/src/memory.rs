//! The memory of a plugin.
//!
//! Owns: the allocator of every plugin that is built with this crate. Each call
//! has a fresh instance, so what memory a plugin has at its start decides how
//! often it must ask for more; and each time it does, the operating system
//! changes the protection of pages, on all processors, and changes it back
//! before the next call. The first [`ARENA`] bytes are there from the start
//! and cost nothing until they are written to.
//! Must not know: what is allocated.

#![expect(
    unsafe_code,
    reason = "an allocator is given memory by its address; there is no safe way to say which"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

/// What is there from the start: enough for a few thousand rows of the book.
const ARENA: usize = 3 << 20;

/// What is asked for beyond it, at least.
const GROWTH: usize = 1 << 20;

const PAGE: usize = 64 << 10;

static mut MEMORY: [MaybeUninit<u8>; ARENA] = [MaybeUninit::uninit(); ARENA];

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(TalcSyncCell::new_wasm(Pages {
    has_arena: false,
    end: None,
}));

/// The allocator, called and not inlined: it would be in a plugin twenty times.
struct Allocator(TalcSyncCell<Pages, WasmBinning>);

// SAFETY: each is the same of the allocator within.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { self.0.dealloc(at, layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { self.0.realloc(at, layout, size) }
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
