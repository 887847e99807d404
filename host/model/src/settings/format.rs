//! How the text of a setting is written.
//!
//! Owns: which ways there are, and reading a text in one of them. Must not
//! know: whose setting it is.

use crate::Schedule;
use crate::named::named_enum;
use crate::schedule::zone_name;

named_enum! {
    /// How the text of a setting is written, where not any will do.
    "format": SettingFormat {
        /// A cron expression of 5 fields.
        Cron = "cron",
        /// The name of a time zone of the IANA database.
        TimeZone = "time_zone",
    }
}

impl SettingFormat {
    /// Reads a text; gives it in the one way in which it is kept.
    pub(super) fn read(self, text: &str) -> Result<String, String> {
        match self {
            Self::Cron => Schedule::parse(text, "UTC")
                .map(|schedule| schedule.expression().to_owned())
                .map_err(|fault| fault.to_string()),
            Self::TimeZone => zone_name(text).map_err(|fault| fault.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Definitions, SettingDefinition, SettingError, SettingType};
    use super::*;

    #[test]
    fn a_text_is_kept_in_one_way_of_writing_it() {
        let cron = SettingDefinition::new(SettingType::Str, "").written_as(SettingFormat::Cron);
        let read = cron.read("when", &json!(" 0  9 * * MON ")).unwrap();
        assert_eq!(read.to_json(), "0 9 * * MON");
        let zone = SettingDefinition::new(SettingType::Str, "").written_as(SettingFormat::TimeZone);
        let read = zone.read("where", &json!("europe/berlin")).unwrap();
        assert_eq!(read.to_json(), "Europe/Berlin");
    }

    #[test]
    fn a_text_that_is_written_otherwise_is_told_with_its_fault() {
        let cron = SettingDefinition::new(SettingType::Str, "").written_as(SettingFormat::Cron);
        let error = cron.read("when", &json!("0 25 * * *")).unwrap_err();
        assert!(matches!(error, SettingError::Malformed { .. }), "{error:?}");
        let words = error.to_string();
        assert!(words.contains("`when`") && words.contains("25"), "{words}");
        let error = cron.secret().read("when", &json!("s3cret")).unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn only_a_text_has_a_format() {
        let number = SettingDefinition::new(SettingType::Int, "").written_as(SettingFormat::Cron);
        assert!(Definitions::new([("n".to_owned(), number)].into()).is_err());
    }
}
