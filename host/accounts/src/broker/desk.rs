//! Brokers, as the host asks them.
//!
//! Owns: how long a broker may take, what of its answer is taken over, and that
//! one which is silent, panics or answers nonsense makes its own figures absent
//! and nothing else: no call fails for it, and no other account's figures are
//! touched. A provider whose answers stand in the database is the host itself,
//! and is believed. Must not know: who asks.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use lombard_model::{AccountId, Decimal, Instrument, Position, WireDecimal};
use lombard_store::Session;
use tokio::time::Instant;

use super::{Holdings, Provider};
use crate::{AccountState, AccountsError};

/// How long a broker that did not answer is not asked again: else each question
/// of each call would wait for it anew.
const REST: Duration = Duration::from_secs(10);

/// The log is told of a broker's faults once in this time at most.
const TELL_EVERY: Duration = Duration::from_secs(1);

const PANICKED: &str = "it panicked";

/// The brokers of a host.
pub(crate) struct Desk {
    brokers: Vec<Broker>,
}

impl Desk {
    /// Asks these, and waits so long for an answer.
    pub(crate) fn new(
        providers: impl IntoIterator<Item = &'static dyn Provider>,
        timeout: Duration,
    ) -> Self {
        let broker = |provider| Broker {
            provider,
            timeout,
            record: Mutex::default(),
        };
        Self {
            brokers: providers.into_iter().map(broker).collect(),
        }
    }

    /// The broker with this name.
    pub(crate) fn broker(&self, name: &str) -> Option<&Broker> {
        self.brokers.iter().find(|broker| broker.name() == name)
    }
}

/// A broker.
pub(crate) struct Broker {
    provider: &'static dyn Provider,
    timeout: Duration,
    record: Mutex<Record>,
}

/// How it did lately, on tokio's clock, which a test can stop.
#[derive(Default)]
struct Record {
    /// Not to be asked before this.
    rests_until: Option<Instant>,
    /// When the log was last told of a fault, and how often not since.
    told: Option<Instant>,
    untold: u64,
}

impl Broker {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// Whether all it answers stands in the host's database.
    pub(crate) fn is_of_the_database(&self) -> bool {
        self.provider.is_of_the_database()
    }

    /// Whether this account can be reached, else why not, without a secret.
    pub(crate) fn reachable(&self, account: &AccountState) -> Result<(), String> {
        let asked = AssertUnwindSafe(|| self.provider.reachable(account));
        catch_unwind(asked).unwrap_or_else(|_| {
            self.tell("reachable", PANICKED);
            Err(format!("its broker failed: {PANICKED}"))
        })
    }

    /// The cash of those of these accounts of which it tells some.
    pub(crate) async fn balances(
        &self,
        accounts: &[AccountId],
        session: &mut Session,
    ) -> Result<HashMap<AccountId, Decimal>, AccountsError> {
        let asked = async { self.provider.balances(accounts, session).await };
        let Some(mut cash) = self.answer("balances", asked).await? else {
            return Ok(HashMap::new());
        };
        self.keep("balances", &mut cash, |account, cash| {
            accounts.contains(account) && fits(*cash)
        });
        Ok(cash)
    }

    /// One price for each instrument, in their order, absent where it tells
    /// none.
    pub(crate) async fn prices(
        &self,
        instruments: &[Instrument],
        session: &mut Session,
    ) -> Result<Vec<Option<Decimal>>, AccountsError> {
        let asked = async { self.provider.prices(instruments, session).await };
        let none = || vec![None; instruments.len()];
        let Some(mut prices) = self.answer("prices", asked).await? else {
            return Ok(none());
        };
        if prices.len() != instruments.len() {
            // Whose is whose is anybody's guess.
            self.tell("prices", "as many answers as questions were expected");
            return Ok(none());
        }
        if !self.is_of_the_database() {
            let is_absurd = |price: &Decimal| *price <= Decimal::ZERO || !fits(*price);
            let absurd = prices
                .iter_mut()
                .filter(|price| price.as_ref().is_some_and(is_absurd));
            let count = absurd.map(|price| *price = None).count();
            if count > 0 {
                self.tell("prices", "a price is no price");
            }
        }
        Ok(prices)
    }

    /// What those of these accounts hold of which it knows.
    pub(crate) async fn positions(
        &self,
        accounts: &[AccountId],
        session: &mut Session,
    ) -> Result<Holdings, AccountsError> {
        let asked = async { self.provider.positions(accounts, session).await };
        let Some(mut held) = self.answer("positions", asked).await? else {
            return Ok(Holdings::new());
        };
        self.keep("positions", &mut held, |account, held: &Arc<[Position]>| {
            let can_be = |quantity: Decimal| !quantity.is_zero() && fits(quantity);
            accounts.contains(account) && held.iter().all(|one| can_be(one.quantity))
        });
        Ok(held)
    }

    /// What it answers; none where it does not, in time and in one piece.
    ///
    /// # Errors
    /// Where the database fails, which is no fault of the broker.
    async fn answer<T>(
        &self,
        what: &'static str,
        asked: impl Future<Output = Result<T, AccountsError>>,
    ) -> Result<Option<T>, AccountsError> {
        if self.is_of_the_database() {
            return asked.await.map(Some);
        }
        if self.rests() {
            return Ok(None);
        }
        let asked = AssertUnwindSafe(asked).catch_unwind();
        match tokio::time::timeout(self.timeout, asked).await {
            Ok(Ok(Ok(answer))) => return Ok(Some(answer)),
            Ok(Ok(Err(error @ AccountsError::Store(_)))) => return Err(error),
            Ok(Ok(Err(error))) => self.tell(what, &error.to_string()),
            Ok(Err(_)) => self.tell(what, PANICKED),
            Err(_) => {
                self.record().rests_until = Some(Instant::now() + REST);
                self.tell(what, "it did not answer in time");
            }
        }
        Ok(None)
    }

    /// Keeps those entries of an answer that can be one.
    fn keep<V>(
        &self,
        what: &'static str,
        answer: &mut HashMap<AccountId, V>,
        can_be: impl Fn(&AccountId, &V) -> bool,
    ) {
        if self.is_of_the_database() {
            return;
        }
        let given = answer.len();
        answer.retain(|account, value| can_be(account, value));
        if answer.len() < given {
            self.tell(
                what,
                "an entry is of no account that was asked for, or absurd",
            );
        }
    }

    /// Whether it is left alone, since it did not answer a while ago.
    pub(crate) fn rests(&self) -> bool {
        let until = self.record().rests_until;
        until.is_some_and(|until| Instant::now() < until)
    }

    fn tell(&self, what: &'static str, fault: &str) {
        let mut record = self.record();
        let now = Instant::now();
        let is_soon = |told: Instant| now.duration_since(told) < TELL_EVERY;
        if record.told.is_some_and(is_soon) {
            record.untold += 1;
            return;
        }
        record.told = Some(now);
        let untold = std::mem::take(&mut record.untold);
        drop(record);
        tracing::warn!(
            broker = self.name(),
            what,
            fault,
            untold,
            "a broker failed; its figures are absent"
        );
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a number can be told to a plugin as it is.
fn fits(number: Decimal) -> bool {
    WireDecimal::rounded(number).is_ok()
}
