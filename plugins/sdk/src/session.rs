//! The host's database and brokers, lent for one call.
//!
//! Owns: reading the book in whole sets, paging and chunking included.
//! Must not know: how the host answers.

use std::collections::BinaryHeap;

use lombard_model::{
    Account, AccountId, Balance, Bar, Expert, ExpertId, Instrument, Order, OrderId,
    PastRecommendation, Position, Quote, Symbol, Timestamp, Transaction, TransactionId,
};

use crate::bindings::{session, types};
use crate::{Error, TransactionFilter, TransactionPages, lift, pages, remembered, tables};

/// The most things asked for at once.
const HOST_BOUND: usize = 100_000;

/// What the host lends for one call: all reads see one state of the database.
///
/// The methods that read sets come first; they are the way to go. Asking for
/// single rows in a loop costs a call into the host for most of them:
///
/// | instead of, in a loop | ask once, before it |
/// | --- | --- |
/// | [`transaction`](Self::transaction) | [`transactions`](Self::transactions) or [`transactions_by_id`](Self::transactions_by_id) |
/// | [`order`](Self::order) | [`book`](Self::book), [`orders_of`](Self::orders_of) the transactions, or [`orders_by_id`](Self::orders_by_id) |
/// | [`account`](Self::account) | [`accounts`](Self::accounts) |
/// | [`expert`](Self::expert) | [`experts`](Self::experts) |
/// | [`positions`](Self::positions) | [`positions_of`](Self::positions_of) |
/// | [`quotes`](Self::quotes) of one instrument | [`quotes`](Self::quotes) of all of them |
/// | [`bars`](Self::bars) | [`bars_of`](Self::bars_of) |
/// | [`recommendations`](Self::recommendations) | [`recommendations_of`](Self::recommendations_of) |
///
/// # Errors
/// Every read fails with [`Error::Session`] where its grant is missing
/// ([`SessionError::Denied`](crate::SessionError::Denied) names it) or the host
/// can't read now.
#[repr(transparent)]
pub struct Session(session::Session);

