//! One value of a setting.
//!
//! Owns: the seven types a value can have. Must not know: definitions.

use crate::Decimal;

/// A setting's value, of the type its definition says.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// Text.
    Str(String),
    /// A whole number.
    Int(i64),
    /// A binary floating-point number, finite; never money.
    Float(f64),
    /// An exact number.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A JSON document, as compact text.
    Json(String),
    /// Texts in their order.
    List(Vec<String>),
}
