//! What a call gave, as far as two calls can be compared by it.
//!
//! Owns: its form in a document. A view is as `widget render --json` has it, a
//! recommendation's numbers have all the places that the plugin gave.
//! Must not know: how two are compared.

use lombard_model::view::{View, ViewError};
use lombard_model::{
    Action, CallOutcome, Decimal, Limit, PluginKind, Recommendation, RiskLevel, Symbol, TimeHorizon,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::document::fault;
use crate::{CallError, RuntimeError};

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A widget's view.
    View(View),
    /// What an expert recommended, in its order, also what the host then left
    /// out for its confidence.
    Recommendations(Vec<Recommendation>),
    /// Nothing: the call failed.
    Failed(Failure),
}

/// How a call failed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The word for it.
    pub outcome: CallOutcome,
    /// The limit that was reached, where it was one.
    pub limit: Option<Limit>,
    /// Why, fit for an operator.
    pub error: String,
}

impl Outcome {
    /// The kind of plugin that gives this; none where any can.
    pub(super) fn kind(&self) -> Option<PluginKind> {
        match self {
            Self::View(_) => Some(PluginKind::Widget),
            Self::Recommendations(_) => Some(PluginKind::Expert),
            Self::Failed(_) => None,
        }
    }

    /// As the document has it: equal texts are equal outcomes.
    pub(super) fn to_json(&self) -> Json {
        serde_json::to_value(self).expect("views and recommendations can be written")
    }
}

impl From<&CallError> for Outcome {
    fn from(error: &CallError) -> Self {
        Self::Failed(Failure {
            outcome: error.outcome(),
            limit: error.limit(),
            error: error.to_string(),
        })
    }
}

/// An outcome in a document.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeForm {
    View(Json),
    Recommendations(Vec<RecommendationForm>),
    Error(Failure),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecommendationForm {
    symbol: Symbol,
    action: Action,
    confidence: String,
    risk: RiskLevel,
    horizon: TimeHorizon,
    expected_profit_percent: String,
    explanation: String,
}

impl OutcomeForm {
    pub(super) fn read(self) -> Result<Outcome, RuntimeError> {
        Ok(match self {
            Self::View(json) => {
                let view = View::from_json(&json);
                let told = |error: ViewError| {
                    // Its own fields stand beneath `view`, its blocks do not.
                    let path = error.path.trim_start_matches("view");
                    let path = path.trim_start_matches('.');
                    let path = format!("result.view.{path}");
                    fault(path.trim_end_matches('.'), error.fault)
                };
                Outcome::View(view.map_err(told)?)
            }
            Self::Recommendations(all) => {
                let all = all.into_iter().enumerate();
                let all = all.map(|(at, one)| one.read(at));
                Outcome::Recommendations(all.collect::<Result<_, _>>()?)
            }
            Self::Error(failure) => Outcome::Failed(failure),
        })
    }
}

impl RecommendationForm {
    fn read(self, at: usize) -> Result<Recommendation, RuntimeError> {
        let exact = |field: &str, text: &str| {
            let path = || format!("result.recommendations[{at}].{field}");
            Decimal::from_str_exact(text).map_err(|error| fault(&path(), error))
        };
        Ok(Recommendation {
            confidence: exact("confidence", &self.confidence)?,
            expected_profit_percent: exact(
                "expected_profit_percent",
                &self.expected_profit_percent,
            )?,
            symbol: self.symbol,
            action: self.action,
            risk: self.risk,
            horizon: self.horizon,
            explanation: self.explanation,
        })
    }
}

impl From<&Recommendation> for RecommendationForm {
    fn from(one: &Recommendation) -> Self {
        Self {
            symbol: one.symbol.clone(),
            action: one.action,
            confidence: one.confidence.to_string(),
            risk: one.risk,
            horizon: one.horizon,
            expected_profit_percent: one.expected_profit_percent.to_string(),
            explanation: one.explanation.clone(),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::View(view) => {
                OutcomeForm::View(serde_json::to_value(view).map_err(serde::ser::Error::custom)?)
            }
            Self::Recommendations(all) => {
                OutcomeForm::Recommendations(all.iter().map(Into::into).collect())
            }
            Self::Failed(failure) => OutcomeForm::Error(failure.clone()),
        };
        form.serialize(serializer)
    }
}
