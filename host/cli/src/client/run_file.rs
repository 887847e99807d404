//! The file by which a running host is found.
//!
//! Owns: `<database>.host`, beside the database: writing it, removing it, and
//! believing it only where nobody else can have written or read it. It holds
//! the address of the host and the token of its run. Must not know: what is
//! asked of the host.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lombard_server::Token;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::Address;
use crate::failure::Advised;

/// The longest that such a file is, in bytes.
const LONGEST: u64 = 4 << 10;

/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 200;

/// What is in the file.
#[derive(Deserialize, Serialize)]
struct Content {
    url: String,
    token: String,
    pid: u32,
    version: String,
}

/// The file of a host that runs; it goes when this does.
#[derive(Debug)]
pub(crate) struct RunFile {
    path: PathBuf,
}

/// Where a host says that it is.
pub(crate) struct Announced {
    pub(crate) path: PathBuf,
    pub(crate) address: Address,
    pub(crate) token: String,
}

impl RunFile {
    /// Says beside the database where its host listens. None where no program
    /// on this machine would find it there: at an address of a network only.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub(crate) fn write(
        database: &Path,
        listening: SocketAddr,
        token: &Token,
    ) -> anyhow::Result<Option<Self>> {
        let path = beside(database);
        let Some(address) = Address::on_this_machine(listening) else {
            tracing::info!(
                "other commands find this host with --host only: {listening} is no address of \
                 this machine alone"
            );
            // One that was left behind would lead nowhere.
            let _ = std::fs::remove_file(&path);
            return Ok(None);
        };
        let content = Content {
            url: address.to_string(),
            token: token.reveal().to_owned(),
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let failed = || format!("{} can't be written", path.display());
        put(&path, &serde_json::to_vec(&content)?).with_context(failed)?;
        Ok(Some(Self { path }))
    }
}

impl Drop for RunFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "{} can't be removed", self.path.display());
        }
    }
}

/// Whoever reads finds all of it or none: it is moved to where it belongs, and
/// is the user's own from the first byte on.
fn put(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| folder.as_os_str() != "");
    let folder = folder.unwrap_or_else(|| Path::new("."));
    // Readable by the user alone, whatever the umask.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// Where the host of this database says that it is; none where no host says
/// anything.
///
/// # Errors
/// Where there is a file that may be somebody else's work.
pub(crate) fn read(database: &Path) -> anyhow::Result<Option<Announced>> {
    let path = beside(database);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(&path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        // What is wrong with the database's own path is told by who opens it.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::INVAL) => return Ok(None),
        Err(Errno::LOOP) => return Err(refused(&path, "it is a link")),
        Err(error) => return Err(refused(&path, &std::io::Error::from(error).to_string())),
    };
    let about = file.metadata();
    let about = about.map_err(|error| refused(&path, &error.to_string()))?;
    if !about.is_file() {
        return Err(refused(&path, "it is no file"));
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused(&path, "it is another user's"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(refused(&path, "others than its owner may use it"));
    }
    let mut content = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut content);
    read.map_err(|error| refused(&path, &error.to_string()))?;
    match understood(&content) {
        Ok((address, token)) => Ok(Some(Announced {
            path,
            address,
            token,
        })),
        Err(why) => Err(refused(&path, why)),
    }
}

/// The address and the token in it.
fn understood(content: &[u8]) -> Result<(Address, String), &'static str> {
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err("it is longer than a host writes it");
    }
    let content: Content =
        serde_json::from_slice(content).map_err(|_| "it is not as a host writes it")?;
    let address: Address = content
        .url
        .parse()
        .map_err(|_| "it holds no address of a host")?;
    if !address.is_on_this_machine() {
        return Err("it names an address that is not on this machine");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let token = content.token;
    if token.is_empty() || token.len() > LONGEST_TOKEN || !token.bytes().all(is_plain) {
        return Err("it holds no token of a host");
    }
    Ok((address, token))
}

fn refused(path: &Path, why: &str) -> anyhow::Error {
    let shown = path.display();
    let words = format!("{shown} should say where this database's host is, but {why}");
    let remedy = format!("look who wrote it and remove it, or name a host with --host: {shown}");
    Advised::new(words, remedy).into()
}

/// The file beside a database, also where that is reached through a link.
fn beside(database: &Path) -> PathBuf {
    let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let mut path = OsString::from(real);
    path.push(".host");
    path.into()
}

#[cfg(test)]
#[path = "run_file_tests.rs"]
mod tests;
