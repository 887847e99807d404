//! Expert instances.
//!
//! Owns: their statements. Must not know: plugins.

use std::borrow::Cow;
use std::sync::Arc;

use lombard_model::{Expert, ExpertId, SavedSettings};

use super::fields::Fields;
use super::small_sets::Member;
use crate::habits::Asked;
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

/// What is read of expert instances, in the order in which [`Member::read`] takes it.
/// The settings are put behind an empty text, so that they are a text as well.
macro_rules! list {
    ($from:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, account_id, plugin, alias, enabled, virtual_equity_pct, \
             '' || (SELECT json_group_object(key, json(value)) FROM expert_settings \
             WHERE expert_id = id))) FROM ",
            $from
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
    const TABLE: &'static str = "expert_instances";
    const ALL: &'static str = list!("(SELECT * FROM expert_instances ORDER BY id LIMIT 10001)");
    const BY_ID: &'static str =
        list!("expert_instances WHERE id IN (SELECT value FROM json_each($1))");

    fn read(row: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            expert: Expert {
                id: row.key("id")?,
                account: row.id("account_id")?,
                plugin: row.text("plugin")?.into_owned(),
                alias: row.opt("alias", Fields::text)?.map(Cow::into_owned),
                enabled: row.flag("enabled")?,
                virtual_equity_percent: row.decimal("virtual_equity_pct")?,
            },
            settings: row.settings("settings")?,
        })
    }

    fn known(known: &mut Known) -> &mut ById<ExpertId, Self> {
        &mut known.experts
    }

    fn asked(asked: &mut Asked) {
        asked.experts();
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
