//! What a session sees that is only for some accounts.
//!
//! Owns: which rows belong to these accounts, and that every statement of such
//! a session sees no others. Each table stands in front of itself, narrowed,
//! as a common table expression of its name: so a statement can't forget to
//! ask, and what is hidden is as if it were not there, with its pages, limits
//! and faults.
//!
//! A transaction belongs to the account of its expert; one without an expert
//! to the accounts of its orders, and is seen where all of them are, and there
//! is one. An order belongs to its account and is seen with its transaction.
//!
//! Must not know: who sees less than all, and what the statements ask.

use std::fmt::Write as _;

use lombard_model::{AccountId, AccountScope};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Execute as _, Sqlite};

use crate::columns::json_list;
use crate::{Session, StoreError};

/// Tables with what a row of them has to be of to be seen, as [`Narrowed`]
/// writes it.
const NARROWED: &[(&str, Belongs)] = &[
    ("accounts", Belongs::ToAccount("id")),
    ("account_settings", Belongs::ToAccount("account_id")),
    ("paper_prices", Belongs::ToAccount("account_id")),
    ("expert_instances", Belongs::ToAccount("account_id")),
    ("expert_settings", Belongs::ToExpert),
    ("market_analyses", Belongs::ToExpert),
    ("recommendations", Belongs::ToExpert),
    ("transactions", Belongs::Transaction),
    ("orders", Belongs::Order),
    ("app_settings", Belongs::ToTheHost),
    ("plugin_binaries", Belongs::ToTheHost),
    ("installed_plugins", Belongs::ToTheHost),
    ("earlier_plugins", Belongs::ToTheHost),
    ("expert_pins", Belongs::ToTheHost),
    ("kept_plugins", Belongs::ToTheHost),
    ("plugin_limits", Belongs::ToTheHost),
    ("call_costs", Belongs::ToTheHost),
    ("job_schedules", Belongs::ToTheHost),
    ("job_runs", Belongs::ToTheHost),
    ("access_tokens", Belongs::ToTheHost),
];

/// Whose a row of a table is.
#[derive(Clone, Copy, Debug)]
enum Belongs {
    /// The account's that this column names.
    ToAccount(&'static str),
    /// Its expert's account's.
    ToExpert,
    Transaction,
    Order,
    /// Nobody's who sees less than all.
    ToTheHost,
}

/// What is read of an order: all columns, so that the one that names another
/// order can be left empty where that one is hidden.
const OF_ORDERS: &str = "id, transaction_id, account_id, symbol, side, type, status, quantity, \
     filled_quantity, fill_price, limit_price, stop_price, created_at";

/// The accounts that a session sees.
#[derive(Debug)]
pub(crate) struct Seen {
    scope: AccountScope,
    /// The same, as a parameter.
    listed: String,
}

impl Seen {
    /// None where nothing is hidden.
    fn of(scope: AccountScope) -> Option<Self> {
        let listed = json_list(scope.ids()?);
        Some(Self { scope, listed })
    }

    /// The same statement about what is seen.
    pub(crate) fn narrow<'q>(
        &self,
        mut query: Query<'q, Sqlite, SqliteArguments>,
    ) -> Result<Query<'q, Sqlite, SqliteArguments>, StoreError> {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
        let mut arguments = arguments.unwrap_or_default();
        let bound = arguments.add(self.listed.clone());
        bound.map_err(sqlx::Error::Encode)?;
        let narrowed = Narrowed {
            parameter: arguments.len(),
        };
        let sql = narrowed.before(query.sql().as_str());
        Ok(sqlx::query_with(AssertSqlSafe(sql), arguments))
    }
}

/// Statements in which the accounts that are seen are this parameter.
struct Narrowed {
    parameter: usize,
}

impl Narrowed {
    /// A statement with the tables in front of it.
    fn before(&self, statement: &str) -> String {
        let mut sql = String::with_capacity(8 << 10);
        for (table, belongs) in NARROWED {
            sql.push_str(if sql.is_empty() {
                "WITH RECURSIVE "
            } else {
                ", "
            });
            let (columns, seen) = self.seen(*belongs);
            // Writing to a string can't fail.
            let _ = write!(
                sql,
                "{table} AS NOT MATERIALIZED \
                 (SELECT {columns} FROM main.{table} AS whole WHERE {seen})"
            );
        }
        // One that has expressions of its own goes on with them.
        let (joint, rest) = match statement.strip_prefix("WITH RECURSIVE ") {
            Some(rest) => (", ", rest),
            None => (" ", statement),
        };
        sql + joint + rest
    }

    /// The columns of a table, and which of its rows are seen.
    fn seen(&self, belongs: Belongs) -> (String, String) {
        let all = "*".to_owned();
        match belongs {
            Belongs::ToAccount(column) => (all, self.account(&format!("whole.{column}"))),
            Belongs::ToExpert => (all, self.expert("whole.expert_id")),
            Belongs::Transaction => (all, self.transaction("whole")),
            Belongs::Order => {
                let waits_for = format!(
                    "(SELECT first.id FROM main.orders AS first \
                     WHERE first.id = whole.depends_on AND {}) AS depends_on",
                    self.order("first")
                );
                (format!("{OF_ORDERS}, {waits_for}"), self.order("whole"))
            }
            Belongs::ToTheHost => (all, "FALSE".to_owned()),
        }
    }

