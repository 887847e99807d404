//! `session`: reading the book.
//!
//! Owns: the grant of each read, the bounds of what a guest may name, and that
//! a guest can only ever have the handle it was lent: the session itself
//! stands in the state of the call, the guest has a number without a table
//! behind it.

use lombard_accounts::AccountsError;
use lombard_model::{
    AccountId, ExpertId, Grant, Instrument, LookUp, OrderId, Symbol, TransactionId,
    TransactionStatus,
};
use lombard_store::{StoreError, TransactionFilter};
use wasmtime::component::Resource;

use crate::Limits;
use crate::bindings::session::{
    AccountPositions, Host, HostSession, PastRecommendation, SymbolBars,
};
use crate::bindings::types::{
    self as wit, Account, Balance, Bar, Expert, Order, Position, Quote, SessionError, Transaction,
    TransactionStatuses,
};
use crate::call::CallState;

/// What the handle in a guest's hand stands for: the session of its call.
#[derive(Debug)]
#[expect(
    unreachable_pub,
    reason = "the generated bindings name it again as `pub`"
)]
pub enum Lent {}

/// The handle to lend: a borrow, so the guest can't keep or drop the session.
pub(crate) fn lend() -> Resource<Lent> {
    Resource::new_borrow(0)
}

/// The two roads from `session` to a guest.
#[derive(Debug)]
pub(crate) enum SessionFault {
    /// The guest's fault, or the world's: it is told.
    Told(SessionError),
    /// The call can't go on: an invariant of the host broke, or the data moved
    /// under it.
    Broken(wasmtime::Error),
}

impl SessionFault {
    fn invalid(fault: impl std::fmt::Display) -> Self {
        Self::Told(SessionError::Invalid(fault.to_string()))
    }
}

impl From<StoreError> for SessionFault {
    fn from(error: StoreError) -> Self {
        Self::Told(match &error {
            StoreError::Moved { .. } => return Self::Broken(error.into()),
            StoreError::Unavailable { .. } | StoreError::Closed => {
                SessionError::Unavailable(error.to_string())
            }
            StoreError::TooManyRows { .. }
            | StoreError::TooMuch { .. }
            | StoreError::TooManyStatements { .. } => SessionError::Limit(error.to_string()),
            _ => {
                // The details, SQL among them, are for the operator only.
                tracing::error!(error = &error as &dyn std::error::Error, "a read failed");
                SessionError::Unavailable("the database failed; the host's log says why".into())
            }
        })
    }
}

impl From<AccountsError> for SessionFault {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::Store(error) => error.into(),
            AccountsError::NoAccount(_) | AccountsError::NoExpert(_) => Self::invalid(error),
            other => Self::Told(SessionError::Unavailable(other.to_string())),
        }
    }
}

type Answer<T> = Result<T, SessionFault>;

/// Rows of an answer that has many of each.
const MOST_ROWS: u64 = 1_000_000;

impl wit::Host for CallState {
    fn convert_session_error(&mut self, fault: SessionFault) -> wasmtime::Result<SessionError> {
        let error = match fault {
            SessionFault::Told(error) => error,
            SessionFault::Broken(error) => return Err(error),
        };
        if let SessionError::Unavailable(why) = &error {
            self.unserved = Some(why.clone());
            self.session.not_repeatable();
        }
        Ok(error)
    }

    fn convert_settings_error(
        &mut self,
        fault: super::SettingsFault,
    ) -> wasmtime::Result<wit::SettingsError> {
        let error = fault.into_told()?;
        if let wit::SettingsError::Unavailable(why) = &error {
            self.unserved = Some(why.clone());
            self.session.not_repeatable();
        }
        Ok(error)
    }
}

impl Host for CallState {}

impl CallState {
    /// Whether the plugin may read this; counts the call.
    fn may(&mut self, grant: Grant) -> Answer<()> {
        self.host_call();
        if self.setup.grants.allows(grant) {
            return Ok(());
        }
        Err(SessionFault::Told(SessionError::Denied(
            grant.as_str().to_owned(),
        )))
    }

