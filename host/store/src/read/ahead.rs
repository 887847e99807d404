//! Reading ahead: what a session is likely to ask for, all at once.
//!
//! Owns: the beginning of the snapshot and all that a habit asks for as one
//! statement. Each alone would be a way to the database's thread and back, which
//! takes longer than a small one does; and while that thread works, the call's
//! own makes the instance.
//! Must not know: who asks, and whether the guess was right.

use std::fmt::{self, Write as _};
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use lombard_model::Order;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::MAX_SET;
use super::document::parse;
use super::orders::{OF_PAGE, in_order};
use super::paper::{self, PRICES_AHEAD, Priced};
use super::small_sets::{Member, members};
use super::transactions::{PAGE, bind_page, page_of};
use crate::bounds::{Bounds, bytes_of};
use crate::changes::DataVersion;
use crate::habits::Habit;
use crate::lease::Lease;
use crate::meter::Meter;
use crate::reads::{Known, Page};
use crate::snapshot::{VERSION, version};
use crate::{AccountRow, ExpertRow, StoreError, TransactionFilter};

/// What was read.
struct Found {
    version: DataVersion,
    bytes: u64,
    habit: Arc<Habit>,
    page: Option<Page>,
    orders: Vec<Order>,
    prices: Vec<Priced>,
    experts: Vec<ExpertRow>,
    accounts: Vec<AccountRow>,
}

impl Found {
    async fn read(
        lease: &mut Lease,
        habit: Arc<Habit>,
        (meter, bounds): (&Meter, Bounds),
    ) -> Result<Self, StoreError> {
        let everything = (TransactionFilter::default(), 0);
        let (filter, limit) = habit.page.as_ref().unwrap_or(&everything);
        let query = sqlx::query(AssertSqlSafe(statement(&habit)));
        let query = bind_page(query, filter, 0, *limit)
            .bind(bounds.rows_left(meter))
            .bind(paper::listed(&habit.prices));
        let row = lease.fetch_one(query).await?;
        let bytes = bytes_of(&row);
        meter.count_rows(0, bytes);
        bounds.hold(meter)?;
        let found = Self::of(&row, bytes, &habit)?;
        meter.count_rows(found.rows(), 0);
        bounds.hold(meter)?;
        Ok(found)
    }

    fn of(row: &SqliteRow, bytes: usize, habit: &Arc<Habit>) -> Result<Self, StoreError> {
        let mut at = 0;
        let mut next = |is_asked: bool| -> Result<&str, StoreError> {
            if !is_asked {
                return Ok("[]");
            }
            at += 1;
            Ok(row.try_get_unchecked(at)?)
        };
        let page = next(habit.page.is_some())?;
        let orders = next(habit.has_orders())?;
        let prices = next(!habit.prices.is_empty())?;
        let experts = next(habit.experts)?;
        let accounts = next(habit.accounts)?;
        let limit = habit.page.as_ref().map(|(_, limit)| *limit);
        let page = limit.map(|limit| Ok::<_, StoreError>(page_of(parse(page)?, 0, limit)));
        Ok(Self {
            version: version(row)?,
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
            page: page.transpose()?,
            orders: in_order(parse(orders)?),
            prices: paper::priced(prices)?,
            experts: members(experts)?,
            accounts: members(accounts)?,
            habit: Arc::clone(habit),
        })
    }

    fn rows(&self) -> usize {
        self.page.as_ref().map_or(0, |page| page.rows.len())
            + self.orders.len()
            + self.prices.len()
            + self.experts.len()
            + self.accounts.len()
    }

    fn keep(self, known: &mut Known) {
        let habit = &*self.habit;
        known.grew(self.bytes);
        if let (Some(page), Some((filter, _))) = (self.page, &habit.page) {
            let ids: Arc<[_]> = page.rows.iter().map(|row| row.id).collect();
            known.transactions.put_page(filter.clone(), page);
            if habit.orders && !ids.is_empty() {
                known.orders.put_of(ids, self.orders.into());
            }
        }
        paper::keep(known, &habit.prices, self.prices);
        // Of more than there may be nothing is kept: the session will read
        // them, and tell.
        if habit.experts && self.experts.len() <= MAX_SET {
            known.experts.put_all(self.experts.into());
        }
        if habit.accounts && self.accounts.len() <= MAX_SET {
            known.accounts.put_all(self.accounts.into());
        }
    }
}

