//! Why something about an account, an expert or their settings failed.
//!
//! Owns: the crate's error.

use lombard_model::{AccountId, ExpertId, SettingError};
use lombard_store::StoreError;

/// Why something about an account, an expert or their settings failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountsError {
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    /// There is no such expert instance.
    #[error("there is no expert {0}")]
    NoExpert(ExpertId),
    /// The account's broker can't be reached.
    #[error("account {account} can't be reached: {reason}")]
    Unreachable {
        /// Which account.
        account: AccountId,
        /// Why, without a secret.
        reason: String,
    },
    /// A setting's key or value is at fault.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
