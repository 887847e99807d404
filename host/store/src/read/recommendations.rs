//! What experts recommended.
//!
//! Owns: the statements. Must not know: how it came about.

use lombard_model::{
    AnalysisId, ExpertId, PastRecommendation, Recommendation, RecommendationId, Timestamp,
};

use crate::columns::Columns;
use crate::{Session, StoreError};

/// A recommendation with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecommendation {
    /// Its id.
    pub id: RecommendationId,
    /// The analysis it came from.
    pub analysis: AnalysisId,
    /// The expert that made it.
    pub expert: ExpertId,
    /// What it says.
    pub recommendation: Recommendation,
    /// When the analysis was asked for.
    pub created_at: Timestamp,
}

impl Session {
    /// The last `limit` recommendations of an expert, newest first, then by
    /// symbol.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn recommendations_of(
        &mut self,
        expert: ExpertId,
        limit: u32,
    ) -> Result<Vec<PastRecommendation>, StoreError> {
        let sql = "SELECT symbol, action, confidence, created_at FROM recommendations \
             WHERE expert_id = $1 ORDER BY created_at DESC, symbol LIMIT $2 + 0";
        let query = sqlx::query(sql)
            .bind(expert.to_i64())
            .bind(i64::from(limit));
        let rows = self.fetch(query).await?;
        let past = rows.iter().map(|row| {
            let columns = Columns::new(row, "recommendations");
            Ok(PastRecommendation {
                expert,
                symbol: columns.symbol(0)?,
                action: columns.name(1)?,
                confidence: columns.decimal(2)?,
                created_at: columns.time(3)?,
            })
        });
        past.collect()
    }

    /// The last `limit` recommendations of all experts, newest first, then by
    /// expert and symbol.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn latest_recommendations(
        &mut self,
        limit: u32,
    ) -> Result<Vec<StoredRecommendation>, StoreError> {
        let sql = "SELECT id, analysis_id, expert_id, symbol, action, confidence, risk, horizon, \
             expected_profit_pct, explanation, created_at FROM recommendations \
             ORDER BY created_at DESC, expert_id, symbol LIMIT $1 + 0";
        let rows = self.fetch(sqlx::query(sql).bind(i64::from(limit))).await?;
        let stored = rows.iter().map(|row| {
            let columns = Columns::new(row, "recommendations");
            Ok(StoredRecommendation {
                id: columns.id(0)?,
                analysis: columns.id(1)?,
                expert: columns.id(2)?,
                recommendation: Recommendation {
                    symbol: columns.symbol(3)?,
                    action: columns.name(4)?,
                    confidence: columns.decimal(5)?,
                    risk: columns.name(6)?,
                    horizon: columns.name(7)?,
                    expected_profit_percent: columns.decimal(8)?,
                    explanation: columns.string(9)?,
                },
                created_at: columns.time(10)?,
            })
        });
        stored.collect()
    }
}
