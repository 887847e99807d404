//! Expert instances.
//!
//! Owns: their statements. Must not know: plugins.

use std::sync::Arc;

use lombard_model::{Expert, ExpertId, SavedSettings};
use sqlx::sqlite::SqliteRow;

use super::small_sets::Member;
use crate::columns::Columns;
use crate::reads::{ById, Known, Row};
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

impl Row for ExpertRow {
    type Id = ExpertId;

    fn id(&self) -> ExpertId {
        self.expert.id
    }
}

impl Member for ExpertRow {
    const SET: &'static str = "experts";
    const ALL: &'static str = select_experts!("ORDER BY id LIMIT 10001");
    const BY_ID: &'static str = select_experts!("WHERE id IN (SELECT value FROM json_each($1))");

    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "expert_instances");
        Ok(Self {
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

    fn known(known: &mut Known) -> &mut ById<ExpertId, Self> {
        &mut known.experts
    }

    fn siblings(known: &mut Known) -> Vec<ExpertId> {
        known.transactions.take_experts()
    }
}

impl Session {
    /// All expert instances, by id; read once a session.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn experts(&mut self) -> Result<Arc<[ExpertRow]>, StoreError> {
        self.whole_set().await
    }

    /// One expert instance; none where there is no such id. Those of the
    /// transactions that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn expert(&mut self, id: ExpertId) -> Result<Option<ExpertRow>, StoreError> {
        self.member(id).await
    }

    /// All without reading: none where they have to be read.
    pub fn experts_at_hand(&mut self) -> Option<Arc<[ExpertRow]>> {
        self.whole_set_at_hand()
    }

    /// One without reading: none where it has to be read.
    pub fn expert_at_hand(&mut self, id: ExpertId) -> Option<Option<ExpertRow>> {
        self.member_at_hand(id)
    }
}
