//! `session`: reading the book.
//!
//! Owns: the grant of each read, and that a guest can only ever have the handle
//! it was lent: the session itself stands in the state of the call, the guest
//! has a number without a table behind it. What a guest may name stands in
//! `asked.rs`.

use std::sync::Arc;

use lombard_accounts::AccountsError;
use lombard_model::{
    self as model, AccountId, ExpertId, Grant, LookUp, OrderId, Symbol, TransactionId,
};
use wasmtime::component::Resource;

use super::{SessionFault, asked};
use crate::bindings::session::{
    AccountPositions, Host, HostSession, PastRecommendation, SymbolBars, TransactionFilter,
};
use crate::bindings::types::{
    self as wit, Account, Balance, Bar, BookTable, Expert, Order, OrderTable, Position, Quote,
    Transaction, TransactionTable,
};
use crate::call::CallState;
use crate::traced::HostCall;

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

type Answer<T> = Result<T, SessionFault>;

impl Host for CallState {}

impl CallState {
    /// The call of a function that takes a grant, where the plugin has it.
    fn called(&self, name: &'static str, grant: Grant) -> Answer<HostCall> {
        let call = self.host_call(name)?;
        self.granted(grant)?;
        Ok(call)
    }

    fn granted(&self, grant: Grant) -> Answer<()> {
        match self.setup.grants.allows(grant) {
            true => Ok(()),
            false => Err(SessionFault::denied(grant)),
        }
    }

    async fn page(
        &mut self,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<Arc<[model::Transaction]>> {
        let limit = asked::page(limit)?;
        if let Some(symbol) = &filter.symbol {
            self.bounded_text(symbol)?;
        }
        // An id or a symbol that can't be finds what an unknown one finds.
        let Some(filter) = asked::filter(filter) else {
            return Ok(Arc::default());
        };
        let after = match after.map(TransactionId::try_from) {
            Some(Err(_)) if after != Some(0) => return Ok(Arc::default()),
            after => after.and_then(Result::ok),
        };
        Ok(self.session.transactions(&filter, after, limit).await?)
    }

    /// Those of these transactions, for the function `asked`.
    async fn orders(&mut self, asked: &'static str, ids: &[u64]) -> Answer<Arc<[model::Order]>> {
        self.looked_up(LookUp::OrdersOfOne.of_one(ids.len()));
        asked::bounded(asked, ids.len())?;
        Ok(self.session.orders_of(&asked::ids(ids)).await?)
    }
}

impl HostSession for CallState {
    fn as_of(&mut self, _: Resource<Lent>) -> wasmtime::Result<i64> {
        let _call = self.host_call("session.as-of")?;
        self.session.not_repeatable();
        Ok(self.setup.as_of.as_micros())
    }

