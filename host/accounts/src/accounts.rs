//! Everything the host does with accounts and expert instances.
//!
//! Owns: the two caches and their being told of commits, and saving settings.
//! What brokers are asked stands in `asking.rs`. Must not know: on whose behalf.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use lombard_model::{AccountId, Definitions, ExpertId, SettingError, Settings};
use lombard_store::{
    Change, Changed, Session, SettingsOwner, SettingsTag, SettingsWrite, Store, Written,
};
use serde_json::Value as Json;

use crate::broker::{Desk, Provider, providers};
use crate::cache::{AgeClock, CacheOptions, CacheStats, InstanceCache, Kind, Loaded};
use crate::{AccountKind, AccountsError, ExpertKind, Warm};

/// How large the caches may be, and how long they keep what they have.
#[derive(Clone, Debug)]
pub struct AccountsOptions {
    /// Instances of each kind that are kept while nobody uses them. An
    /// instance with 20 settings takes about 4 KiB.
    pub capacity: usize,
    /// How old a state may be before its next use loads it again; the instance
    /// stays. None: it is kept until something changes.
    ///
    /// That is the default, since the database itself counts every change of a
    /// row. A bound is for changes that its triggers do not see, such as a file
    /// that was restored under a running host.
    pub settings_ttl: Option<Duration>,
    /// What tells how old a state is.
    pub clock: AgeClock,
    /// What a host brings into the caches as it opens; none: nothing, as for a
    /// host that lives for one command.
    pub warm: Option<Warm>,
    /// How long a broker may take for an answer. What it was asked for is
    /// absent then, and for a while nobody asks it again.
    pub broker_timeout: Duration,
    /// Brokers beside those there are, for tests of what becomes of theirs.
    #[doc(hidden)]
    pub more_providers: Vec<&'static dyn Provider>,
}

impl Default for AccountsOptions {
    fn default() -> Self {
        Self {
            capacity: 1_000,
            settings_ttl: None,
            clock: AgeClock::default(),
            warm: None,
            broker_timeout: Duration::from_secs(2),
            more_providers: Vec::new(),
        }
    }
}

/// New values by key; none removes what was saved, so that the default shows.
pub type SettingsPatch = BTreeMap<String, Option<Json>>;

struct Caches {
    accounts: InstanceCache<AccountKind>,
    experts: InstanceCache<ExpertKind>,
}

