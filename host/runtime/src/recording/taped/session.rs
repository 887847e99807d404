//! `session`, listened to: every read, in the order of the contract.
//!
//! Owns: the names that a recording has for functions and arguments. Must not
//! know: tapes.

use wasmtime::component::Resource;

use super::{Asked, Taped, taped};
use crate::bindings::session::{
    AccountPositions, Host, HostSession, PastRecommendation, SymbolBars, TransactionFilter,
};
use crate::bindings::types::{
    Account, Balance, Bar, Expert, Instrument, Order, OrderTable, Position, Quote, Transaction,
    TransactionTable,
};
use crate::capabilities::{Lent, SessionFault};

type Answer<T> = Result<T, SessionFault>;

impl Host for Taped<'_> {}

impl HostSession for Taped<'_> {
    fn as_of(&mut self, lent: Resource<Lent>) -> wasmtime::Result<i64> {
        let asked = Asked::of("session.as-of", []);
        self.silent(asked, |state| state.as_of(lent))
    }

    async fn transactions(
        &mut self,
        lent: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<Vec<Transaction>> {
        taped!(self, "session.transactions", { filter, after, limit }, self.0.transactions(lent, filter, after, limit).await)
    }

    async fn transaction_table(
        &mut self,
        lent: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<TransactionTable> {
        taped!(self, "session.transaction-table", { filter, after, limit }, self.0.transaction_table(lent, filter, after, limit).await)
    }

    async fn transaction(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Transaction>> {
        taped!(
            self,
            "session.transaction",
            { id },
            self.0.transaction(lent, id).await
        )
    }

    async fn transactions_by_id(
        &mut self,
        lent: Resource<Lent>,
        ids: Vec<u64>,
    ) -> Answer<Vec<Transaction>> {
        taped!(
            self,
            "session.transactions-by-id",
            { ids },
            self.0.transactions_by_id(lent, ids).await
        )
    }

    async fn orders_of(
        &mut self,
        lent: Resource<Lent>,
        transactions: Vec<u64>,
    ) -> Answer<Vec<Order>> {
        taped!(
            self,
            "session.orders-of",
            { transactions },
            self.0.orders_of(lent, transactions).await
        )
    }

    async fn order_table(
        &mut self,
        lent: Resource<Lent>,
        transactions: Vec<u64>,
    ) -> Answer<OrderTable> {
        taped!(
            self,
            "session.order-table",
            { transactions },
            self.0.order_table(lent, transactions).await
        )
    }

    async fn order(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Order>> {
        taped!(self, "session.order", { id }, self.0.order(lent, id).await)
    }

    async fn orders_by_id(&mut self, lent: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        taped!(
            self,
            "session.orders-by-id",
            { ids },
            self.0.orders_by_id(lent, ids).await
        )
    }

    async fn accounts(&mut self, lent: Resource<Lent>) -> Answer<Vec<Account>> {
        taped!(self, "session.accounts", {}, self.0.accounts(lent).await)
    }

    async fn account(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Account>> {
        taped!(
            self,
            "session.account",
            { id },
            self.0.account(lent, id).await
        )
    }

    async fn balances(&mut self, lent: Resource<Lent>, accounts: Vec<u64>) -> Answer<Vec<Balance>> {
        taped!(
            self,
            "session.balances",
            { accounts },
            self.0.balances(lent, accounts).await
        )
    }

    async fn positions(&mut self, lent: Resource<Lent>, account: u64) -> Answer<Vec<Position>> {
        taped!(
            self,
            "session.positions",
            { account },
            self.0.positions(lent, account).await
        )
    }

    async fn positions_of(
        &mut self,
        lent: Resource<Lent>,
        accounts: Vec<u64>,
    ) -> Answer<Vec<AccountPositions>> {
        taped!(
            self,
            "session.positions-of",
            { accounts },
            self.0.positions_of(lent, accounts).await
        )
    }

    async fn quotes(
        &mut self,
        lent: Resource<Lent>,
        instruments: Vec<Instrument>,
    ) -> Answer<Vec<Quote>> {
        taped!(
            self,
            "session.quotes",
            { instruments },
            self.0.quotes(lent, instruments).await
        )
    }

    async fn experts(&mut self, lent: Resource<Lent>) -> Answer<Vec<Expert>> {
        taped!(self, "session.experts", {}, self.0.experts(lent).await)
    }

    async fn expert(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Expert>> {
        taped!(
            self,
            "session.expert",
            { id },
            self.0.expert(lent, id).await
        )
    }

    async fn bars(
        &mut self,
        lent: Resource<Lent>,
        symbol: String,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<Bar>> {
        taped!(self, "session.bars", { symbol, until, limit }, self.0.bars(lent, symbol, until, limit).await)
    }

    async fn bars_of(
        &mut self,
        lent: Resource<Lent>,
        symbols: Vec<String>,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<SymbolBars>> {
        taped!(self, "session.bars-of", { symbols, until, limit }, self.0.bars_of(lent, symbols, until, limit).await)
    }

    async fn recommendations(
        &mut self,
        lent: Resource<Lent>,
        expert: u64,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        taped!(self, "session.recommendations", { expert, limit }, self.0.recommendations(lent, expert, limit).await)
    }

    async fn recommendations_of(
        &mut self,
        lent: Resource<Lent>,
        experts: Vec<u64>,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        taped!(self, "session.recommendations-of", { experts, limit }, self.0.recommendations_of(lent, experts, limit).await)
    }

    fn drop(&mut self, lent: Resource<Lent>) -> wasmtime::Result<()> {
        HostSession::drop(self.0, lent)
    }
}
