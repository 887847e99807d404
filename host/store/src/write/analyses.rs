//! Storing what an expert found.
//!
//! Owns: the statements on `market_analyses` and `recommendations`.
//! Must not know: whether a recommendation is sound; that was checked before.

use lombard_model::{
    AnalysisId, Digest, ExpertId, PluginName, Recommendation, Symbol, Timestamp, UseCase,
};
use serde_json::{Value as Json, json};

use super::json_rows;
use crate::columns::{Columns, canonical};
use crate::{Store, StoreError, Writing, Written};

/// One run of an expert, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnalysis {
    /// The expert that ran.
    pub expert: ExpertId,
    /// The plugin that ran for it.
    pub plugin: PluginName,
    /// Its version.
    pub version: String,
    /// Its binary.
    pub digest: Digest,
    /// What the run was for.
    pub use_case: UseCase,
    /// What it looked at.
    pub symbols: Vec<Symbol>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What it recommended, or why it failed.
    pub result: Result<Vec<Recommendation>, String>,
}

impl Store {
    /// Stores an analysis and its recommendations.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn store_analysis(
        &self,
        analysis: NewAnalysis,
    ) -> Result<Written<AnalysisId>, StoreError> {
        self.write(move |writing| Box::pin(store(writing, analysis)))
            .await
    }
}

async fn store(writing: &mut Writing<'_>, analysis: NewAnalysis) -> Result<AnalysisId, StoreError> {
    let (outcome, error) = match &analysis.result {
        Ok(_) => ("ok", None),
        Err(error) => ("failed", Some(error.clone())),
    };
    let symbols: Json = analysis.symbols.iter().map(Symbol::as_str).collect();
    let query = sqlx::query(
        "INSERT INTO market_analyses \
         (expert_id, plugin, version, digest, use_case, symbols, outcome, error, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(analysis.expert.to_i64())
    .bind(analysis.plugin.to_string())
    .bind(analysis.version)
    .bind(analysis.digest.to_string())
    .bind(analysis.use_case.as_str())
    .bind(symbols.to_string())
    .bind(outcome)
    .bind(error)
    .bind(analysis.created_at.as_micros());
    let row = writing.fetch_optional(query).await?;
    let row = row.ok_or_else(|| StoreError::missing("id of the new", "analysis"))?;
    let id: AnalysisId = Columns::new(&row, "market_analyses").id(0)?;

    let recommendations = analysis.result.unwrap_or_default();
    if !recommendations.is_empty() {
        let rows: Vec<_> = recommendations.iter().map(row_of).collect();
        let query = sqlx::query(
            "INSERT INTO recommendations (analysis_id, expert_id, symbol, action, confidence, \
             risk, horizon, expected_profit_pct, explanation, created_at) \
             SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
             value ->> 5, value ->> 6, $3 FROM json_each($4)",
        )
        .bind(id.to_i64())
        .bind(analysis.expert.to_i64())
        .bind(analysis.created_at.as_micros())
        .bind(json_rows(&rows));
        writing.execute(query).await?;
    }
    Ok(id)
}

fn row_of(one: &Recommendation) -> Json {
    json!([
        one.symbol,
        one.action,
        canonical(one.confidence),
        one.risk,
        one.horizon,
        canonical(one.expected_profit_percent),
        one.explanation,
    ])
}