/// Sets. Each costs a number of SQL statements that does not depend on how
/// many rows it has.
#[expect(clippy::missing_errors_doc, reason = "said once, on the type")]
impl Session {
    /// All transactions that pass the filter, by rising id.
    ///
    /// Needs `read:transactions`.
    ///
    /// ```
    /// # use lombard_sdk::prelude::*;
    /// # fn of(session: &Session) -> Result<(), Error> {
    /// let open = session.transactions(&TransactionFilter::open())?;
    /// let ids: Vec<_> = open.iter().map(|trade| trade.id).collect();
    /// let orders = session.orders_of(&ids)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn transactions(&self, filter: &TransactionFilter) -> Result<Vec<Transaction>, Error> {
        let mut pages = self.pages_of_transactions(filter, pages::MOST);
        let mut all = pages.next().transpose()?.unwrap_or_default();
        let mut is_more = false;
        for page in pages {
            all.extend(page?);
            is_more = true;
        }
        if is_more {
            remembered::listed(all.iter().map(|one| one.id.get()).collect());
        }
        Ok(all)
    }

    /// The same, `rows` at a time, for who need not hold all of them at once.
    /// Orders of a page are read with the page; a `rows` of 0 is an error.
    ///
    /// ```
    /// # use lombard_sdk::prelude::*;
    /// # fn of(session: &Session) -> Result<Decimal, Error> {
    /// let mut quantity = Decimal::ZERO;
    /// for page in session.pages_of_transactions(&TransactionFilter::all(), 5_000) {
    ///     quantity += page?.iter().map(|trade| trade.quantity).sum::<Decimal>();
    /// }
    /// # Ok(quantity)
    /// # }
    /// ```
    pub fn pages_of_transactions(
        &self,
        filter: &TransactionFilter,
        rows: u32,
    ) -> TransactionPages<'_> {
        TransactionPages::new(self, filter.to_raw(), rows)
    }

    /// All transactions that pass the filter, by rising id, and all their
    /// orders, as [`orders_of`](Self::orders_of) gives them: what takes two calls
    /// into the host otherwise.
    ///
    /// Needs `read:transactions` and `read:orders`.
    ///
    /// ```
    /// # use lombard_sdk::prelude::*;
    /// # fn of(session: &Session) -> Result<(), Error> {
    /// let (trades, orders) = session.book(&TransactionFilter::open())?;
    /// log::debug!("{} orders of {} trades", orders.len(), trades.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn book(
        &self,
        filter: &TransactionFilter,
    ) -> Result<(Vec<Transaction>, Vec<Order>), Error> {
        let filter = filter.to_raw();
        pages::book(HOST_BOUND, |after| {
            tables::book(self.0.book_table(&filter, after, pages::MOST)?)
        })
    }

    /// All orders of all these transactions, by transaction, then creation
    /// (unknown first), then id.
    ///
    /// A transaction without orders, or an unknown one, adds nothing; one that
    /// is named twice counts once. Needs `read:orders`.
    pub fn orders_of(&self, transactions: &[TransactionId]) -> Result<Vec<Order>, Error> {
        let mut ids: Vec<_> = transactions.iter().map(|id| id.get()).collect();
        if let [one] = ids[..] {
            return remembered::orders_of(one, |ids| self.read_orders(ids));
        }
        if ids.len() > HOST_BOUND {
            // So that the chunks' answers, end to end, are in order.
            ids = rising(ids);
        }
        in_chunks(&ids, |ids| self.read_orders(ids))
    }

    fn read_orders(&self, transactions: &[u64]) -> Result<Vec<Order>, Error> {
        tables::orders(&self.0.order_table(transactions)?)
    }

    /// These transactions, by id, without those that are not there. Needs
    /// `read:transactions`.
    pub fn transactions_by_id(&self, ids: &[TransactionId]) -> Result<Vec<Transaction>, Error> {
        let ids = rising(ids.iter().map(|id| id.get()).collect());
        in_chunks(&ids, |ids| {
            lift::all(self.0.transactions_by_id(ids)?, lift::transaction)
        })
    }

    /// These orders, by id, without those that are not there. Needs
    /// `read:orders`.
    pub fn orders_by_id(&self, ids: &[OrderId]) -> Result<Vec<Order>, Error> {
        let ids = rising(ids.iter().map(|id| id.get()).collect());
        in_chunks(&ids, |ids| {
            lift::all(self.0.orders_by_id(ids)?, lift::order)
        })
    }

    /// All accounts, by id. Needs `read:accounts`.
    pub fn accounts(&self) -> Result<Vec<Account>, Error> {
        lift::all(self.0.accounts()?, lift::account)
    }

    /// All expert instances, by id. Needs `read:experts`.
    pub fn experts(&self) -> Result<Vec<Expert>, Error> {
        lift::all(self.0.experts()?, lift::expert)
    }

    /// The cash of these accounts, one answer for each, in their order.
    ///
    /// An account that is unknown, or whose broker can't be reached, has no
    /// cash in its answer and takes nothing from the others. Needs
    /// `read:balances`.
    pub fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Balance>, Error> {
        let ids: Vec<_> = accounts.iter().map(|id| id.get()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        lift::all(self.0.balances(&ids)?, lift::balance)
    }

    /// Current prices, one answer for each instrument, in their order.
    ///
    /// An instrument without a price has none in its answer and takes nothing
    /// from the others. One that is asked for alone keeps its price to the end
    /// of the call. Needs `read:prices`.
    pub fn quotes(&self, instruments: &[Instrument]) -> Result<Vec<Quote>, Error> {
        if let [one] = instruments {
            let ask = || Ok(self.read_quotes(instruments)?.pop());
            return Ok(remembered::quote(one, ask)?.into_iter().collect());
        }
        self.read_quotes(instruments)
    }

    fn read_quotes(&self, instruments: &[Instrument]) -> Result<Vec<Quote>, Error> {
        in_chunks(instruments, |instruments| {
            let raw = |instrument: &Instrument| types::Instrument {
                account: instrument.account.get(),
                symbol: instrument.symbol.as_str().to_owned(),
            };
            let asked: Vec<_> = instruments.iter().map(raw).collect();
            let mut asked_for = instruments.iter();
            lift::all(self.0.quotes(&asked)?, |quote| {
                lift::quote(quote, asked_for.next())
            })
        })
    }

    /// What the account holds, by symbol.
    ///
    /// Empty where it holds nothing; an error where its broker can't be
    /// reached, or for an unknown account. Needs `read:positions`.
    pub fn positions(&self, account: AccountId) -> Result<Vec<Position>, Error> {
        lift::all(self.0.positions(account.get())?, lift::position)
    }

    /// What these accounts hold, by symbol, one answer for each, in their
    /// order; none where one is unknown or its broker can't be reached. Needs
    /// `read:positions`.
    pub fn positions_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<Option<Vec<Position>>>, Error> {
        let ids: Vec<_> = accounts.iter().map(|id| id.get()).collect();
        in_chunks(&ids, |ids| {
            lift::all(self.0.positions_of(ids)?, |one| {
                one.positions
                    .map(|held| lift::all(held, lift::position))
                    .transpose()
            })
        })
    }

    /// The bars of each of these symbols, as [`Session::bars`] gives them, in
    /// their order.
    ///
    /// Needs `read:bars`; a `limit` of 0 is an error, and so is one that could
    /// give more than 1,000,000 bars in all.
    ///
    /// ```
    /// # use lombard_sdk::prelude::*;
    /// # fn of(session: &Session, request: &AnalysisRequest) -> Result<(), Error> {
    /// let bars = session.bars_of(&request.symbols, session.as_of(), 50)?;
    /// for (symbol, bars) in request.symbols.iter().zip(&bars) {
    ///     log::debug!("{symbol}: {} daily bars", bars.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn bars_of(
        &self,
        symbols: &[Symbol],
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Vec<Bar>>, Error> {
        let named: Vec<_> = symbols
            .iter()
            .map(|symbol| symbol.as_str().to_owned())
            .collect();
        let bars = self.0.bars_of(&named, until.as_micros(), limit)?;
        lift::all(bars, |one| lift::all(one.bars, lift::bar))
    }

    /// The last `limit` recommendations of each of these experts, expert after
    /// expert in their order, each newest first.
    ///
    /// Needs `read:recommendations`; a `limit` of 0 is an error, and so is one
    /// that could give more than 1,000,000 recommendations in all.
    pub fn recommendations_of(
        &self,
        experts: &[ExpertId],
        limit: u32,
    ) -> Result<Vec<PastRecommendation>, Error> {
        let ids: Vec<_> = experts.iter().map(|id| id.get()).collect();
        let past = self.0.recommendations_of(&ids, limit)?;
        lift::all(past, lift::past_recommendation)
    }

    /// The last `limit` daily bars of a symbol up to and including the day of
    /// `until`, oldest first.
    ///
    /// Empty for an unknown symbol. Days without trading have no bar. Needs
    /// `read:bars`; a `limit` of 0 is an error.
    pub fn bars(&self, symbol: &Symbol, until: Timestamp, limit: u32) -> Result<Vec<Bar>, Error> {
        let bars = self.0.bars(symbol.as_str(), until.as_micros(), limit)?;
        lift::all(bars, lift::bar)
    }

    /// The last `limit` recommendations of an expert, newest first, then by
    /// symbol.
    ///
    /// Needs `read:recommendations`; a `limit` of 0 is an error.
    pub fn recommendations(
        &self,
        expert: ExpertId,
        limit: u32,
    ) -> Result<Vec<PastRecommendation>, Error> {
        let past = self.0.recommendations(expert.get(), limit)?;
        lift::all(past, lift::past_recommendation)
    }
}