    fn accounts(&self) -> String {
        format!("(SELECT value FROM json_each(${}))", self.parameter)
    }

    fn account(&self, id: &str) -> String {
        format!("{id} IN {}", self.accounts())
    }

    fn expert(&self, id: &str) -> String {
        let its = self.account("account_id");
        format!("{id} IN (SELECT id FROM main.expert_instances WHERE {its})")
    }

    fn transaction(&self, of: &str) -> String {
        let orders = format!("SELECT 1 FROM main.orders AS its WHERE its.transaction_id = {of}.id");
        format!(
            "({} OR ({of}.expert_id IS NULL AND EXISTS ({orders}) \
             AND NOT EXISTS ({orders} AND its.account_id NOT IN {})))",
            self.expert(&format!("{of}.expert_id")),
            self.accounts()
        )
    }

    fn order(&self, of: &str) -> String {
        format!(
            "{} AND EXISTS (SELECT 1 FROM main.transactions AS trade \
             WHERE trade.id = {of}.transaction_id AND {})",
            self.account(&format!("{of}.account_id")),
            self.transaction("trade")
        )
    }
}

impl Session {
    /// Hides from here on all that is not of these accounts, from every read.
    /// What the session was given before, it keeps none of; the snapshot stays.
    /// For every account nothing is hidden, and nothing changes.
    pub fn within(&mut self, scope: AccountScope) {
        if let Some(seen) = Seen::of(scope) {
            self.see(seen);
        }
    }

    /// Whether something is hidden from this session.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.seen().is_some()
    }

    /// Whether this account, if there is one, is not hidden.
    #[must_use]
    pub fn sees_account(&self, id: AccountId) -> bool {
        self.seen().is_none_or(|seen| seen.scope.allows(id))
    }

    /// A statement as this session may run it.
    pub(crate) fn about_what_is_seen<'q>(
        &self,
        query: Query<'q, Sqlite, SqliteArguments>,
    ) -> Result<Query<'q, Sqlite, SqliteArguments>, StoreError> {
        match self.seen() {
            None => Ok(query),
            Some(seen) => seen.narrow(query),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lombard_model::dataset::Dataset;
    use sqlx::Row as _;

    use super::*;
    use crate::{Location, Purpose, Store, StoreOptions};

    async fn store(folder: &std::path::Path) -> Store {
        let location = Location::file(folder.join("book.sqlite"));
        let opened = Store::open(&location, &StoreOptions::default()).await;
        opened.unwrap()
    }

    fn only(id: u64) -> AccountScope {
        AccountScope::only([id.try_into().unwrap()]).unwrap()
    }

    async fn rows(session: &mut Session, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        session.fetch(sqlx::query(sql)).await.unwrap()[0].get(0)
    }

    /// What a new table holds must be thought of before anybody reads it.
    #[tokio::test]
    async fn every_table_is_narrowed_or_is_of_no_account() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let mut session = store.session(Purpose::host("test"));
        let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') \
             AND name NOT LIKE 'sqlite%'";
        let tables = session.fetch(sqlx::query(sql)).await.unwrap();
        let tables: BTreeSet<String> = tables.iter().map(|row| row.get(0)).collect();
        let narrowed = NARROWED.iter().map(|(table, _)| *table);
        let free = ["bars", "data_version", "_sqlx_migrations"];
        let known: BTreeSet<_> = narrowed.chain(free).map(str::to_owned).collect();
        assert_eq!(tables, known);
        session.end();
        store.close().await;
    }

    #[tokio::test]
    async fn a_narrow_session_sees_no_row_of_another_account_in_any_table() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let book = Dataset::to_measure(20, 2, "nobody").unwrap();
        store.import(book).await.unwrap();
        let mut whole = store.session(Purpose::host("test"));
        let mut narrow = store.session(Purpose::host("test"));
        let mut nothing = store.session(Purpose::host("test"));
        narrow.within(only(1));
        nothing.within(only(1_000));
        assert!(narrow.is_narrow() && !whole.is_narrow());
        for (table, _) in NARROWED {
            let (all, some) = (
                rows(&mut whole, table).await,
                rows(&mut narrow, table).await,
            );
            assert!(some < all || all == 0, "{table}: {some} of {all}");
            assert_eq!(rows(&mut nothing, table).await, 0, "{table}");
        }
        assert!(rows(&mut narrow, "orders").await > 0);
        assert_eq!(
            rows(&mut whole, "bars").await,
            rows(&mut narrow, "bars").await
        );
        for session in [whole, narrow, nothing] {
            session.end();
        }
        store.close().await;
    }

    /// Each column of a table is there as it was, also of orders, whose
    /// columns are named.
    #[tokio::test]
    async fn what_is_seen_has_all_its_columns() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let mut session = store.session(Purpose::host("test"));
        session.within(only(1));
        for (table, _) in NARROWED {
            let sql = "SELECT name FROM pragma_table_info($1)";
            let columns = session.fetch(sqlx::query(sql).bind(*table)).await.unwrap();
            let columns: Vec<String> = columns.iter().map(|row| row.get(0)).collect();
            let sql = format!("SELECT {} FROM {table}", columns.join(", "));
            session
                .fetch(sqlx::query(AssertSqlSafe(sql)))
                .await
                .unwrap();
        }
        session.end();
        store.close().await;
    }
}
