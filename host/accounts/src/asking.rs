//! Asking brokers, for many accounts at once.
//!
//! Owns: which broker is asked for which accounts, and the order of what they
//! answer. Must not know: how a broker knows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use lombard_model::{AccountId, Balance, Decimal, Instrument, Position, Quote};
use lombard_store::Session;

use crate::broker::Broker;
use crate::cache::Loaded;
use crate::{AccountKind, Accounts, AccountsError};

/// A broker with those of its accounts that it is asked for.
type Asked<'a> = (&'a Broker, Vec<AccountId>);

impl Accounts {
    /// The cash of these accounts, one answer for each, in their order; absent
    /// where an account is unknown or can't be reached.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn balances(
        &self,
        ids: &[AccountId],
        session: &mut Session,
    ) -> Result<Vec<Balance>, AccountsError> {
        let wanted: Vec<_> = ids
            .iter()
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut cash = HashMap::new();
        for (broker, accounts) in self.reachable(&wanted, session).await? {
            cash.extend(broker.balances(&accounts, session).await?);
        }
        let balance = |account: &AccountId| Balance {
            account: *account,
            cash: cash.get(account).copied(),
            taken_at: None,
        };
        Ok(ids.iter().map(balance).collect())
    }

    /// Current prices, one answer for each instrument, in their order; absent
    /// where there is none or the account can't be reached.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn quotes(
        &self,
        instruments: Vec<Instrument>,
        session: &mut Session,
    ) -> Result<Vec<Quote>, AccountsError> {
        let mut accounts: Vec<_> = instruments.iter().map(|one| one.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let reachable = self.reachable(&accounts, session).await?;
        let prices = match reachable.as_slice() {
            // Nearly always all are of one broker: nothing to take apart.
            [(broker, its)] if its.len() == accounts.len() => {
                broker.prices(&instruments, session).await?
            }
            several => prices(several, &instruments, session).await?,
        };
        let quotes = instruments.into_iter().zip(prices);
        let quote = |(instrument, price)| Quote {
            instrument,
            price,
            taken_at: None,
        };
        Ok(quotes.map(quote).collect())
    }

    /// What an account holds, by symbol.
    ///
    /// # Errors
    /// Where it is unknown or can't be reached, or the database fails.
    pub async fn positions(
        &self,
        id: AccountId,
        session: &mut Session,
    ) -> Result<Arc<[Position]>, AccountsError> {
        let loaded = self.account(id, session).await?;
        let unreachable = |reason| AccountsError::Unreachable {
            account: id,
            reason,
        };
        let broker = self.reach(&loaded, session).map_err(unreachable)?;
        let mut held = broker.positions(&[id], session).await?;
        match held.remove(&id) {
            Some(held) => Ok(held),
            // Of the database's own what is not there is nothing.
            None if broker.is_of_the_database() => Ok(Arc::default()),
            None => Err(unreachable("its broker did not tell".to_owned())),
        }
    }

    /// What these accounts hold, by symbol, one answer for each, in their
    /// order; absent where one is unknown or can't be reached.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn positions_of(
        &self,
        ids: &[AccountId],
        session: &mut Session,
    ) -> Result<Vec<Option<Arc<[Position]>>>, AccountsError> {
        let mut held = HashMap::new();
        for (broker, accounts) in self.reachable(ids, session).await? {
            held.extend(broker.positions(&accounts, session).await?);
        }
        Ok(ids.iter().map(|id| held.get(id).cloned()).collect())
    }

    /// Of these accounts those that can be reached, by broker.
    async fn reachable(
        &self,
        ids: &[AccountId],
        session: &mut Session,
    ) -> Result<Vec<Asked<'_>>, AccountsError> {
        let loaded = self.accounts(ids, session).await?;
        // There are a handful of brokers: a scan beats a map.
        let mut by_broker: Vec<Asked<'_>> = Vec::new();
        for id in ids {
            match loaded.get(id).map(|loaded| self.reach(loaded, session)) {
                Some(Ok(broker)) => {
                    let is_its = |(other, _): &&mut Asked<'_>| other.name() == broker.name();
                    match by_broker.iter_mut().find(is_its) {
                        Some((_, its)) => its.push(*id),
                        None => by_broker.push((broker, vec![*id])),
                    }
                }
                Some(Err(reason)) => tracing::debug!(account = %id, reason, "can't be reached"),
                None => tracing::debug!(account = %id, "there is no such account"),
            }
        }
        Ok(by_broker)
    }

    /// The broker of an account, which is about to answer `session`; else why
    /// it can't be reached.
    fn reach(
        &self,
        loaded: &Loaded<AccountKind>,
        session: &mut Session,
    ) -> Result<&Broker, String> {
        let name = &loaded.state.account.provider;
        let broker = self.desk().broker(name);
        let broker = broker.ok_or_else(|| format!("there is no provider named `{name}`"))?;
        broker.reachable(&loaded.state)?;
        if !broker.is_of_the_database() {
            session.not_repeatable();
        }
        match broker.rests() {
            true => Err("its broker did not answer".to_owned()),
            false => Ok(broker),
        }
    }
}

/// Current prices of instruments of several brokers, or of some that can't
/// be reached.
async fn prices(
    reachable: &[Asked<'_>],
    instruments: &[Instrument],
    session: &mut Session,
) -> Result<Vec<Option<Decimal>>, AccountsError> {
    let mut prices = vec![None; instruments.len()];
    for (broker, accounts) in reachable {
        let its = instruments.iter().zip(&mut prices);
        let its = its.filter(|(one, _)| accounts.contains(&one.account));
        let (its, answers): (Vec<_>, Vec<_>) = its.unzip();
        let its: Vec<_> = its.into_iter().cloned().collect();
        let found = broker.prices(&its, session).await?;
        for (answer, price) in answers.into_iter().zip(found) {
            *answer = price;
        }
    }
    Ok(prices)
}
