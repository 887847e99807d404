//! Brokers: where balances, prices and positions come from.
//!
//! Owns: what a provider has to answer, and the list of those there are. What
//! the host makes of an answer stands in `desk.rs`. Adding one is a file here and a line in [`providers`].
//! Must not know: who asks.

mod alpaca;
mod desk;
mod paper;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use lombard_model::{AccountId, Decimal, Definitions, Instrument, Position};
use lombard_store::Session;

pub(crate) use self::desk::{Broker, Desk};
use crate::{AccountState, AccountsError};

/// A broker's provider. It answers for many accounts at once, so that one
/// render costs the same for one account and for twenty.
pub trait Provider: Send + Sync {
    /// Its name, as an account's `provider` has it.
    fn name(&self) -> &'static str;

    /// What its accounts can be set to.
    fn definitions(&self) -> Definitions;

    /// Whether this account can be reached, else why not, without a secret.
    ///
    /// # Errors
    /// The reason.
    fn reachable(&self, account: &AccountState) -> Result<(), String>;

    /// The cash of these accounts. One that is missing has none to tell.
    fn balances<'a>(
        &'a self,
        accounts: &'a [AccountId],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<HashMap<AccountId, Decimal>, AccountsError>>;

    /// Current prices, all above 0, one answer for each instrument, in their
    /// order; absent where it has none.
    fn prices<'a>(
        &'a self,
        instruments: &'a [Instrument],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Option<Decimal>>, AccountsError>>;

    /// Whether all it answers stands in the host's database, so that the same
    /// version of it gives the same answers.
    fn is_of_the_database(&self) -> bool;

    /// What these accounts hold, by symbol. What it does not know is left out.
    fn positions<'a>(
        &'a self,
        accounts: &'a [AccountId],
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Holdings, AccountsError>>;
}

impl fmt::Debug for dyn Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What accounts hold, by symbol.
pub type Holdings = HashMap<AccountId, Arc<[Position]>>;

/// Every provider there is.
#[must_use]
pub fn providers() -> &'static [&'static dyn Provider] {
    &[&paper::Paper, &alpaca::Alpaca]
}

/// The provider with this name.
#[must_use]
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    providers()
        .iter()
        .copied()
        .find(|provider| provider.name() == name)
}
