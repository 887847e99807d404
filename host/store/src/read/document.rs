//! Rows that come as one JSON document.
//!
//! Owns: the reading of them, and the look-up of one by its id with its
//! siblings. Transactions and orders are the large sets of a render; a row of
//! their own would cost a value to allocate for each of its columns and often a
//! wake-up of the reader, and a native render of 2,000 transactions takes half
//! the time without that. JSON and not texts with something between them:
//! SQLite takes a fifth longer for those, and here no text can be taken for
//! what stands between texts.
//! Must not know: the columns of a table.

use std::borrow::Cow;
use std::fmt::Display;

use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::CHUNK;
use super::fields::Fields;
use crate::columns::json_list;
use crate::reads::Known;
use crate::{Session, StoreError};

/// The most rows that room is made for before they are there.
const MOST_EXPECTED: usize = 16_384;

/// A length that few rows are shorter than: growing copies all of them.
const SHORT_ROW: usize = 48;

/// A record that the database gives as an array within a document.
pub(super) trait Listed: Sized {
    type Id: Copy + Ord + Display;

    const TABLE: &'static str;
    /// The statement that gives those whose ids are the list `$1`.
    const BY_ID: &'static str;

    /// Takes one out of its array.
    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError>;

    /// What is known of an id: none where nothing is, none in it where there
    /// is no such record.
    fn known(known: &mut Known, id: Self::Id) -> Option<Option<Self>>;

    /// Ids that whoever looks up one is about to look up as well.
    fn siblings(known: &mut Known) -> Vec<Self::Id>;

    /// Keeps what was found of the ids that were asked for.
    fn keep(known: &mut Known, asked: &[Self::Id], found: Vec<Self>);
}

impl Session {
    /// Those with these ids, by id, without those that are not there. The
    /// siblings of one that is not known are read with it.
    pub(super) async fn by_id<T: Listed>(&mut self, ids: &[T::Id]) -> Result<Vec<T>, StoreError> {
        let ids = rising(ids);
        let at_hand = |known: &mut Known| -> Option<Vec<T>> {
            let found = ids.iter().map(|id| T::known(known, *id));
            let found: Option<Vec<_>> = found.collect();
            Some(found?.into_iter().flatten().collect())
        };
        if let Some(found) = self.at_hand(at_hand).await? {
            return Ok(found);
        }
        let wanted = self.known(|known| {
            let mut wanted = T::siblings(known);
            wanted.extend_from_slice(&ids);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| T::known(known, *id).is_none());
            wanted
        });
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let query = sqlx::query(T::BY_ID).bind(json_list(wanted));
            let found = self.fetch_listed(query).await?;
            self.remember(before, |known| T::keep(known, wanted, found));
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    /// What a statement lists.
    pub(super) async fn fetch_listed<T: Listed>(
        &mut self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<T>, StoreError> {
        self.fetch_document(query, parse).await
    }
}

/// In rising order, each once.
pub(super) fn rising<T: Copy + Ord>(ids: &[T]) -> Cow<'_, [T]> {
    if ids.is_sorted_by(|one, next| one < next) {
        return Cow::Borrowed(ids);
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Cow::Owned(ids)
}

pub(super) fn parse<T: Listed>(document: &str) -> Result<Vec<T>, StoreError> {
    // It grows where that is wrong.
    let expected = (document.len() / SHORT_ROW).min(MOST_EXPECTED);
    Fields::rows(T::TABLE, document, expected, T::read)
}

#[cfg(test)]
mod tests {
    use lombard_model::dataset::Dataset;
    use lombard_model::{Order, OrderId, OrderType};

    use super::*;
    use crate::{Location, Purpose, Store, StoreOptions};

