//! Expert instances.
//!
//! Owns: their statements. Must not know: plugins.

use std::sync::Arc;

use lombard_model::{Expert, ExpertId, SavedSettings};
use sqlx::sqlite::SqliteRow;

use super::{CHUNK, MAX_SET};
use crate::columns::{Columns, json_list};
use crate::reads::Row;
use crate::{Session, StoreError};

/// An expert instance as the database holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpertRow {
    /// Who it is.
    pub expert: Expert,
    /// What was saved of its settings.
    pub settings: SavedSettings,
}

macro_rules! select_experts {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, plugin, alias, enabled, virtual_equity_pct, \
     (SELECT json_group_object(key, json(value)) FROM expert_settings WHERE expert_id = id) \
     FROM expert_instances ",
            $rest
        )
    };
}

fn expert(row: &SqliteRow) -> Result<ExpertRow, StoreError> {
    let columns = Columns::new(row, "expert_instances");
    Ok(ExpertRow {
        expert: Expert {
            id: columns.id(0)?,
            account: columns.id(1)?,
            plugin: columns.string(2)?,
            alias: columns.opt_text(3)?.map(str::to_owned),
            enabled: columns.flag(4)?,
            virtual_equity_percent: columns.decimal(5)?,
        },
        settings: columns.settings(6)?,
    })
}

impl Row for ExpertRow {
    type Id = ExpertId;

    fn id(&self) -> ExpertId {
        self.expert.id
    }
}

impl Session {
    /// All expert instances, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn experts(&mut self) -> Result<Arc<[ExpertRow]>, StoreError> {
        if let Some(all) = self.experts_at_hand() {
            return Ok(all);
        }
        let before = self.cost().bytes;
        let sql = select_experts!("ORDER BY id LIMIT 10001");
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "experts",
                limit: MAX_SET,
            });
        }
        let all: Arc<[_]> = rows.iter().map(expert).collect::<Result<_, _>>()?;
        self.remember(before, |known| known.experts.put_all(Arc::clone(&all)));
        Ok(all)
    }

    /// One expert instance; none where there is no such id. Those of the
    /// transactions that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn expert(&mut self, id: ExpertId) -> Result<Option<ExpertRow>, StoreError> {
        if let Some(found) = self.expert_at_hand(id) {
            return Ok(found);
        }
        self.open().await?;
        let wanted = self.known(|known| {
            let mut wanted = vec![id];
            wanted.extend(known.transactions.take_experts());
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|id| !known.experts.knows(*id));
            wanted
        });
        let sql = select_experts!("WHERE id IN (SELECT value FROM json_each($1))");
        for wanted in wanted.chunks(CHUNK) {
            let before = self.cost().bytes;
            let rows = self.fetch(sqlx::query(sql).bind(json_list(wanted))).await?;
            let found: Vec<_> = rows.iter().map(expert).collect::<Result<_, _>>()?;
            self.remember(before, |known| known.experts.put(wanted, found));
        }
        let found = self.known(|known| known.experts.get(id));
        Ok(found.flatten().map(Arc::unwrap_or_clone))
    }

    /// All without reading: none where they have to be read.
    pub fn experts_at_hand(&mut self) -> Option<Arc<[ExpertRow]>> {
        self.recall(|known| known.experts.all())
    }

    /// One without reading: none where it has to be read.
    pub fn expert_at_hand(&mut self, id: ExpertId) -> Option<Option<ExpertRow>> {
        let found = self.recall(|known| known.experts.get(id))?;
        Some(found.map(Arc::unwrap_or_clone))
    }
}
