//! The process's heap.
//!
//! Owns: that what one call freed is there for the next. Must not know: calls.

/// The most that the heap keeps at its end instead of giving it back, and the
/// largest allocation that is made within it, in bytes: what a render of tens
/// of thousands of rows takes.
const KEPT: i32 = 32 << 20;

/// Lets the allocator keep what was freed.
///
/// The C library gives the end of its heap back to the system as soon as it is
/// 128 KiB: a render that reads a megabyte would do that at each end and fault
/// the pages in again at the next begin, and each time the system interrupts
/// the other processors to tell them.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's settings have no safe form")]
pub(crate) fn keep_what_was_freed() {
    for parameter in [libc::M_TRIM_THRESHOLD, libc::M_MMAP_THRESHOLD] {
        // SAFETY: both take any number of bytes, and mallopt may be called at
        // any time; we do so before there is a second thread.
        let taken = unsafe { libc::mallopt(parameter, KEPT) };
        // It is a matter of speed only.
        debug_assert_eq!(taken, 1);
    }
}

/// Other allocators are left as they are.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_what_was_freed() {}
