//! `lombard recommendation`.

use lombard_model::Recommendation;
use lombard_model::view::{Cell, Kind};
use lombard_store::StoredRecommendation;
use serde_json::{Value as Json, json};

use super::with_host;
use crate::context::Context;
use crate::draw;

const COLUMNS: &[(&str, Kind)] = &[
    ("Time", Kind::Time),
    ("Expert", Kind::Integer),
    ("Symbol", Kind::Text),
    ("Action", Kind::Text),
    ("Confidence", Kind::Percent),
    ("Profit", Kind::Percent),
    ("Risk", Kind::Text),
    ("Horizon", Kind::Text),
    ("Explanation", Kind::Text),
];

pub(super) async fn list(context: &Context, limit: u32) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let mut session = host.session("recommendation list");
        let stored = session.latest_recommendations(limit).await?;
        session.end();
        context.output.result(
            || json!({ "recommendations": stored.iter().map(stored_json).collect::<Vec<_>>() }),
            |style| {
                let rows: Vec<_> = stored.iter().map(cells).collect();
                draw::table(COLUMNS, &rows, style)
            },
        )
    })
    .await
}

fn stored_json(stored: &StoredRecommendation) -> Json {
    let mut object = json_of(&stored.recommendation);
    object["id"] = json!(stored.id);
    object["analysis"] = json!(stored.analysis);
    object["expert"] = json!(stored.expert);
    object["created_at"] = json!(stored.created_at);
    object
}

pub(super) fn json_of(one: &Recommendation) -> Json {
    json!({
        "symbol": one.symbol,
        "action": one.action,
        "confidence": one.confidence.normalize().to_string(),
        "risk": one.risk,
        "horizon": one.horizon,
        "expected_profit_percent": one.expected_profit_percent.normalize().to_string(),
        "explanation": one.explanation,
    })
}

fn cells(stored: &StoredRecommendation) -> Vec<Cell> {
    let mut cells = vec![stored.created_at.into(), stored.expert.to_i64().into()];
    cells.extend(figures(&stored.recommendation));
    cells.push(stored.recommendation.explanation.as_str().into());
    cells
}

/// The cells from the symbol to the horizon.
pub(super) fn figures(one: &Recommendation) -> Vec<Cell> {
    vec![
        one.symbol.as_str().into(),
        one.action.as_str().into(),
        one.confidence.into(),
        one.expected_profit_percent.into(),
        one.risk.as_str().into(),
        one.horizon.as_str().into(),
    ]
}
