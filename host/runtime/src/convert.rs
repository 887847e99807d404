//! Model values as the bindings have them, and back.
//!
//! Owns: that translation and nothing else; that of the rows that come by the
//! thousand stands with them, in `wire.rs`. Decimals of the database fit the
//! wire form by construction; those of a guest are checked.

use lombard_model::{self as model, DecimalError, SettingValue, WireDecimal};

use crate::bindings::{analysis, session, settings, types};
use crate::call::bounded_text;

impl From<model::Decimal> for types::Decimal {
    fn from(number: model::Decimal) -> Self {
        // What the store reads was parsed as a wire decimal; a sum that grew
        // beyond 18 digits is shown at its bound rather than as another number.
        let wire = WireDecimal::rounded(number).unwrap_or(WireDecimal {
            mantissa: if number.is_sign_negative() {
                i64::MIN
            } else {
                i64::MAX
            },
            scale: 0,
        });
        Self {
            mantissa: wire.mantissa,
            scale: wire.scale,
        }
    }
}

impl TryFrom<types::Decimal> for model::Decimal {
    type Error = DecimalError;

    fn try_from(wire: types::Decimal) -> Result<Self, DecimalError> {
        WireDecimal {
            mantissa: wire.mantissa,
            scale: wire.scale,
        }
        .try_into()
    }
}

impl From<model::Side> for types::Side {
    fn from(side: model::Side) -> Self {
        match side {
            model::Side::Buy => types::Side::Buy,
            model::Side::Sell => types::Side::Sell,
        }
    }
}

impl From<model::TransactionStatus> for types::TransactionStatus {
    fn from(status: model::TransactionStatus) -> Self {
        match status {
            model::TransactionStatus::Waiting => types::TransactionStatus::Waiting,
            model::TransactionStatus::Opened => types::TransactionStatus::Opened,
            model::TransactionStatus::Closing => types::TransactionStatus::Closing,
            model::TransactionStatus::Closed => types::TransactionStatus::Closed,
        }
    }
}

impl From<model::OrderPhase> for types::OrderPhase {
    fn from(phase: model::OrderPhase) -> Self {
        match phase {
            model::OrderPhase::Unsent => types::OrderPhase::Unsent,
            model::OrderPhase::Working => types::OrderPhase::Working,
            model::OrderPhase::Filled => types::OrderPhase::Filled,
            model::OrderPhase::Ended => types::OrderPhase::Ended,
        }
    }
}

impl From<model::OrderType> for types::OrderType {
    fn from(order_type: model::OrderType) -> Self {
        match order_type {
            model::OrderType::Market => types::OrderType::Market,
            model::OrderType::Limit => types::OrderType::Limit,
            model::OrderType::Stop => types::OrderType::Stop,
            model::OrderType::StopLimit => types::OrderType::StopLimit,
            model::OrderType::TrailingStop => types::OrderType::TrailingStop,
            model::OrderType::Other => types::OrderType::Other,
        }
    }
}

impl From<&model::Account> for types::Account {
    fn from(one: &model::Account) -> Self {
        Self {
            id: one.id.get(),
            name: one.name.clone(),
            provider: one.provider.clone(),
            currency: one.currency.clone(),
        }
    }
}

impl From<&model::Expert> for types::Expert {
    fn from(one: &model::Expert) -> Self {
        Self {
            id: one.id.get(),
            account: one.account.get(),
            plugin: one.plugin.clone(),
            alias: one.alias.clone(),
            enabled: one.enabled,
            virtual_equity_percent: one.virtual_equity_percent.into(),
        }
    }
}

impl From<&model::Position> for types::Position {
    fn from(one: &model::Position) -> Self {
        Self {
            symbol: one.symbol.as_str().to_owned(),
            quantity: one.quantity.into(),
        }
    }
}

impl From<&model::Bar> for types::Bar {
    fn from(one: &model::Bar) -> Self {
        Self {
            day: one.day.as_micros(),
            open: one.open.into(),
            high: one.high.into(),
            low: one.low.into(),
            close: one.close.into(),
            volume: one.volume.into(),
        }
    }
}

impl From<&model::PastRecommendation> for session::PastRecommendation {
    fn from(one: &model::PastRecommendation) -> Self {
        Self {
            expert: one.expert.get(),
            symbol: one.symbol.as_str().to_owned(),
            action: one.action.to_string(),
            confidence: one.confidence.into(),
            created_at: one.created_at.as_micros(),
        }
    }
}

impl From<SettingValue> for settings::Value {
    fn from(value: SettingValue) -> Self {
        match value {
            SettingValue::Str(text) => Self::Str(text),
            SettingValue::Int(number) => Self::Int(number),
            SettingValue::Float(number) => Self::Float(number),
            SettingValue::Decimal(number) => Self::Decimal(number.into()),
            SettingValue::Bool(yes) => Self::Bool(yes),
            SettingValue::Json(text) => Self::Json(text),
            SettingValue::List(texts) => Self::List(texts),
        }
    }
}

impl From<model::UseCase> for analysis::UseCase {
    fn from(use_case: model::UseCase) -> Self {
        match use_case {
            model::UseCase::EnterMarket => Self::EnterMarket,
            model::UseCase::OpenPositions => Self::OpenPositions,
        }
    }
}

/// A recommendation as the model has it; its symbol and numbers are checked,
/// its claims are not yet.
pub(crate) fn recommendation(
    one: analysis::Recommendation,
    limits: &model::Limits,
) -> Result<model::Recommendation, crate::CallError> {
    bounded_text(limits, &one.explanation)?;
    let symbol = model::Symbol::new(one.symbol);
    Ok(model::Recommendation {
        symbol: symbol.map_err(|fault| crate::CallError::Plugin(fault.to_string()))?,
        action: match one.action {
            analysis::Action::Buy => model::Action::Buy,
            analysis::Action::Sell => model::Action::Sell,
            analysis::Action::Hold => model::Action::Hold,
        },
        confidence: one.confidence.try_into()?,
        risk: match one.risk {
            analysis::RiskLevel::Low => model::RiskLevel::Low,
            analysis::RiskLevel::Medium => model::RiskLevel::Medium,
            analysis::RiskLevel::High => model::RiskLevel::High,
        },
        horizon: match one.horizon {
            analysis::TimeHorizon::ShortTerm => model::TimeHorizon::ShortTerm,
            analysis::TimeHorizon::MediumTerm => model::TimeHorizon::MediumTerm,
            analysis::TimeHorizon::LongTerm => model::TimeHorizon::LongTerm,
        },
        expected_profit_percent: one.expected_profit_percent.try_into()?,
        explanation: one.explanation,
    })
}