/// The beginning of a transaction, and all that a habit asks for as one row:
/// whoever waits for it is woken once.
fn statement(habit: &Habit) -> String {
    let parts = [
        (true, VERSION),
        (habit.page.is_some(), PAGE),
        (habit.has_orders(), OF_PAGE),
        (!habit.prices.is_empty(), PRICES_AHEAD),
        (habit.experts, ExpertRow::ALL),
        (habit.accounts, AccountRow::ALL),
    ];
    let mut statement = String::with_capacity(4_096);
    statement.push_str("BEGIN; SELECT ");
    for (at, (_, part)) in parts.iter().filter(|(is_asked, _)| *is_asked).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a string can't fail.
        let _ = write!(statement, "{comma}({part})");
    }
    statement
}

/// A lease, with what was read over it.
pub(crate) struct Ahead {
    lease: Lease,
    found: Found,
}

impl Ahead {
    async fn read(
        mut lease: Lease,
        habit: Arc<Habit>,
        meter: Meter,
        bounds: Bounds,
    ) -> Result<Box<Self>, StoreError> {
        let found = Found::read(&mut lease, habit, (&meter, bounds)).await?;
        Ok(Box::new(Self { lease, found }))
    }

    /// The version of what was read.
    pub(crate) fn version(&self) -> DataVersion {
        self.found.version
    }

    /// The lease, and what keeps what was read.
    pub(crate) fn land(self) -> (Lease, impl FnOnce(&mut Known)) {
        let found = self.found;
        (self.lease, |known: &mut Known| found.keep(known))
    }
}

/// What is being read ahead. Dropping it gives the connection back.
pub(crate) struct Flight {
    /// Behind a lock that is never held: only that lets a session be looked at
    /// from two threads.
    reading: Mutex<BoxFuture<'static, Result<Box<Ahead>, StoreError>>>,
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight")
    }
}

impl Flight {
    /// Sends the statements of this habit to the database's thread, and does
    /// not wait for it.
    pub(crate) fn begin(lease: Lease, habit: Arc<Habit>, meter: Meter, bounds: Bounds) -> Self {
        meter.count_statement();
        let mut reading: BoxFuture<'static, _> = Box::pin(Ahead::read(lease, habit, meter, bounds));
        // Nobody waits yet: who does will look again.
        let looked = reading
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        Self {
            reading: Mutex::new(match looked {
                Poll::Ready(ahead) => Box::pin(ready(ahead)),
                Poll::Pending => reading,
            }),
        }
    }

    /// What was read.
    pub(crate) async fn arrival(self) -> Result<Box<Ahead>, StoreError> {
        let reading = self.reading.into_inner();
        reading.unwrap_or_else(PoisonError::into_inner).await
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::dataset::Dataset;
    use lombard_model::{Instrument, Symbol};

    use super::*;
    use crate::{Location, Purpose, Session, Store, StoreOptions};

    async fn ask(session: &mut Session) -> Result<usize, StoreError> {
        let open = TransactionFilter::open();
        let page = session.transactions(&open, None, 1_000).await?;
        let instrument = Instrument {
            account: 1_u64.try_into().unwrap(),
            symbol: Symbol::new("AAPL").unwrap(),
        };
        session.paper_prices(&[instrument]).await?;
        Ok(page.len())
    }

    /// A part that can't be read takes nothing from the others; who needs it
    /// is told.
    #[tokio::test]
    async fn what_fails_ahead_fails_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::file(folder.path().join("book.sqlite"));
        let options = StoreOptions {
            share_reads: false,
            ..StoreOptions::default()
        };
        let store = Store::open(&location, &options).await.unwrap();
        let book = Dataset::to_measure(7, 1, "nobody").unwrap();
        store.import(book).await.unwrap();
        let session = || {
            let mut session = store.session(Purpose::host("test"));
            session.read_as_last_time("a kind".to_owned());
            session
        };
        let mut first = session();
        assert_eq!(ask(&mut first).await.unwrap(), 7);
        first.end();
        let drop_prices = store.write(|writing| {
            Box::pin(async move {
                writing
                    .execute(sqlx::query("DROP TABLE paper_prices"))
                    .await
            })
        });
        drop_prices.await.unwrap();

        while store.pool_status().idle == 0 {
            tokio::task::yield_now().await;
        }
        let mut second = session();
        assert!(second.is_open());
        let open = TransactionFilter::open();
        let page = second.transactions(&open, None, 1_000).await.unwrap();
        assert_eq!(page.len(), 7);
        let error = ask(&mut second).await.unwrap_err();
        assert!(matches!(error, StoreError::Database(_)), "{error:?}");
        let cost = second.end();
        assert_eq!((cost.sessions, cost.connections), (2, 1), "{cost:?}");
        store.close().await;
    }
}
