//! Why a server can't start or go on.

use std::net::SocketAddr;

use lombard_store::StoreError;

/// Why a server can't start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address can't be listened at.
    #[error("{address} can't be listened at")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than this machine could reach it, and nobody could log in.
    #[error("{address} can be reached from elsewhere, and no token was made yet")]
    Open {
        /// Which address.
        address: SocketAddr,
    },
    /// Requests did not end within the grace period.
    #[error("requests did not end within {} s and were cut off", grace.as_secs())]
    CutOff {
        /// How long they had.
        grace: std::time::Duration,
    },
    /// The system has no random bytes to make a token of.
    #[error("the system has no random bytes to give")]
    Random(#[source] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
