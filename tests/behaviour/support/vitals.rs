//! What this process holds, as the system tells it.
//!
//! Owns: reading `/proc`; where there is none, nothing is known. Must not
//! know: how much is too much.

use std::fs;
use std::path::{Path, PathBuf};

/// Open file descriptors of the process; none where the system does not tell.
pub(crate) fn descriptors() -> Option<usize> {
    Some(opened()?.count())
}

/// Those on files in this folder. Other tests in this process have others.
pub(crate) fn descriptors_in(folder: &Path) -> Option<usize> {
    Some(opened()?.filter(|path| path.starts_with(folder)).count())
}

/// Resident memory of the process in KiB; none where the system does not tell.
pub(crate) fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim_end().parse().ok()
}

/// Bytes of all files right in this folder.
pub(crate) fn bytes_in(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten();
    let sizes = files.map(|file| file.and_then(|file| file.metadata()));
    sizes.map(|size| size.map_or(0, |size| size.len())).sum()
}

fn opened() -> Option<impl Iterator<Item = PathBuf>> {
    let all = fs::read_dir("/proc/self/fd").ok()?;
    // One that is closed in between is not open.
    Some(all.filter_map(|one| fs::read_link(one.ok()?.path()).ok()))
}
