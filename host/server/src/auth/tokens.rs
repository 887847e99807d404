//! The tokens that were given out.
//!
//! Owns: knowing them without a statement for each request, and forgetting
//! them when one is given out or taken back. Must not know: requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lombard_model::{AccessTokenId, Digest};
use lombard_runtime::Host;
use lombard_store::{AccessToken, Change, Changed, DataVersion, StoreError};
use tokio::time::Instant;

/// How long tokens are taken as they were read while other data changes: so
/// long may another process's taking back of one go unnoticed at most.
const TRUSTED: Duration = Duration::from_secs(5);

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    known: Arc<Mutex<Option<Known>>>,
}

#[derive(Clone, Debug)]
struct Known {
    at: DataVersion,
    read: Instant,
    tokens: Arc<[AccessToken]>,
}

impl Tokens {
    /// Those of this host.
    pub(super) fn of(host: &Host) -> Self {
        let tokens = Self::default();
        let known = Arc::clone(&tokens.known);
        host.store().on_change(move |changed, _| {
            let is_about_tokens = match changed {
                Changed::These(changes) => changes.contains(&Change::Access),
                // It is looked at again after a while.
                Changed::Anything => false,
            };
            if is_about_tokens {
                *known.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
        });
        tokens
    }

    /// The one with this hash.
    pub(super) async fn by_hash(
        &self,
        host: &Host,
        hash: Digest,
    ) -> Result<Option<AccessToken>, StoreError> {
        self.find(host, |token| token.hash == hash).await
    }

    /// The one with this id.
    pub(super) async fn by_id(
        &self,
        host: &Host,
        id: AccessTokenId,
    ) -> Result<Option<AccessToken>, StoreError> {
        self.find(host, |token| token.id == id).await
    }

    async fn find(
        &self,
        host: &Host,
        is_it: impl Fn(&AccessToken) -> bool,
    ) -> Result<Option<AccessToken>, StoreError> {
        let tokens = match self.at_hand(host.store().data_version()) {
            Some(tokens) => tokens,
            None => self.read(host).await?,
        };
        Ok(tokens.iter().find(|token| is_it(token)).cloned())
    }

    fn at_hand(&self, version: DataVersion) -> Option<Arc<[AccessToken]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref()?;
        let is_good = known.at == version || known.read.elapsed() < TRUSTED;
        is_good.then(|| Arc::clone(&known.tokens))
    }

    async fn read(&self, host: &Host) -> Result<Arc<[AccessToken]>, StoreError> {
        let mut session = host.session("who may ask");
        session.open().await?;
        let at = session.version_to_see();
        let tokens: Arc<[AccessToken]> = session.access_tokens().await?.into();
        session.end();
        let known = Known {
            at,
            read: Instant::now(),
            tokens: Arc::clone(&tokens),
        };
        let mut keep = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was given out or taken back meanwhile is not in it.
        if host.store().data_version() == at {
            *keep = Some(known);
        }
        Ok(tokens)
    }
}
