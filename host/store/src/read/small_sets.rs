//! Sets that are small: accounts and expert instances.
//!
//! Owns: reading all of one, once a session, and the look-up of one member by
//! its id with its siblings. Must not know: the columns of a table.

use std::sync::Arc;

use sqlx::sqlite::SqliteRow;

use super::{CHUNK, MAX_SET};
use crate::columns::json_list;
use crate::reads::{ById, Known, Row};
use crate::{Session, StoreError};

/// A member of a small set.
pub(super) trait Member: Row<Id: std::fmt::Display> + Clone {
    /// The set, in the words of an error.
    const SET: &'static str;
    /// The statement that gives all, by id, and one more than there may be.
    const ALL: &'static str;
    /// The statement that gives those whose ids are the list `$1`.
    const BY_ID: &'static str;

    fn read(row: &SqliteRow) -> Result<Self, StoreError>;

    /// Those that are known.
    fn known(known: &mut Known) -> &mut ById<Self::Id, Self>;

    /// Ids that whoever looks up one is about to look up as well.
    fn siblings(known: &mut Known) -> Vec<Self::Id>;
}

impl Session {
    /// All there are, by id.
    pub(super) async fn whole_set<T: Member>(&mut self) -> Result<Arc<[T]>, StoreError> {
        if let Some(all) = self.whole_set_at_hand() {
            return Ok(all);
        }
        let before = self.cost().bytes;
        let rows = self.fetch(sqlx::query(T::ALL)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: T::SET,
                limit: MAX_SET,
            });
        }
        let all: Arc<[T]> = rows.iter().map(T::read).collect::<Result<_, _>>()?;
        self.remember(before, |known| T::known(known).put_all(Arc::clone(&all)));
        Ok(all)
    }

    /// One; none where there is no such id.
    pub(super) async fn member<T: Member>(&mut self, id: T::Id) -> Result<Option<T>, StoreError> {
        if let Some(found) = self.member_at_hand(id) {
            return Ok(found);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = T::siblings(known);
            wanted.push(id);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| !T::known(known).knows(*id));
            wanted
        });
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let query = sqlx::query(T::BY_ID).bind(json_list(wanted));
            let rows = self.fetch(query).await?;
            let found: Vec<T> = rows.iter().map(T::read).collect::<Result<_, _>>()?;
            self.remember(before, |known| T::known(known).put(wanted, found));
        }
        let found = self.known(|known| T::known(known).get(id));
        Ok(found.flatten().map(Arc::unwrap_or_clone))
    }

    /// All without reading: none where they have to be read.
    pub(super) fn whole_set_at_hand<T: Member>(&mut self) -> Option<Arc<[T]>> {
        self.recall(|known| T::known(known).all())
    }

    /// One without reading: none where it has to be read.
    pub(super) fn member_at_hand<T: Member>(&mut self, id: T::Id) -> Option<Option<T>> {
        let found = self.recall(|known| T::known(known).get(id))?;
        Some(found.map(Arc::unwrap_or_clone))
    }
}
