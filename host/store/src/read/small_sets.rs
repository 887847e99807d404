//! Sets that are small: accounts and expert instances.
//!
//! Owns: reading all of one, once a session, and the look-up of one member by
//! its id with its siblings. Must not know: the columns of a table.

use std::sync::Arc;

use super::fields::Fields;
use super::{CHUNK, MAX_SET};
use crate::columns::json_list;
use crate::habits::Asked;
use crate::reads::{ById, Known, Row};
use crate::{Session, StoreError};

/// A member of a small set.
pub(super) trait Member: Row<Id: std::fmt::Display> + Clone {
    /// The set, in the words of an error.
    const SET: &'static str;
    const TABLE: &'static str;
    /// The statement that gives all, by id, and one more than there may be.
    const ALL: &'static str;
    /// The statement that gives those whose ids are the list `$1`.
    const BY_ID: &'static str;

    /// Takes one out of its array.
    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError>;

    /// Those that are known.
    fn known(known: &mut Known) -> &mut ById<Self::Id, Self>;

    /// Says that all were asked for.
    fn asked(asked: &mut Asked);

    /// Ids that whoever looks up one is about to look up as well.
    fn siblings(known: &mut Known) -> Vec<Self::Id>;
}

impl Session {
    /// All there are, by id.
    pub(super) async fn whole_set<T: Member>(&mut self) -> Result<Arc<[T]>, StoreError> {
        T::asked(self.asked());
        if let Some(all) = self.at_hand(|known| T::known(known).all()).await? {
            return Ok(all);
        }
        let before = self.cost().bytes;
        let query = sqlx::query(T::ALL);
        let all = self.fetch_document(query, members::<T>).await?;
        if all.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: T::SET,
                limit: MAX_SET,
            });
        }
        let all: Arc<[T]> = all.into();
        self.remember(before, |known| T::known(known).put_all(Arc::clone(&all)));
        Ok(all)
    }

    /// One; none where there is no such id.
    pub(super) async fn member<T: Member>(&mut self, id: T::Id) -> Result<Option<T>, StoreError> {
        if let Some(found) = self.at_hand(|known| T::known(known).get(id)).await? {
            return Ok(found.map(Arc::unwrap_or_clone));
        }
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
            let found = self.fetch_document(query, members::<T>).await?;
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

/// Those of a document, by id: SQLite promises no order of what it aggregates.
pub(super) fn members<T: Member>(document: &str) -> Result<Vec<T>, StoreError> {
    let mut members = Fields::rows(T::TABLE, document, 0, T::read)?;
    members.sort_by_key(Row::id);
    Ok(members)
}
