//! What a setting may be.
//!
//! Owns: a definition, and reading a value from JSON or from a command line
//! against one. Must not know: what was saved.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{SettingError, SettingFormat, SettingValue};
use crate::named::named_enum;
use crate::{Decimal, parse_decimal};

named_enum! {
    /// The type of a setting's value.
    "setting type": SettingType {
        /// Text.
        Str = "str",
        /// A whole number.
        Int = "int",
        /// A binary floating-point number.
        Float = "float",
        /// An exact number, a string in JSON.
        Decimal = "decimal",
        /// Yes or no.
        Bool = "bool",
        /// Any JSON document.
        Json = "json",
        /// Texts in their order.
        List = "list",
    }
}

/// What a setting may be, as a manifest or the host declares it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettingDefinition {
    /// The type of its value.
    #[serde(rename = "type")]
    pub kind: SettingType,
    /// What it is for, for people.
    #[serde(default)]
    pub description: String,
    /// Whether a plugin can work without it.
    #[serde(default)]
    pub required: bool,
    /// Whether its value stays with the host.
    #[serde(default)]
    pub secret: bool,
    /// The value where none was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The only values it can have, where there are only some; for a list, the
    /// only texts in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub valid: Vec<Json>,
    /// The least number it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    /// The greatest number it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    /// How its text is written, where not any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<SettingFormat>,
}

/// The longest text or document of one setting, in bytes.
const MAX_VALUE: usize = 64 * 1024;

/// The most levels of a document. Whoever reads JSON takes 127, and a document
/// is read within others: all settings of an instance, or the answer to a
/// client. One that could be saved and not be read back would take them along.
const MAX_LEVELS: usize = 64;

impl SettingDefinition {
    /// A definition of a type, with nothing else said.
    #[must_use]
    pub fn new(kind: SettingType, description: &str) -> Self {
        Self {
            kind,
            description: description.to_owned(),
            required: false,
            secret: false,
            default: None,
            valid: Vec::new(),
            min: None,
            max: None,
            format: None,
        }
    }

    /// The same with a default.
    #[must_use]
    pub fn with_default(mut self, default: impl Into<Json>) -> Self {
        self.default = Some(default.into());
        self
    }

    /// The same as a secret.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same, required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same within bounds.
    #[must_use]
    pub fn within(mut self, min: impl Into<Json>, max: impl Into<Json>) -> Self {
        self.min = Some(min.into());
        self.max = Some(max.into());
        self
    }

    /// The same with its only valid values.
    #[must_use]
    pub fn one_of(mut self, valid: &[&str]) -> Self {
        self.valid = valid.iter().map(|text| Json::from(*text)).collect();
        self
    }

