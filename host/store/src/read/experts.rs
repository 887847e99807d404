//! Expert instances.
//!
//! Owns: their statements. Must not know: plugins.

use std::sync::Arc;

use lombard_model::{Expert, ExpertId, SavedSettings};
use sqlx::sqlite::SqliteRow;

use super::MAX_SET;
use crate::columns::Columns;
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

impl Session {
    /// All expert instances, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn experts(&mut self) -> Result<Arc<[ExpertRow]>, StoreError> {
        if let Some(experts) = &self.memo.experts {
            return Ok(Arc::clone(experts));
        }
        let sql = select_experts!("ORDER BY id LIMIT 10001");
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "experts",
                limit: MAX_SET,
            });
        }
        let experts: Arc<[_]> = rows.iter().map(expert).collect::<Result<_, _>>()?;
        self.memo.experts = Some(Arc::clone(&experts));
        Ok(experts)
    }

    /// One expert instance; none where there is no such id.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn expert(&mut self, id: ExpertId) -> Result<Option<ExpertRow>, StoreError> {
        if let Some(experts) = &self.memo.experts {
            return Ok(experts.iter().find(|row| row.expert.id == id).cloned());
        }
        let sql = select_experts!("WHERE id = $1");
        let rows = self.fetch(sqlx::query(sql).bind(id.to_i64())).await?;
        rows.first().map(expert).transpose()
    }
}
