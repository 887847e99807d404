//! What experts recommended.
//!
//! Owns: the statements. Must not know: how it came about.

use std::collections::HashMap;
use std::sync::Arc;

use lombard_model::{
    AnalysisId, ExpertId, PastRecommendation, Recommendation, RecommendationId, Timestamp,
};
use sqlx::sqlite::SqliteRow;

use super::CHUNK;
use crate::columns::{Columns, json_list};
use crate::reads::Known;
use crate::{Session, StoreError};

/// The most recommendations that are read ahead at once.
const AHEAD: usize = 100_000;

/// What is read of a recommendation with its provenance, in the order in which
/// [`stored`] takes it.
macro_rules! list_stored {
    () => {
        "SELECT id, analysis_id, expert_id, symbol, action, confidence, risk, horizon, \
         expected_profit_pct, explanation, created_at FROM recommendations "
    };
}

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
    /// symbol. Those of all experts that were read are read with it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn recommendations_of(
        &mut self,
        expert: ExpertId,
        limit: u32,
    ) -> Result<Arc<[PastRecommendation]>, StoreError> {
        let past = self.recommendations_of_all(&[expert], limit).await?;
        Ok(past.into_iter().next().unwrap_or_default())
    }

    /// The same for each of these experts, in their order. Whoever asks for a
    /// second expert alone gets it with all others.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn recommendations_of_all(
        &mut self,
        experts: &[ExpertId],
        limit: u32,
    ) -> Result<Vec<Arc<[PastRecommendation]>>, StoreError> {
        let at_hand = |known: &mut Known| -> Option<Vec<_>> {
            let past = experts
                .iter()
                .map(|expert| known.recommendations.get(&(*expert, limit)).cloned());
            past.collect()
        };
        if let Some(past) = self.recall(at_hand) {
            return Ok(past);
        }
        self.open().await?;
        let is_loop = experts.len() == 1
            && self.known(|known| known.recommendations.keys().any(|(_, of)| *of == limit));
        if is_loop {
            // Where there are too many to read at once, it stays with this one.
            match self.experts().await {
                Ok(_) | Err(StoreError::TooManyRows { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let wanted = self.known(|known| {
            let ahead = AHEAD / usize::try_from(limit).unwrap_or(AHEAD).max(1);
            let siblings = known.experts.known().map(|row| row.expert.id);
            let mut wanted: Vec<_> = siblings.take(ahead).collect();
            wanted.extend_from_slice(experts);
            wanted.sort_unstable();
            wanted.dedup();
            wanted.retain(|one| !known.recommendations.contains_key(&(*one, limit)));
            wanted
        });
        for wanted in wanted.chunks(CHUNK) {
            self.read_recommendations(wanted, limit).await?;
        }
        Ok(self.known(at_hand).unwrap_or_default())
    }

    async fn read_recommendations(
        &mut self,
        wanted: &[ExpertId],
        limit: u32,
    ) -> Result<(), StoreError> {
        let sql = "SELECT expert_id, symbol, action, confidence, created_at FROM ( \
                 SELECT *, row_number() OVER (PARTITION BY expert_id \
                     ORDER BY created_at DESC, symbol) AS place \
                 FROM recommendations WHERE expert_id IN (SELECT value FROM json_each($1)) \
             ) WHERE place <= $2 ORDER BY expert_id, place LIMIT $3 + 0";
        let before = self.cost().bytes;
        let query = sqlx::query(sql)
            .bind(json_list(wanted))
            .bind(i64::from(limit))
            .bind(self.rows_left());
        let rows = self.fetch(query).await?;
        let mut found: HashMap<ExpertId, Vec<PastRecommendation>> = HashMap::new();
        for row in &rows {
            let columns = Columns::new(row, "recommendations");
            let expert = columns.id(0)?;
            found.entry(expert).or_default().push(PastRecommendation {
                expert,
                symbol: columns.symbol(1)?,
                action: columns.name(2)?,
                confidence: columns.decimal(3)?,
                created_at: columns.time(4)?,
            });
        }
        self.remember(before, |known| {
            for expert in wanted {
                let past = found.remove(expert).unwrap_or_default();
                known.recommendations.insert((*expert, limit), past.into());
            }
        });
        Ok(())
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
        self.recommendations_after(None, limit).await
    }

    /// The same from the one that comes after this one, in that order.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such recommendation, or where
    /// the database fails.
    pub async fn recommendations_after(
        &mut self,
        after: Option<RecommendationId>,
        limit: u32,
    ) -> Result<Vec<StoredRecommendation>, StoreError> {
        let (time, expert, symbol) = match after {
            Some(id) => self.place_of(id).await?,
            None => (i64::MAX, 0, String::new()),
        };
        let sql = concat!(
            list_stored!(),
            "WHERE created_at <= $2 AND (created_at < $2 OR (expert_id, symbol, id) > ($3, $4, $5)) \
             ORDER BY created_at DESC, expert_id, symbol, id LIMIT $1 + 0"
        );
        let query = sqlx::query(sql)
            .bind(i64::from(limit))
            .bind(time)
            .bind(expert)
            .bind(symbol)
            .bind(after.map_or(0, RecommendationId::to_i64));
        let rows = self.fetch(query).await?;
        rows.iter().map(stored).collect()
    }

    /// What a recommendation is ordered by.
    async fn place_of(&mut self, id: RecommendationId) -> Result<(i64, i64, String), StoreError> {
        let sql = "SELECT created_at, expert_id, symbol FROM recommendations WHERE id = $1";
        let rows = self.fetch(sqlx::query(sql).bind(id.to_i64())).await?;
        let row = rows.first();
        let row = row.ok_or_else(|| StoreError::missing("recommendation", id))?;
        let columns = Columns::new(row, "recommendations");
        let expert: ExpertId = columns.id(1)?;
        Ok((
            columns.time(0)?.as_micros(),
            expert.to_i64(),
            columns.string(2)?,
        ))
    }

    /// The last `limit` recommendations of one expert with their explanations,
    /// newest first, then by symbol.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn latest_recommendations_of(
        &mut self,
        expert: ExpertId,
        limit: u32,
    ) -> Result<Vec<StoredRecommendation>, StoreError> {
        let sql = concat!(
            list_stored!(),
            "WHERE expert_id = $1 ORDER BY created_at DESC, symbol LIMIT $2 + 0"
        );
        let query = sqlx::query(sql)
            .bind(expert.to_i64())
            .bind(i64::from(limit));
        let rows = self.fetch(query).await?;
        rows.iter().map(stored).collect()
    }
}

/// Reads a row of what is listed.
fn stored(row: &SqliteRow) -> Result<StoredRecommendation, StoreError> {
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
}