/// What the author's methods stand on, for who measures the host without them.
#[doc(hidden)]
impl Session {
    #[must_use]
    pub fn raw(&self) -> &session::Session {
        &self.0
    }
}

/// The time, and single rows.
#[expect(clippy::missing_errors_doc, reason = "said once, on the type")]
impl Session {
    /// The time of this call, the same however often it is asked for. There is
    /// no other clock, so that a call can be repeated.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        Timestamp::from_micros(self.0.as_of())
    }

    /// One transaction; none where no such id is known. Needs
    /// `read:transactions`. Of many: [`Session::transactions_by_id`].
    pub fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>, Error> {
        self.0
            .transaction(id.get())?
            .map(lift::transaction)
            .transpose()
    }

    /// One order; none where no such id is known. Needs `read:orders`. Of many:
    /// [`Session::orders_by_id`].
    pub fn order(&self, id: OrderId) -> Result<Option<Order>, Error> {
        self.0.order(id.get())?.map(lift::order).transpose()
    }

    /// One account; none where no such id is known. Needs `read:accounts`. Of
    /// many: [`Session::accounts`].
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, Error> {
        let id = id.get();
        remembered::account(id, || self.0.account(id)?.map(lift::account).transpose())
    }

    /// One expert instance; none where no such id is known. Needs
    /// `read:experts`. Of many: [`Session::experts`].
    pub fn expert(&self, id: ExpertId) -> Result<Option<Expert>, Error> {
        let id = id.get();
        remembered::expert(id, || self.0.expert(id)?.map(lift::expert).transpose())
    }
}

/// In rising order, each once, so that the chunks' answers are in order.
///
/// They mostly come so. For the rest a heap will do, whose sort takes a sixth of
/// the room of the slice's own.
fn rising(mut ids: Vec<u64>) -> Vec<u64> {
    if !ids.is_sorted() {
        ids = BinaryHeap::from(ids).into_sorted_vec();
    }
    ids.dedup();
    ids
}

/// Asks for no more at once than the host allows.
fn in_chunks<A, T>(
    asked: &[A],
    ask: impl Fn(&[A]) -> Result<Vec<T>, Error>,
) -> Result<Vec<T>, Error> {
    if asked.len() <= HOST_BOUND {
        return if asked.is_empty() {
            Ok(Vec::new())
        } else {
            ask(asked)
        };
    }
    let mut all = Vec::new();
    for chunk in asked.chunks(HOST_BOUND) {
        all.extend(ask(chunk)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_host_allows_is_asked_for_in_chunks() {
        let sizes = std::cell::RefCell::new(Vec::new());
        let asked: Vec<u64> = (0..250_000).collect();
        let answer = in_chunks(&asked, |chunk| {
            sizes.borrow_mut().push(chunk.len());
            Ok(chunk.to_vec())
        });
        assert_eq!(answer.unwrap(), asked);
        assert_eq!(sizes.into_inner(), [100_000, 100_000, 50_000]);
    }

    #[test]
    fn nothing_is_not_asked_for() {
        let answer = in_chunks::<u64, u64>(&[], |_| Err(Error::other("asked")));
        assert_eq!(answer, Ok(Vec::new()));
    }
}
