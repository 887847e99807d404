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
    Account, Balance, Bar, BookTable, Expert, Instrument, Order, OrderTable, Position, Quote,
    Transaction, TransactionTable,
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
        taped!(self.transactions(lent; filter, after, limit) as "session.transactions")
    }

    async fn transaction_table(
        &mut self,
        lent: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<TransactionTable> {
        taped!(self.transaction_table(lent; filter, after, limit) as "session.transaction-table")
    }

    async fn transaction(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Transaction>> {
        taped!(self.transaction(lent; id) as "session.transaction")
    }

    async fn transactions_by_id(
        &mut self,
        lent: Resource<Lent>,
        ids: Vec<u64>,
    ) -> Answer<Vec<Transaction>> {
        taped!(self.transactions_by_id(lent; ids) as "session.transactions-by-id")
    }

    async fn orders_of(
        &mut self,
        lent: Resource<Lent>,
        transactions: Vec<u64>,
    ) -> Answer<Vec<Order>> {
        taped!(self.orders_of(lent; transactions) as "session.orders-of")
    }

    async fn order_table(
        &mut self,
        lent: Resource<Lent>,
        transactions: Vec<u64>,
    ) -> Answer<OrderTable> {
        taped!(self.order_table(lent; transactions) as "session.order-table")
    }

    async fn book_table(
        &mut self,
        lent: Resource<Lent>,
        filter: TransactionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Answer<BookTable> {
        taped!(self.book_table(lent; filter, after, limit) as "session.book-table")
    }

    async fn order(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Order>> {
        taped!(self.order(lent; id) as "session.order")
    }

    async fn orders_by_id(&mut self, lent: Resource<Lent>, ids: Vec<u64>) -> Answer<Vec<Order>> {
        taped!(self.orders_by_id(lent; ids) as "session.orders-by-id")
    }

    async fn accounts(&mut self, lent: Resource<Lent>) -> Answer<Vec<Account>> {
        taped!(self.accounts(lent) as "session.accounts")
    }

    async fn account(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Account>> {
        taped!(self.account(lent; id) as "session.account")
    }

    async fn balances(&mut self, lent: Resource<Lent>, accounts: Vec<u64>) -> Answer<Vec<Balance>> {
        taped!(self.balances(lent; accounts) as "session.balances")
    }

    async fn positions(&mut self, lent: Resource<Lent>, account: u64) -> Answer<Vec<Position>> {
        taped!(self.positions(lent; account) as "session.positions")
    }

    async fn positions_of(
        &mut self,
        lent: Resource<Lent>,
        accounts: Vec<u64>,
    ) -> Answer<Vec<AccountPositions>> {
        taped!(self.positions_of(lent; accounts) as "session.positions-of")
    }

    async fn quotes(
        &mut self,
        lent: Resource<Lent>,
        instruments: Vec<Instrument>,
    ) -> Answer<Vec<Quote>> {
        taped!(self.quotes(lent; instruments) as "session.quotes")
    }

    async fn experts(&mut self, lent: Resource<Lent>) -> Answer<Vec<Expert>> {
        taped!(self.experts(lent) as "session.experts")
    }

    async fn expert(&mut self, lent: Resource<Lent>, id: u64) -> Answer<Option<Expert>> {
        taped!(self.expert(lent; id) as "session.expert")
    }

    async fn bars(
        &mut self,
        lent: Resource<Lent>,
        symbol: String,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<Bar>> {
        taped!(self.bars(lent; symbol, until, limit) as "session.bars")
    }

    async fn bars_of(
        &mut self,
        lent: Resource<Lent>,
        symbols: Vec<String>,
        until: i64,
        limit: u32,
    ) -> Answer<Vec<SymbolBars>> {
        taped!(self.bars_of(lent; symbols, until, limit) as "session.bars-of")
    }

    async fn recommendations(
        &mut self,
        lent: Resource<Lent>,
        expert: u64,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        taped!(self.recommendations(lent; expert, limit) as "session.recommendations")
    }

    async fn recommendations_of(
        &mut self,
        lent: Resource<Lent>,
        experts: Vec<u64>,
        limit: u32,
    ) -> Answer<Vec<PastRecommendation>> {
        taped!(self.recommendations_of(lent; experts, limit) as "session.recommendations-of")
    }

    fn drop(&mut self, lent: Resource<Lent>) -> wasmtime::Result<()> {
        HostSession::drop(self.0, lent)
    }
}
