//! Reading analyses.
//!
//! Owns: the statements on `market_analyses`. Must not know: who ran them.

use std::collections::HashMap;

use lombard_model::{AnalysisId, ExpertId, Timestamp, UseCase};

use crate::columns::Columns;
use crate::{Session, StoreError};

/// A run of an expert that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnalysis {
    /// Its id.
    pub id: AnalysisId,
    /// The plugin that ran.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// What the run was for.
    pub use_case: UseCase,
    /// How many symbols it looked at.
    pub symbols: u64,
    /// Why it failed, where it did.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

impl Session {
    /// The last analysis of each expert that has one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn latest_analyses(
        &mut self,
    ) -> Result<HashMap<ExpertId, StoredAnalysis>, StoreError> {
        let sql = "SELECT a.expert_id, a.id, a.plugin, a.version, a.use_case, \
             json_array_length(a.symbols), a.error, a.created_at \
             FROM expert_instances e JOIN market_analyses a ON a.id = \
             (SELECT id FROM market_analyses WHERE expert_id = e.id \
             ORDER BY created_at DESC, id DESC LIMIT 1)";
        let rows = self.fetch(sqlx::query(sql)).await?;
        let analyses = rows.iter().map(|row| {
            let columns = Columns::new(row, "market_analyses");
            let analysis = StoredAnalysis {
                id: columns.id(1)?,
                plugin: columns.string(2)?,
                version: columns.string(3)?,
                use_case: columns.name(4)?,
                symbols: columns.unsigned(5)?,
                error: columns.opt_text(6)?.map(str::to_owned),
                created_at: columns.time(7)?,
            };
            Ok((columns.id(0)?, analysis))
        });
        analyses.collect()
    }
}