/// The accounts and expert instances of a host. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    caches: Arc<Caches>,
    desk: Arc<Desk>,
    capacity: usize,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    /// The accounts of this store. Made once for a store: it listens to its
    /// commits from here on.
    #[must_use]
    pub fn new(store: Store, options: &AccountsOptions) -> Self {
        let providers = providers().iter().chain(&options.more_providers).copied();
        let desk = Desk::new(providers, options.broker_timeout);
        let options = CacheOptions {
            capacity: options.capacity,
            ttl: options.settings_ttl,
            clock: options.clock.clone(),
        };
        let caches = Arc::new(Caches {
            accounts: InstanceCache::new(&options),
            experts: InstanceCache::new(&options),
        });
        let told = Arc::clone(&caches);
        store.on_change(move |changed, at| match changed {
            Changed::These(changes) => {
                for change in changes {
                    match change {
                        Change::Account(id) => told.accounts.changed(*id, at),
                        Change::Expert(id) => told.experts.changed(*id, at),
                        _ => {}
                    }
                }
            }
            Changed::Anything => {
                told.accounts.all_changed(at);
                told.experts.all_changed(at);
            }
        });
        Self {
            store,
            caches,
            desk: Arc::new(desk),
            capacity: options.capacity,
        }
    }

    /// The one instance of an account with its settings. A hit takes no
    /// connection; a miss reads over `session`. What is hidden from the session
    /// is not there.
    ///
    /// # Errors
    /// [`AccountsError::NoAccount`], or where the database fails.
    pub async fn account(
        &self,
        id: AccountId,
        session: &mut Session,
    ) -> Result<Loaded<AccountKind>, AccountsError> {
        if !session.sees_account(id) {
            return Err(AccountsError::NoAccount(id));
        }
        self.expire(&self.caches.accounts, &[id]);
        let loaded = self.caches.accounts.get(id, session).await?;
        loaded.ok_or(AccountsError::NoAccount(id))
    }

    /// The same of several, those that there are: where more than one is not at
    /// hand, over one statement.
    pub(crate) async fn accounts(
        &self,
        ids: &[AccountId],
        session: &mut Session,
    ) -> Result<HashMap<AccountId, Loaded<AccountKind>>, AccountsError> {
        let mut ids = Cow::Borrowed(ids);
        if session.is_narrow() {
            ids.to_mut().retain(|id| session.sees_account(*id));
        }
        self.expire(&self.caches.accounts, &ids);
        Ok(self.caches.accounts.get_many(&ids, session).await?)
    }

    /// An account as the database has it now, past the cache.
    ///
    /// # Errors
    /// As [`Accounts::account`].
    pub async fn account_fresh(
        &self,
        id: AccountId,
        session: &mut Session,
    ) -> Result<Loaded<AccountKind>, AccountsError> {
        if !session.sees_account(id) {
            return Err(AccountsError::NoAccount(id));
        }
        let loaded = self.caches.accounts.get_fresh(id, session).await?;
        loaded.ok_or(AccountsError::NoAccount(id))
    }

    /// The one instance of an expert with its settings. What is hidden from the
    /// session is not there.
    ///
    /// # Errors
    /// [`AccountsError::NoExpert`], or where the database fails.
    pub async fn expert(
        &self,
        id: ExpertId,
        session: &mut Session,
    ) -> Result<Loaded<ExpertKind>, AccountsError> {
        // The cache would tell a hidden one from one that is not there, be it
        // by the time it takes: both take the same way here.
        if session.is_narrow() && session.expert(id).await?.is_none() {
            return Err(AccountsError::NoExpert(id));
        }
        self.expire(&self.caches.experts, &[id]);
        let loaded = self.caches.experts.get(id, session).await?;
        loaded.ok_or(AccountsError::NoExpert(id))
    }

    /// An expert as the database has it now, past the cache.
    ///
    /// # Errors
    /// As [`Accounts::expert`].
    pub async fn expert_fresh(
        &self,
        id: ExpertId,
        session: &mut Session,
    ) -> Result<Loaded<ExpertKind>, AccountsError> {
        let loaded = self.caches.experts.get_fresh(id, session).await?;
        loaded.ok_or(AccountsError::NoExpert(id))
    }

    /// Saves one setting.
    ///
    /// # Errors
    /// As [`Accounts::save_settings`].
    pub async fn save_setting(
        &self,
        owner: SettingsOwner,
        definitions: &Definitions,
        key: &str,
        value: Json,
    ) -> Result<Written<()>, AccountsError> {
        let patch = [(key.to_owned(), Some(value))].into();
        self.save_settings(owner, definitions, patch).await
    }

    /// Saves these settings, all or none, and leaves the others. When it
    /// returns, every read that begins sees the new values.
    ///
    /// # Errors
    /// Where a key is not declared, a value does not fit its definition, the
    /// owner is not there, or the database fails. Then nothing is saved.
    pub async fn save_settings(
        &self,
        owner: SettingsOwner,
        definitions: &Definitions,
        patch: SettingsPatch,
    ) -> Result<Written<()>, AccountsError> {
        let write = checked(definitions, patch)?;
        Ok(self.store.save_settings(owner, write).await?)
    }

    /// Saves these settings and removes all other declared ones; secrets that
    /// are not named stay.
    ///
    /// # Errors
    /// As [`Accounts::save_settings`].
    pub async fn replace_settings(
        &self,
        owner: SettingsOwner,
        definitions: &Definitions,
        entries: SettingsPatch,
    ) -> Result<Written<()>, AccountsError> {
        let write = replacing(checked(definitions, entries)?, definitions);
        Ok(self.store.save_settings(owner, write).await?)
    }

    /// [`Accounts::save_settings`], or [`Accounts::replace_settings`], only
    /// where the settings are in one of these states at that moment: so nobody
    /// overwrites what they have not seen.
    ///
    /// # Errors
    /// As these, and [`lombard_store::StoreError::Overtaken`].
    pub async fn save_settings_seen(
        &self,
        owner: SettingsOwner,
        definitions: &Definitions,
        entries: SettingsPatch,
        replace: bool,
        seen: Vec<SettingsTag>,
    ) -> Result<Written<()>, AccountsError> {
        let mut write = checked(definitions, entries)?;
        if replace {
            write = replacing(write, definitions);
        }
        write.only_if = Some(seen);
        Ok(self.store.save_settings(owner, write).await?)
    }

    /// Removes what is saved under keys that nobody declares any more, as
    /// settings of a version of a plugin that is gone; gives the keys.
    ///
    /// # Errors
    /// Where the owner is not there, or the database fails.
    pub async fn purge_settings(
        &self,
        owner: SettingsOwner,
        definitions: &Definitions,
        settings: &Settings,
    ) -> Result<Vec<String>, AccountsError> {
        let keys: Vec<_> = settings
            .undeclared(definitions)
            .map(str::to_owned)
            .collect();
        if !keys.is_empty() {
            let write = SettingsWrite {
                unset: keys.clone(),
                ..SettingsWrite::default()
            };
            self.store.save_settings(owner, write).await?;
        }
        Ok(keys)
    }

    /// Drops what is cached of an account's row and settings; the instance
    /// stays. Loads that began before can't bring it back.
    pub fn invalidate_settings(&self, owner: SettingsOwner) {
        match owner {
            SettingsOwner::Account(id) => self.caches.accounts.drop_state(id),
            SettingsOwner::Expert(id) => self.caches.experts.drop_state(id),
        }
    }

    /// Drops an instance. One that is in use stays the one there is and loses
    /// its settings.
    pub fn invalidate_instance(&self, owner: SettingsOwner) {
        match owner {
            SettingsOwner::Account(id) => self.caches.accounts.drop_instance(id),
            SettingsOwner::Expert(id) => self.caches.experts.drop_instance(id),
        }
    }

    /// Drops everything that is cached.
    pub fn invalidate_all(&self) {
        self.store.forget_reads();
        self.caches.accounts.drop_all();
        self.caches.experts.drop_all();
    }

    /// What the cache of accounts did.
    #[must_use]
    pub fn account_stats(&self) -> CacheStats {
        self.caches.accounts.stats()
    }

    /// What the cache of expert instances did.
    #[must_use]
    pub fn expert_stats(&self) -> CacheStats {
        self.caches.experts.stats()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Instances of each kind that are kept while nobody uses them.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Drops what is too old, and with it what sessions shared: there it would
    /// be found again.
    fn expire<K: Kind>(&self, cache: &InstanceCache<K>, ids: &[K::Id]) {
        if cache.expire(ids) {
            self.store.forget_reads();
        }
    }
}

/// The same, in place of all that is declared but secrets. What nobody declares
/// was never seen by who replaces, and may be another version's.
fn replacing(mut write: SettingsWrite, definitions: &Definitions) -> SettingsWrite {
    let others = definitions
        .iter()
        .filter(|(key, definition)| !definition.secret && !write.set.contains_key(*key));
    write.unset.extend(others.map(|(key, _)| key.to_owned()));
    write
}

fn checked(definitions: &Definitions, patch: SettingsPatch) -> Result<SettingsWrite, SettingError> {
    let mut write = SettingsWrite::default();
    for (key, value) in patch {
        let definition = definitions.get(&key)?;
        match value {
            Some(json) => {
                // Through the typed value, so that what is stored is canonical.
                let value = definition.read(&key, &json)?;
                write.set.insert(key, value.to_json());
            }
            None => write.unset.push(key),
        }
    }
    Ok(write)
}
