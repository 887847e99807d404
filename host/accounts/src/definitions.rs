//! The settings that the host itself declares.
//!
//! Owns: what all experts share. What an account can be set to is said by its
//! provider. Must not know: values.

use std::sync::LazyLock;

use lombard_model::{
    Definitions, MissedPolicy, SettingDefinition, SettingError, SettingFormat, SettingType, UseCase,
};

use crate::broker;

/// What all experts share, by key.
static EXPERT: LazyLock<Definitions> = LazyLock::new(|| {
    let of = SettingDefinition::new;
    declared([
        (
            "enabled_instruments",
            of(
                SettingType::List,
                "Symbols this expert looks at, or may pick from; empty for all that have bars",
            )
            .with_default(Vec::<String>::new()),
        ),
        (
            "min_confidence",
            of(
                SettingType::Decimal,
                "Recommendations below this confidence are not stored",
            )
            .with_default("0")
            .within("0", "100"),
        ),
        (
            "max_position_percent",
            of(
                SettingType::Decimal,
                "The most of its virtual equity that the expert should put into one position",
            )
            .with_default("10")
            .within("0", "100"),
        ),
        (
            schedule_key(UseCase::EnterMarket),
            of(
                SettingType::Str,
                "When to look for what to buy or sell, as a cron expression; unset for never",
            )
            .written_as(SettingFormat::Cron),
        ),
        (
            schedule_key(UseCase::OpenPositions),
            of(
                SettingType::Str,
                "When to look after what is held, as a cron expression; unset for never",
            )
            .written_as(SettingFormat::Cron),
        ),
        (
            SCHEDULE_TIME_ZONE,
            of(SettingType::Str, "The time zone of both schedules")
                .with_default("UTC")
                .written_as(SettingFormat::TimeZone),
        ),
        (
            MISSED_RUNS,
            of(
                SettingType::Str,
                "What becomes of scheduled runs that no host was there for, or that were interrupted",
            )
            .with_default(MissedPolicy::Skip.as_str())
            .one_of(&[MissedPolicy::Skip.as_str(), MissedPolicy::RunOnce.as_str()]),
        ),
    ])
});

/// The setting of an expert instance that says when it runs for this use case:
/// a cron expression of 5 fields, in the zone of [`SCHEDULE_TIME_ZONE`].
#[must_use]
pub const fn schedule_key(use_case: UseCase) -> &'static str {
    match use_case {
        UseCase::EnterMarket => "enter_market_schedule",
        UseCase::OpenPositions => "open_positions_schedule",
    }
}

/// The setting of an expert instance that names the time zone of its schedules.
pub const SCHEDULE_TIME_ZONE: &str = "schedule_time_zone";

/// The setting of an expert instance that says what becomes of its missed runs.
pub const MISSED_RUNS: &str = "missed_runs";

/// The definitions of an expert instance's settings: what all experts share,
/// and the plugin's own.
///
/// # Errors
/// Where the plugin declares a key of the host's.
pub fn expert_definitions(own: &Definitions) -> Result<Definitions, SettingError> {
    EXPERT.merged_with(own)
}

/// The definitions of an account's settings; empty where no provider has this
/// name.
#[must_use]
pub fn account_definitions(provider: &str) -> Definitions {
    broker::provider(provider).map_or_else(Definitions::default, broker::Provider::definitions)
}

/// Definitions written in this crate.
pub(crate) fn declared<const N: usize>(definitions: [(&str, SettingDefinition); N]) -> Definitions {
    let definitions = definitions.map(|(key, definition)| (key.to_owned(), definition));
    Definitions::new(definitions.into())
        .expect("the host's own definitions agree with themselves: a unit test reads them all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_definitions_agree_with_themselves() {
        assert!(!EXPERT.is_empty());
        for provider in broker::providers() {
            let _ = provider.definitions();
        }
    }

    #[test]
    fn a_plugin_cannot_redefine_what_all_experts_share() {
        let own = declared([(
            "min_confidence",
            SettingDefinition::new(SettingType::Int, ""),
        )]);
        assert!(expert_definitions(&own).is_err());
        let own = declared([("fast_days", SettingDefinition::new(SettingType::Int, ""))]);
        assert_eq!(expert_definitions(&own).unwrap().len(), EXPERT.len() + 1);
    }
}