    fn bounded(what: &str, asked: usize) -> Answer<()> {
        let limit = Limits::SET_ITEMS;
        if u32::try_from(asked).is_ok_and(|asked| asked <= limit) {
            return Ok(());
        }
        let fault = format!("{what}: {asked} were named, at most {limit} can be");
        Err(SessionFault::Told(SessionError::Limit(fault)))
    }

    /// The same where each may give so many rows.
    fn bounded_rows(what: &str, asked: usize, each: u32) -> Answer<()> {
        Self::bounded(what, asked)?;
        let rows = u64::from(each).saturating_mul(u64::try_from(asked).unwrap_or(u64::MAX));
        if rows <= MOST_ROWS {
            return Ok(());
        }
        let fault = format!("{what}: {rows} rows could be in the answer, at most {MOST_ROWS} can");
        Err(SessionFault::Told(SessionError::Limit(fault)))
    }

    fn page(limit: u32) -> Answer<u32> {
        match limit {
            0 => Err(SessionFault::invalid("a limit of 0 asks for nothing")),
            _ => Ok(limit.min(Limits::SET_ITEMS)),
        }
    }
}

impl HostSession for CallState {
    async fn as_of(&mut self, _: Resource<Lent>) -> wasmtime::Result<i64> {
        self.host_call();
        self.session.not_repeatable();
        Ok(self.setup.as_of.as_micros())
    }

