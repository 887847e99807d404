//! Rows that come as one JSON document.
//!
//! Owns: the parsing of them, the look-up of one by its id with its siblings,
//! and the texts that many rows share. Transactions and orders are the large
//! sets of a render; a row of their own would cost a value to allocate for each
//! of its columns and often a wake-up of the reader, and a native render of
//! 2,000 transactions takes half the time without that.
//! Must not know: the columns of a table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

use lombard_model::Symbol;
use serde::Deserialize;
use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::CHUNK;
use crate::columns::{Field, json_list};
use crate::reads::Known;
use crate::{Session, StoreError};

/// The most rows that room is made for before they are there.
const MOST_EXPECTED: usize = 16_384;

/// A record that the database gives as an array within a document.
pub(super) trait Listed: Sized {
    type Id: Copy + Ord + Display;
    /// The array.
    type Row<'t>: Deserialize<'t>;

    const TABLE: &'static str;
    /// The statement that gives those whose ids are the list `$1`.
    const BY_ID: &'static str;

    fn read(row: Self::Row<'_>, symbols: &mut Symbols) -> Result<Self, StoreError>;

    /// What is known of an id: none where nothing is, none in it where there
    /// is no such record.
    fn known(known: &mut Known, id: Self::Id) -> Option<Option<Self>>;

    /// Ids that whoever looks up one is about to look up as well.
    fn siblings(known: &mut Known) -> Vec<Self::Id>;

    /// Keeps what was found of the ids that were asked for.
    fn keep(known: &mut Known, asked: &[Self::Id], found: Vec<Self>);
}

/// A text, which is not copied out of the document.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The symbols of one document: the same few in many rows.
#[derive(Default)]
pub(super) struct Symbols(HashMap<Box<str>, Symbol>);

impl Symbols {
    pub(super) fn get(&mut self, field: Field, text: &str) -> Result<Symbol, StoreError> {
        if let Some(symbol) = self.0.get(text) {
            return Ok(symbol.clone());
        }
        let symbol: Symbol = field.name(text)?;
        self.0.insert(text.into(), symbol.clone());
        Ok(symbol)
    }
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
        if let Some(found) = self.recall(at_hand) {
            return Ok(found);
        }
        self.open().await?;
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

fn parse<T: Listed>(document: &str) -> Result<Vec<T>, StoreError> {
    let mut fault = None;
    // Few rows are shorter. It grows where that is wrong.
    let expected = (document.len() / 64).min(MOST_EXPECTED);
    let mut input = serde_json::Deserializer::from_str(document);
    let parsed = input
        .deserialize_seq(Records {
            fault: &mut fault,
            records: Vec::with_capacity(expected),
        })
        .and_then(|records| input.end().map(|()| records));
    parsed.map_err(|error| {
        fault.unwrap_or_else(|| StoreError::Corrupt {
            table: T::TABLE,
            column: "?".to_owned(),
            row: "?".to_owned(),
            fault: error.to_string(),
        })
    })
}

/// Takes each row over as soon as it is parsed: a second list of thousands of
/// them is never there.
struct Records<'f, T> {
    /// Why a row could not be, where it was well-formed.
    fault: &'f mut Option<StoreError>,
    records: Vec<T>,
}

impl<'de, T: Listed> Visitor<'de> for Records<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<Vec<T>, A::Error> {
        let mut symbols = Symbols::default();
        while let Some(row) = rows.next_element::<T::Row<'de>>()? {
            match T::read(row, &mut symbols) {
                Ok(record) => self.records.push(record),
                Err(fault) => {
                    *self.fault = Some(fault);
                    return Err(A::Error::custom("a row that can't be"));
                }
            }
        }
        Ok(self.records)
    }
}
