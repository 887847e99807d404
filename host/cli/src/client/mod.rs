//! The command line as a client of a host that runs.
//!
//! Owns: finding the host, and speaking to it. Must not know: commands.
//!
//! A database that a host has open is read and changed through that host, so
//! that its caches and limits are those that hold. Which one it is, a file
//! beside the database says, or `--host`.

mod address;
mod failure;
mod http;
mod run_file;

use std::path::Path;

use serde::de::IgnoredAny;

use crate::failure::Advised;

pub(crate) use address::{Address, encoded};
pub(crate) use failure::{Failure, Named, What};
pub(crate) use http::Client;
pub(crate) use run_file::RunFile;

/// Where the token for `--host` comes from: an argument would be in the list
/// of processes.
const TOKEN: &str = "LOMBARD_TOKEN";

impl Client {
    /// The host at this address.
    ///
    /// # Errors
    /// Where there is no token to show it.
    pub(crate) fn named(address: Address) -> anyhow::Result<Self> {
        let token = std::env::var(TOKEN).unwrap_or_default();
        let token = token.trim();
        if token.is_empty() {
            let words = format!("there is no token to show the host at {address}");
            let remedy = "put one into LOMBARD_TOKEN: `lombard token new NAME --role operator` \
                          makes one on its database";
            return Err(Advised::new(words, remedy).into());
        }
        Self::new(address, token, Named::ByHand)
    }

    /// The host that has this database open; none where none has.
    ///
    /// # Errors
    /// Where a file names a host that is none of Lombard's, does not answer or
    /// does not know its own token.
    pub(crate) async fn of_database(database: &Path) -> anyhow::Result<Option<Self>> {
        let Some(announced) = run_file::read(database)? else {
            return Ok(None);
        };
        let (path, named) = (announced.path.clone(), Named::ByFile(announced.path));
        let client = Self::new(announced.address, &announced.token, named)?;
        match client.get_tagged::<IgnoredAny>("/pool").await {
            Ok(_) => {
                tracing::info!("the host at {} has this database open", client.address());
                Ok(Some(client))
            }
            Err(Failure {
                what: What::NotThere,
                ..
            }) => {
                tracing::info!(
                    "{} is left over from a host that is gone: this works on the database itself",
                    path.display()
                );
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