    /// A book whose orders another program has made a table of its own for,
    /// which takes any value in any column.
    async fn strange_book(folder: &std::path::Path) -> Store {
        let location = Location::file(folder.join("book.sqlite"));
        let options = StoreOptions {
            share_reads: false,
            ..StoreOptions::default()
        };
        let store = Store::open(&location, &options).await.unwrap();
        let book = Dataset::to_measure(1, 1, "nobody").unwrap();
        store.import(book).await.unwrap();
        run(&store, "CREATE TABLE strange AS SELECT * FROM orders").await;
        run(&store, "DROP TABLE orders").await;
        let columns = "id INTEGER PRIMARY KEY, transaction_id, account_id, symbol, side, type, \
             status, quantity, filled_quantity, fill_price, limit_price, stop_price, depends_on, \
             created_at";
        run(&store, format!("CREATE TABLE orders ({columns})")).await;
        run(&store, "INSERT INTO orders SELECT * FROM strange").await;
        store
    }

    async fn run(store: &Store, sql: impl Into<String>) {
        let sql = sqlx::AssertSqlSafe(sql.into());
        let write =
            store.write(|writing| Box::pin(async move { writing.execute(sqlx::query(sql)).await }));
        write.await.unwrap();
    }

    async fn set(store: &Store, column: &str, value: &str) {
        let sql = format!("UPDATE orders SET {column} = {value} WHERE id = 1");
        run(store, sql).await;
    }

    async fn first_order(store: &Store) -> Result<Order, StoreError> {
        let mut session = store.session(Purpose::host("test"));
        let id = OrderId::try_from(1_u64).unwrap();
        session.order(id).await.map(Option::unwrap)
    }

    #[tokio::test]
    async fn a_value_that_no_order_can_have_is_told_by_its_column() {
        let folder = tempfile::tempdir().unwrap();
        let store = strange_book(folder.path()).await;
        let good = first_order(&store).await.unwrap();
        for (column, value) in [
            ("transaction_id", "-1"),
            ("transaction_id", "NULL"),
            ("account_id", "'1'"),
            ("account_id", "9e99"),
            ("symbol", "7"),
            ("symbol", "''"),
            ("symbol", "char(31)"),
            ("symbol", "'A' || char(0) || 'B'"),
            ("symbol", "printf('%.*c', 1000000, 'A')"),
            ("side", "'Buy'"),
            ("status", "NULL"),
            ("quantity", "10"),
            ("quantity", "10.5"),
            ("quantity", "'1e3'"),
            ("quantity", "'99999999999999999999'"),
            ("fill_price", "'],[2,2'"),
            ("limit_price", "' 1'"),
            ("depends_on", "0"),
            ("depends_on", "1.5"),
            ("created_at", "1.5"),
            ("created_at", "'now'"),
        ] {
            set(&store, column, value).await;
            let error = first_order(&store).await.unwrap_err();
            let told = error.to_string();
            let place = format!("orders.{column} of row 1 holds a value that can't be read: ");
            assert!(
                told.starts_with(&place) && told.len() < 400,
                "{column} {value}: {told}"
            );
            let back = format!("(SELECT {column} FROM strange WHERE id = 1)");
            set(&store, column, &back).await;
            assert_eq!(first_order(&store).await.unwrap(), good);
        }
        for value in ["x'ff'", "CAST(x'ff' AS TEXT)"] {
            set(&store, "symbol", value).await;
            let error = first_order(&store).await.unwrap_err();
            assert!(
                matches!(error, StoreError::Database(_) | StoreError::Corrupt { .. }),
                "{value}: {error:?}"
            );
        }
        store.close().await;
    }

    #[tokio::test]
    async fn a_text_may_have_what_separates_texts() {
        let folder = tempfile::tempdir().unwrap();
        let store = strange_book(folder.path()).await;
        set(&store, "symbol", "'\",[\\'").await;
        set(&store, "type", "'\"' || char(0, 10, 233)").await;
        let order = first_order(&store).await.unwrap();
        assert_eq!(order.symbol.as_str(), "\",[\\");
        assert_eq!(order.order_type, OrderType::Other);
        store.close().await;
    }
}