    async fn transactions(
        &mut self,
        _: Resource<Lent>,
        filter: crate::bindings::session::TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<Vec<Transaction>> {
        self.may(Grant::ReadTransactions)?;
        let limit = Self::page(limit)?;
        // An id or a symbol that can't be finds what an unknown one finds.
        let Some(filter) = read_filter(filter) else {
            return Ok(Vec::new());
        };
        let after = match after.map(TransactionId::try_from) {
            Some(Err(_)) if after != Some(0) => return Ok(Vec::new()),
            after => after.and_then(Result::ok),
        };
        let transactions = self.session.transactions(&filter, after, limit).await?;
        Ok(transactions.iter().map(Transaction::from).collect())
    }

    async fn transaction(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Transaction>> {
        self.may(Grant::ReadTransactions)?;
        self.looked_up(LookUp::Transaction);
        let Ok(id) = TransactionId::try_from(id) else {
            return Ok(None);
        };
        let found = self.session.transaction(id).await?;
        Ok(found.as_ref().map(Transaction::from))
    }

    async fn transactions_by_id(
        &mut self,
        _: Resource<Lent>,
        ids: Vec<u64>,
    ) -> Answer<Vec<Transaction>> {
        self.may(Grant::ReadTransactions)?;
        Self::bounded("transactions-by-id", ids.len())?;
        let found = self.session.transactions_by_id(&known_ids(ids)).await?;
        Ok(found.iter().map(Transaction::from).collect())
    }

    async fn orders_by_id(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        self.may(Grant::ReadOrders)?;
        Self::bounded("orders-by-id", ids.len())?;
        let found = self.session.orders_by_id(&known_ids(ids)).await?;
        Ok(found.iter().map(Order::from).collect())
    }

    async fn orders_of(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        self.may(Grant::ReadOrders)?;
        self.looked_up(LookUp::OrdersOfOne.of_one(ids.len()));
        Self::bounded("orders-of", ids.len())?;
        let orders = self.session.orders_of(&known_ids(ids)).await?;
        Ok(orders.iter().map(Order::from).collect())
    }

    async fn order(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Order>> {
        self.may(Grant::ReadOrders)?;
        self.looked_up(LookUp::Order);
        let Ok(id) = OrderId::try_from(id) else {
            return Ok(None);
        };
        let found = self.session.order(id).await?;
        Ok(found.as_ref().map(Order::from))
    }

    async fn accounts(&mut self, _: Resource<Lent>) -> Answer<Vec<Account>> {
        self.may(Grant::ReadAccounts)?;
        let rows = self.session.accounts().await?;
        Ok(rows.iter().map(|row| Account::from(&row.account)).collect())
    }

    async fn account(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Account>> {
        self.may(Grant::ReadAccounts)?;
        self.looked_up(LookUp::Account);
        let Ok(id) = AccountId::try_from(id) else {
            return Ok(None);
        };
        match self.setup.accounts.account(id, &mut self.session).await {
            Ok(loaded) => Ok(Some(Account::from(&loaded.state.account))),
            Err(AccountsError::NoAccount(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn balances(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Balance>> {
        self.may(Grant::ReadBalances)?;
        self.looked_up(LookUp::Balance.of_one(ids.len()));
        Self::bounded("balances", ids.len())?;
        let known: Vec<_> = ids
            .iter()
            .filter_map(|id| AccountId::try_from(*id).ok())
            .collect();
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let mut given = accounts.balances(&known, session).await?.into_iter();
        let answer = ids.into_iter().map(|account| {
            let balance = match AccountId::try_from(account) {
                Ok(_) => given.next(),
                Err(_) => None,
            };
            Balance {
                account,
                cash: balance
                    .and_then(|balance| balance.cash)
                    .map(wit::Decimal::from),
                taken_at: None,
            }
        });
        Ok(answer.collect())
    }

    async fn positions(&mut self, _: Resource<Lent>, id: u64) -> Answer<Vec<Position>> {
        self.may(Grant::ReadPositions)?;
        self.looked_up(LookUp::Positions);
        let id = AccountId::try_from(id).map_err(SessionFault::invalid)?;
        let positions = self.setup.accounts.positions(id, &mut self.session).await?;
        Ok(positions.iter().map(Position::from).collect())
    }

    async fn positions_of(
        &mut self,
        _: Resource<Lent>,
        ids: Vec<u64>,
    ) -> Answer<Vec<AccountPositions>> {
        self.may(Grant::ReadPositions)?;
        Self::bounded("positions-of", ids.len())?;
        let known: Vec<_> = known_ids(ids.clone());
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let mut given = accounts.positions_of(&known, session).await?.into_iter();
        let answer = ids.into_iter().map(|account| {
            let held = match AccountId::try_from(account) {
                Ok(_) => given.next().flatten(),
                Err(_) => None,
            };
            let positions = held.map(|held| held.iter().map(Position::from).collect());
            AccountPositions { account, positions }
        });
        Ok(answer.collect())
    }

    async fn quotes(
        &mut self,
        _: Resource<Lent>,
        instruments: Vec<wit::Instrument>,
    ) -> Answer<Vec<Quote>> {
        self.may(Grant::ReadPrices)?;
        self.looked_up(LookUp::Quote.of_one(instruments.len()));
        Self::bounded("quotes", instruments.len())?;
        let known = instruments.iter().filter_map(read_instrument).collect();
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let mut given = accounts.quotes(known, session).await?.into_iter();
        let answer = instruments.into_iter().map(|instrument| {
            let quote = match read_instrument(&instrument) {
                Some(_) => given.next(),
                None => None,
            };
            Quote {
                instrument,
                price: quote.and_then(|quote| quote.price).map(wit::Decimal::from),
                taken_at: None,
            }
        });
        Ok(answer.collect())
    }

    async fn experts(&mut self, _: Resource<Lent>) -> Answer<Vec<Expert>> {
        self.may(Grant::ReadExperts)?;
        let rows = self.session.experts().await?;
        Ok(rows.iter().map(|row| Expert::from(&row.expert)).collect())
    }

    async fn expert(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Expert>> {
        self.may(Grant::ReadExperts)?;
        self.looked_up(LookUp::Expert);
        let Ok(id) = ExpertId::try_from(id) else {
            return Ok(None);
        };
        match self.setup.accounts.expert(id, &mut self.session).await {
            Ok(loaded) => Ok(Some(Expert::from(&loaded.state.expert))),
            Err(AccountsError::NoExpert(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn bars(
        &mut self,
        _: Resource<Lent>,
        symbol: String,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<Bar>> {
        self.may(Grant::ReadBars)?;
        self.looked_up(LookUp::Bars);
        let limit = Self::page(limit)?;
        let Ok(symbol) = Symbol::new(symbol) else {
            return Ok(Vec::new());
        };
        let until = lombard_model::Timestamp::from_micros(until);
        let bars = self.session.bars(&symbol, until, limit).await?;
        Ok(bars.iter().map(Bar::from).collect())
    }

    async fn bars_of(
        &mut self,
        _: Resource<Lent>,
        symbols: Vec<String>,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<SymbolBars>> {
        self.may(Grant::ReadBars)?;
        let limit = Self::page(limit)?;
        Self::bounded_rows("bars-of", symbols.len(), limit)?;
        let until = lombard_model::Timestamp::from_micros(until);
        let known: Vec<_> = symbols
            .iter()
            .filter_map(|one| Symbol::new(one).ok())
            .collect();
        self.session.expect_bars_of(&known).await?;
        let mut answer = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            let bars = match Symbol::new(&symbol) {
                Ok(known) => self.session.bars(&known, until, limit).await?,
                Err(_) => Default::default(),
            };
            let bars = bars.iter().map(Bar::from).collect();
            answer.push(SymbolBars { symbol, bars });
        }
        Ok(answer)
    }

    async fn recommendations(
        &mut self,
        _: Resource<Lent>,
        expert: u64,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        self.may(Grant::ReadRecommendations)?;
        self.looked_up(LookUp::Recommendations);
        let limit = Self::page(limit)?;
        let Ok(expert) = ExpertId::try_from(expert) else {
            return Ok(Vec::new());
        };
        let past = self.session.recommendations_of(expert, limit).await?;
        Ok(past.iter().map(PastRecommendation::from).collect())
    }

    async fn recommendations_of(
        &mut self,
        _: Resource<Lent>,
        experts: Vec<u64>,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        self.may(Grant::ReadRecommendations)?;
        let limit = Self::page(limit)?;
        Self::bounded_rows("recommendations-of", experts.len(), limit)?;
        let experts: Vec<_> = known_ids(experts);
        let past = self.session.recommendations_of_all(&experts, limit).await?;
        let past = past.iter().flat_map(|past| past.iter());
        Ok(past.map(PastRecommendation::from).collect())
    }

    async fn drop(&mut self, _: Resource<Lent>) -> wasmtime::Result<()> {
        // Only an owned handle is dropped through here, and none is given out.
        Err(wasmtime::Error::msg(
            "a guest dropped a session it was lent",
        ))
    }
}

fn read_filter(filter: crate::bindings::session::TransactionFilter) -> Option<TransactionFilter> {
    let expert = filter.expert.map(ExpertId::try_from).transpose().ok()?;
    let symbol = filter.symbol.map(Symbol::new).transpose().ok()?;
    let states = [
        (TransactionStatuses::WAITING, TransactionStatus::Waiting),
        (TransactionStatuses::OPENED, TransactionStatus::Opened),
        (TransactionStatuses::CLOSING, TransactionStatus::Closing),
        (TransactionStatuses::CLOSED, TransactionStatus::Closed),
    ];
    let wanted = states
        .into_iter()
        .filter(|(flag, _)| filter.statuses.contains(*flag));
    Some(TransactionFilter {
        statuses: wanted.map(|(_, status)| status).collect(),
        expert,
        symbol,
    })
}

/// Without those that can't be ids: they find what unknown ones find.
fn known_ids<I: TryFrom<u64>>(ids: Vec<u64>) -> Vec<I> {
    ids.into_iter()
        .filter_map(|id| id.try_into().ok())
        .collect()
}

fn read_instrument(instrument: &wit::Instrument) -> Option<Instrument> {
    Some(Instrument {
        account: AccountId::try_from(instrument.account).ok()?,
        symbol: Symbol::new(instrument.symbol.as_str()).ok()?,
    })
}
