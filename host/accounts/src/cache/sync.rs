//! What the cache synchronises with.
//!
//! Owns: that with the feature `shuttle`, which only tests have, these are
//! those whose interleavings are explored; quick_cache's change with them.
//! Must not know: what they guard.
//!
//! The asynchronous locks stay tokio's: they never block a thread, and all that
//! stands around them is explored.

#[cfg(feature = "shuttle")]
pub(super) use shuttle::sync::{
    Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard,
    atomic::{AtomicU64, Ordering},
};
#[cfg(not(feature = "shuttle"))]
pub(super) use std::sync::{
    Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard,
    atomic::{AtomicU64, Ordering},
};