    async fn transactions(
        &mut self,
        _: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<Vec<Transaction>> {
        let _call = self.called("session.transactions", Grant::ReadTransactions)?;
        let page = self.page(filter, after, limit).await?;
        Ok(page.iter().map(Transaction::from).collect())
    }

    async fn transaction_table(
        &mut self,
        _: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<TransactionTable> {
        let _call = self.called("session.transaction-table", Grant::ReadTransactions)?;
        let page = self.page(filter, after, limit).await?;
        Ok(TransactionTable::from(&*page))
    }

    async fn transaction(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Transaction>> {
        let _call = self.called("session.transaction", Grant::ReadTransactions)?;
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
        let _call = self.called("session.transactions-by-id", Grant::ReadTransactions)?;
        asked::bounded("transactions-by-id", ids.len())?;
        let found = self.session.transactions_by_id(&asked::ids(&ids)).await?;
        Ok(found.iter().map(Transaction::from).collect())
    }

    async fn orders_by_id(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        let _call = self.called("session.orders-by-id", Grant::ReadOrders)?;
        asked::bounded("orders-by-id", ids.len())?;
        let found = self.session.orders_by_id(&asked::ids(&ids)).await?;
        Ok(found.iter().map(Order::from).collect())
    }

    async fn orders_of(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        let _call = self.called("session.orders-of", Grant::ReadOrders)?;
        let orders = self.orders("orders-of", &ids).await?;
        Ok(orders.iter().map(Order::from).collect())
    }

    async fn order_table(&mut self, _: Resource<Lent>, ids: Vec<u64>) -> Answer<OrderTable> {
        let _call = self.called("session.order-table", Grant::ReadOrders)?;
        let orders = self.orders("order-table", &ids).await?;
        Ok(OrderTable::from(&*orders))
    }

    async fn book_table(
        &mut self,
        _: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<BookTable> {
        let _call = self.called("session.book-table", Grant::ReadTransactions)?;
        self.granted(Grant::ReadOrders)?;
        let transactions = self.page(filter, after, limit).await?;
        let ids: Vec<_> = transactions.iter().map(|one| one.id).collect();
        let orders = self.session.orders_of(&ids).await?;
        Ok(BookTable::of(&transactions, &orders))
    }

    async fn order(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Order>> {
        let _call = self.called("session.order", Grant::ReadOrders)?;
        self.looked_up(LookUp::Order);
        let Ok(id) = OrderId::try_from(id) else {
            return Ok(None);
        };
        let found = self.session.order(id).await?;
        Ok(found.as_ref().map(Order::from))
    }

    async fn accounts(&mut self, _: Resource<Lent>) -> Answer<Vec<Account>> {
        let _call = self.called("session.accounts", Grant::ReadAccounts)?;
        let rows = self.session.accounts().await?;
        Ok(rows.iter().map(|row| Account::from(&row.account)).collect())
    }

    async fn account(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Account>> {
        let _call = self.called("session.account", Grant::ReadAccounts)?;
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
        let _call = self.called("session.balances", Grant::ReadBalances)?;
        self.looked_up(LookUp::Balance.of_one(ids.len()));
        asked::bounded("balances", ids.len())?;
        let known = asked::ids(&ids);
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let given = accounts.balances(&known, session).await?;
        let answer = asked::each_with(ids, is_account, given).map(|(account, balance)| {
            let cash = balance.and_then(|balance| balance.cash);
            Balance {
                account,
                cash: cash.map(wit::Decimal::from),
                taken_at: None,
            }
        });
        Ok(answer.collect())
    }

    async fn positions(&mut self, _: Resource<Lent>, id: u64) -> Answer<Vec<Position>> {
        let _call = self.called("session.positions", Grant::ReadPositions)?;
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
        let _call = self.called("session.positions-of", Grant::ReadPositions)?;
        asked::bounded("positions-of", ids.len())?;
        let known = asked::ids(&ids);
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let given = accounts.positions_of(&known, session).await?;
        let answer = asked::each_with(ids, is_account, given).map(|(account, held)| {
            let positions = held.flatten();
            let positions = positions.map(|held| held.iter().map(Position::from).collect());
            AccountPositions { account, positions }
        });
        Ok(answer.collect())
    }

    async fn quotes(
        &mut self,
        _: Resource<Lent>,
        instruments: Vec<wit::Instrument>,
    ) -> Answer<Vec<Quote>> {
        let _call = self.called("session.quotes", Grant::ReadPrices)?;
        for instrument in &instruments {
            self.bounded_text(&instrument.symbol)?;
        }
        self.looked_up(LookUp::Quote.of_one(instruments.len()));
        asked::bounded("quotes", instruments.len())?;
        let known = asked::instruments(&instruments);
        let (accounts, session) = (&self.setup.accounts, &mut self.session);
        let given = accounts.quotes(known, session).await?;
        let answer = asked::each_with(instruments, asked::is_instrument, given);
        let answer = answer.map(|(instrument, quote)| {
            let price = quote.and_then(|quote| quote.price);
            Quote {
                instrument,
                price: price.map(wit::Decimal::from),
                taken_at: None,
            }
        });
        Ok(answer.collect())
    }

    async fn experts(&mut self, _: Resource<Lent>) -> Answer<Vec<Expert>> {
        let _call = self.called("session.experts", Grant::ReadExperts)?;
        let rows = self.session.experts().await?;
        Ok(rows.iter().map(|row| Expert::from(&row.expert)).collect())
    }

    async fn expert(&mut self, _: Resource<Lent>, id: u64) -> Answer<Option<Expert>> {
        let _call = self.called("session.expert", Grant::ReadExperts)?;
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
        let _call = self.called("session.bars", Grant::ReadBars)?;
        self.looked_up(LookUp::Bars);
        let limit = asked::page(limit)?;
        self.bounded_text(&symbol)?;
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
        let _call = self.called("session.bars-of", Grant::ReadBars)?;
        let limit = asked::page(limit)?;
        asked::bounded_rows("bars-of", symbols.len(), limit)?;
        for symbol in &symbols {
            self.bounded_text(symbol)?;
        }
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
        let _call = self.called("session.recommendations", Grant::ReadRecommendations)?;
        self.looked_up(LookUp::Recommendations);
        let limit = asked::page(limit)?;
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
        let _call = self.called("session.recommendations-of", Grant::ReadRecommendations)?;
        let limit = asked::page(limit)?;
        asked::bounded_rows("recommendations-of", experts.len(), limit)?;
        let experts: Vec<_> = asked::ids(&experts);
        let past = self.session.recommendations_of_all(&experts, limit).await?;
        let past = past.iter().flat_map(|past| past.iter());
        Ok(past.map(PastRecommendation::from).collect())
    }

    fn drop(&mut self, _: Resource<Lent>) -> wasmtime::Result<()> {
        // Only an owned handle is dropped through here, and none is given out.
        Err(wasmtime::Error::msg(
            "a guest dropped a session it was lent",
        ))
    }
}

fn is_account(id: &u64) -> bool {
    AccountId::try_from(*id).is_ok()
}
