//! Compiled components, kept on disk.
//!
//! Owns: the folder, its layout (`<engine>/<digest>.cwasm`) and the one use of
//! `unsafe` in the host: trusting a file of that folder. The folder is private
//! to the user who runs the host.
//! Must not know: manifests and grants.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use lombard_model::Digest;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::RuntimeError;

/// The folder of components compiled by this very engine.
#[derive(Clone, Debug)]
pub(crate) struct CompiledCache {
    folder: PathBuf,
}

impl CompiledCache {
    /// Uses `root` for the components of this engine, its version and
    /// settings; those of others are left alone.
    pub(crate) fn open(root: &Path, engine: &Engine) -> Result<Self, RuntimeError> {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let folder = root.join(format!("{:016x}", hasher.finish()));
        let failed = |source| RuntimeError::CacheFolder {
            path: folder.clone(),
            source,
        };
        create_private(root).map_err(failed)?;
        create_private(&folder).map_err(failed)?;
        Ok(Self { folder })
    }

    /// The component, if it is there and this engine takes it.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(digest);
        if !path.is_file() {
            return None;
        }
        match deserialize(engine, &path) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiling anew");
                None
            }
        }
    }

    /// Compiles a component, keeps the result and gives it.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        digest: Digest,
        bytes: &[u8],
    ) -> Result<Component, RuntimeError> {
        let failed = |error: wasmtime::Error| RuntimeError::Compile(format!("{error:#}"));
        let compiled = engine.precompile_component(bytes).map_err(failed)?;
        let path = self.path(digest);
        write_whole(&path, &compiled).map_err(|source| RuntimeError::CacheFolder {
            path: path.clone(),
            source,
        })?;
        deserialize(engine, &path).map_err(failed)
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{}.cwasm", digest.hex()))
    }
}

#[expect(
    unsafe_code,
    reason = "wasmtime can't check compiled code, only who wrote it"
)]
fn deserialize(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by `compile` above, from the output of
    // `precompile_component`, into a folder that only this user may write to;
    // it is renamed into place whole and never edited.
    unsafe { Component::deserialize_file(engine, path) }
}

/// Readers see the whole file or none.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Not shared with anybody who writes the same file at the same time.
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{write}.tmp", std::process::id()));
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o022 != 0 {
        let fault = "others may write to it; take that right from them";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, fault));
    }
    Ok(())
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