    /// The same, written in this way.
    #[must_use]
    pub fn written_as(mut self, format: SettingFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Reads a value from JSON.
    ///
    /// # Errors
    /// Where it has another type or is not valid.
    pub fn read(&self, key: &str, json: &Json) -> Result<SettingValue, SettingError> {
        let value = self.typed(json).ok_or_else(|| SettingError::WrongType {
            key: key.to_owned(),
            expected: self.expected(),
            found: self.shown(json),
        })?;
        if !self.allows(&value) {
            return Err(SettingError::NotValid {
                key: key.to_owned(),
                found: self.shown(json),
                valid: self.valid_words(),
            });
        }
        match (self.format, value) {
            (Some(format), SettingValue::Str(text)) => {
                let read = format.read(&text).map(SettingValue::Str);
                read.map_err(|fault| SettingError::Malformed {
                    key: key.to_owned(),
                    found: self.shown(json),
                    fault,
                })
            }
            (_, value) => Ok(value),
        }
    }

    /// Reads a value from a command line: a list is separated by commas.
    ///
    /// # Errors
    /// As [`SettingDefinition::read`].
    pub fn read_text(&self, key: &str, text: &str) -> Result<SettingValue, SettingError> {
        let json = match self.kind {
            SettingType::Str | SettingType::Decimal => Json::from(text),
            SettingType::List if !text.trim_start().starts_with('[') => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect(),
            _ => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text)),
        };
        self.read(key, &json)
    }

    fn typed(&self, json: &Json) -> Option<SettingValue> {
        let value = match self.kind {
            SettingType::Str => SettingValue::Str(json.as_str()?.to_owned()),
            SettingType::Int => SettingValue::Int(json.as_i64()?),
            SettingType::Float => SettingValue::Float(json.as_f64().filter(|f| f.is_finite())?),
            SettingType::Decimal => SettingValue::Decimal(decimal(json)?),
            SettingType::Bool => SettingValue::Bool(json.as_bool()?),
            SettingType::Json if is_within(MAX_LEVELS, json) => {
                SettingValue::Json(json.to_string())
            }
            SettingType::Json => return None,
            SettingType::List => {
                let texts = json
                    .as_array()?
                    .iter()
                    .map(|item| item.as_str().map(str::to_owned));
                SettingValue::List(texts.collect::<Option<_>>()?)
            }
        };
        (value.size() <= MAX_VALUE).then_some(value)
    }

    fn allows(&self, value: &SettingValue) -> bool {
        let listed = |value: &SettingValue| {
            self.valid.is_empty()
                || self
                    .valid
                    .iter()
                    .any(|v| self.typed(v).as_ref() == Some(value))
        };
        let in_range = |number: Decimal| {
            let above = |bound: &Json| decimal(bound).is_none_or(|min| number >= min);
            let below = |bound: &Json| decimal(bound).is_none_or(|max| number <= max);
            self.min.as_ref().is_none_or(above) && self.max.as_ref().is_none_or(below)
        };
        match value {
            SettingValue::List(texts) => {
                self.valid.is_empty()
                    || texts
                        .iter()
                        .all(|t| self.valid.iter().any(|v| v.as_str() == Some(t)))
            }
            SettingValue::Int(number) => listed(value) && in_range(Decimal::from(*number)),
            SettingValue::Decimal(number) => listed(value) && in_range(*number),
            SettingValue::Float(number) => {
                let at_least = self
                    .min
                    .as_ref()
                    .and_then(Json::as_f64)
                    .is_none_or(|m| *number >= m);
                let at_most = self
                    .max
                    .as_ref()
                    .and_then(Json::as_f64)
                    .is_none_or(|m| *number <= m);
                listed(value) && at_least && at_most
            }
            _ => listed(value),
        }
    }

    const fn expected(&self) -> &'static str {
        match self.kind {
            SettingType::Str => "a text",
            SettingType::Int => "a whole number",
            SettingType::Float => "a finite number",
            SettingType::Decimal => "a decimal such as \"12.5\"",
            SettingType::Bool => "true or false",
            SettingType::Json => "a JSON document of at most 64 KiB and 64 levels",
            SettingType::List => "a list of texts",
        }
    }

    fn shown(&self, json: &Json) -> String {
        if self.secret {
            return "•••".to_owned();
        }
        let text = json.to_string();
        match text.char_indices().nth(60) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        }
    }

    fn valid_words(&self) -> String {
        if !self.valid.is_empty() {
            let words: Vec<_> = self.valid.iter().map(Json::to_string).collect();
            return words.join(", ");
        }
        let bound = |bound: &Option<Json>| bound.as_ref().map_or("…".to_owned(), Json::to_string);
        format!("{} to {}", bound(&self.min), bound(&self.max))
    }

    pub(super) fn check(&self, key: &str) -> Result<(), SettingError> {
        let fault = |fault: String| SettingError::Definition {
            key: key.to_owned(),
            fault,
        };
        let good_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if key.is_empty() || key.len() > 64 || !key.bytes().all(good_key) {
            return Err(fault("a key has 1 to 64 of a to z, 0 to 9 and `_`".into()));
        }
        let numeric = matches!(
            self.kind,
            SettingType::Int | SettingType::Float | SettingType::Decimal
        );
        if !numeric && (self.min.is_some() || self.max.is_some()) {
            return Err(fault("only numbers have `min` and `max`".into()));
        }
        if self.kind != SettingType::Str && self.format.is_some() {
            return Err(fault("only a text has a `format`".into()));
        }
        for bound in [&self.min, &self.max].into_iter().flatten() {
            if self.typed(bound).is_none() {
                return Err(fault(format!(
                    "the bound {bound} is not {}",
                    self.expected()
                )));
            }
        }
        for valid in &self.valid {
            let sound = match self.kind {
                SettingType::List => valid.is_string(),
                _ => self.typed(valid).is_some(),
            };
            if !sound {
                return Err(fault(format!(
                    "the valid value {valid} is not {}",
                    self.expected()
                )));
            }
        }
        match &self.default {
            Some(_) if self.secret => Err(fault("a secret can't have a default".into())),
            Some(default) => self
                .read(key, default)
                .map(drop)
                .map_err(|e| fault(e.to_string())),
            None => Ok(()),
        }
    }
}

/// Whether a document has no more levels than these.
fn is_within(levels: usize, json: &Json) -> bool {
    match json {
        Json::Array(items) => levels > 0 && items.iter().all(|one| is_within(levels - 1, one)),
        Json::Object(fields) => levels > 0 && fields.values().all(|one| is_within(levels - 1, one)),
        _ => true,
    }
}

fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        Json::String(text) => parse_decimal(text).ok(),
        Json::Number(number) => parse_decimal(&number.to_string()).ok(),
        _ => None,
    }
}

impl SettingValue {
    /// The value as JSON: a decimal is a string.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Str(text) => Json::from(text.as_str()),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::Decimal(number) => Json::from(number.normalize().to_string()),
            Self::Bool(yes) => Json::from(*yes),
            Self::Json(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Str(text) | Self::Json(text) => text.len(),
            Self::List(texts) => texts.iter().map(|text| text.len() + 1).sum(),
            _ => 0,
        }
    }
}
