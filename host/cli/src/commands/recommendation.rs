//! `lombard recommendation`.

use lombard_model::view::{Cell, Kind};
use lombard_model::{
    Action, AnalysisId, ExpertId, Recommendation, RecommendationId, RiskLevel, Symbol, TimeHorizon,
    Timestamp,
};
use lombard_runtime::Host;
use lombard_store::StoredRecommendation;
use serde::{Deserialize, Serialize};

use super::source::{self, Source, with_source};
use crate::client::Client;
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

/// The longest page that a host gives.
const PAGE: usize = 1_000;

/// What an expert thinks of one symbol.
#[derive(Deserialize, Serialize)]
pub(super) struct Recommended {
    pub(super) symbol: Symbol,
    action: Action,
    confidence: String,
    risk: RiskLevel,
    horizon: TimeHorizon,
    expected_profit_percent: String,
    pub(super) explanation: String,
}

/// What is stored of it.
#[derive(Deserialize, Serialize)]
struct Stored {
    id: RecommendationId,
    analysis: AnalysisId,
    expert: ExpertId,
    created_at: Timestamp,
    #[serde(flatten)]
    recommended: Recommended,
}

#[derive(Serialize)]
struct Listed {
    recommendations: Vec<Stored>,
}

/// What a host gives at once.
#[derive(Deserialize)]
struct Page {
    recommendations: Vec<Stored>,
    next: Option<u64>,
}

pub(super) async fn list(context: &Context, limit: u32) -> anyhow::Result<()> {
    with_source(context, async |source| {
        let recommendations = match source {
            Source::Here(host) => stored(host, limit).await?,
            Source::There(client) => paged(client, limit).await?,
        };
        let listed = Listed { recommendations };
        context.output.document(&listed, |style| {
            let rows: Vec<_> = listed.recommendations.iter().map(cells).collect();
            draw::table(COLUMNS, &rows, style)
        })
    })
    .await
}

async fn stored(host: &Host, limit: u32) -> anyhow::Result<Vec<Stored>> {
    let mut session = host.session("recommendation list");
    let stored = session.latest_recommendations(limit).await?;
    session.end();
    Ok(stored.into_iter().map(Stored::from).collect())
}

/// As many pages as it takes. What is stored meanwhile is newer than all of
/// them.
async fn paged(client: &Client, limit: u32) -> anyhow::Result<Vec<Stored>> {
    let limit = usize::try_from(limit)?;
    let mut all: Vec<Stored> = Vec::new();
    let mut after = String::new();
    while all.len() < limit {
        let most = PAGE.min(limit - all.len());
        let path = format!("/recommendations?limit={most}{after}");
        let page: Page = client.get(&path).await?;
        if page.recommendations.is_empty() {
            break;
        }
        all.extend(page.recommendations.into_iter().take(most));
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    Ok(all)
}

fn cells(stored: &Stored) -> Vec<Cell> {
    let mut cells = vec![stored.created_at.into(), stored.expert.to_i64().into()];
    cells.extend(figures(&stored.recommended));
    cells.push(stored.recommended.explanation.as_str().into());
    cells
}

/// The cells from the symbol to the horizon.
pub(super) fn figures(one: &Recommended) -> Vec<Cell> {
    vec![
        one.symbol.as_str().into(),
        one.action.as_str().into(),
        source::decimal(&one.confidence),
        source::decimal(&one.expected_profit_percent),
        one.risk.as_str().into(),
        one.horizon.as_str().into(),
    ]
}

impl From<Recommendation> for Recommended {
    fn from(one: Recommendation) -> Self {
        Self {
            symbol: one.symbol,
            action: one.action,
            confidence: one.confidence.normalize().to_string(),
            risk: one.risk,
            horizon: one.horizon,
            expected_profit_percent: one.expected_profit_percent.normalize().to_string(),
            explanation: one.explanation,
        }
    }
}

impl From<StoredRecommendation> for Stored {
    fn from(stored: StoredRecommendation) -> Self {
        Self {
            id: stored.id,
            analysis: stored.analysis,
            expert: stored.expert,
            created_at: stored.created_at,
            recommended: stored.recommendation.into(),
        }
    }
}
