//! Compiled components, kept on disk.
//!
//! Owns: the folder, its layout (`key`, `<engine>/<digest>.cwasm`), the seal by
//! which a file of it is known to be of this folder, and the one use of
//! `unsafe` in the host: trusting what has that seal. The folder is private to
//! the user who runs the host.
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
use crate::compiler::CompileFault;

/// Bytes of a key, and of a seal.
const KEY: usize = blake3::KEY_LEN;

/// The folder of components compiled by this very engine.
#[derive(Clone)]
pub(crate) struct CompiledCache {
    folder: PathBuf,
    /// What seals are made with: whoever can read it is the user.
    key: [u8; KEY],
    /// Which engine it is for.
    engine: u64,
}

impl CompiledCache {
    /// Uses `root` for the components of this engine, its version and
    /// settings; those of others are left alone.
    pub(crate) fn open(root: &Path, engine: &Engine) -> Result<Self, RuntimeError> {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let engine = hasher.finish();
        let folder = root.join(format!("{engine:016x}"));
        let failed = |source| RuntimeError::CacheFolder {
            path: folder.clone(),
            source,
        };
        create_private(root).map_err(failed)?;
        create_private(&folder).map_err(failed)?;
        let key = key_of(root).map_err(failed)?;
        Ok(Self {
            folder,
            key,
            engine,
        })
    }

    /// The component, if it is there, has the seal of this folder, and this
    /// engine takes it.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(digest);
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiling anew");
                return None;
            }
        };
        let Some(compiled) = self.unsealed(digest, &sealed) else {
            let error = "it is not what this host has put there";
            tracing::warn!(path = %path.display(), error, "compiling anew");
            return None;
        };
        match deserialize(engine, compiled) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiling anew");
                None
            }
        }
    }

    /// Keeps what a component was compiled to, and gives the component.
    pub(crate) fn keep(
        &self,
        engine: &Engine,
        digest: Digest,
        compiled: &[u8],
    ) -> Result<Component, RuntimeError> {
        let path = self.path(digest);
        let seal = self.seal(digest, compiled);
        write_whole(&path, &[seal.as_bytes(), compiled]).map_err(|source| {
            RuntimeError::CacheFolder {
                path: path.clone(),
                source,
            }
        })?;
        let refused = |error: wasmtime::Error| CompileFault::Refused(format!("{error:#}"));
        Ok(deserialize(engine, compiled).map_err(refused)?)
    }

    /// What says that the host itself compiled this binary to this, with this
    /// engine.
    fn seal(&self, digest: Digest, compiled: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&self.engine.to_le_bytes());
        hasher.update(digest.hex().as_bytes());
        hasher.update(compiled);
        hasher.finalize()
    }

    fn unsealed<'s>(&self, digest: Digest, sealed: &'s [u8]) -> Option<&'s [u8]> {
        let (seal, compiled) = sealed.split_first_chunk::<KEY>()?;
        // This comparison takes as long whatever it finds.
        (self.seal(digest, compiled) == *seal).then_some(compiled)
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{}.cwasm", digest.hex()))
    }
}

#[expect(
    unsafe_code,
    reason = "wasmtime can't check compiled code, only who wrote it"
)]
fn deserialize(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: this is the output of `precompile_component`, either as a process
    // of this program has just given it, or read from a file whose seal was
    // made over these very bytes with a key that only this user can read. It is
    // in memory: nobody can change it after it was looked at.
    unsafe { Component::deserialize(engine, compiled) }
}

/// The key of this folder, made at its first use.
fn key_of(root: &Path) -> io::Result<[u8; KEY]> {
    let path = root.join("key");
    match read_key(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut key = [0; KEY];
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            put_new(&path, &key)?;
            // Somebody else may have been first: theirs counts.
            read_key(&path)
        }
        read => read,
    }
}

fn read_key(path: &Path) -> io::Result<[u8; KEY]> {
    is_private(path)?;
    let key = fs::read(path)?;
    let told = "the file `key` is not a key: remove it, and all is compiled anew";
    key.try_into()
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, told))
}

/// A file beside `path` that nobody else writes at the same time.
fn temporary_of(path: &Path) -> PathBuf {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{write}.tmp", std::process::id()))
}

/// Readers see the whole file or none.
fn write_whole(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = temporary_of(path);
    write_private(&temporary, parts)?;
    fs::rename(&temporary, path)
}

/// Puts a file there, whole, unless there is one.
fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_of(path);
    write_private(&temporary, &[bytes])?;
    let put = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match put {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        put => put,
    }
}

fn write_private(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

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

/// That a file is this user's alone.
fn is_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let found = fs::symlink_metadata(path)?;
    let is_theirs = found.uid() != rustix::process::geteuid().as_raw();
    if !found.is_file() || is_theirs || found.permissions().mode() & 0o077 != 0 {
        let fault = "others may have read its file `key`: remove it, and all is compiled anew";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, fault));
    }
    Ok(())
}
