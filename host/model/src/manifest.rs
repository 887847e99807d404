//! What a plugin is, as it says of itself in `plugin.toml`.
//!
//! Owns: the manifest's form and checks, and the digest that names a binary.
//! Must not know: where in a component the manifest stands.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::named::named_enum;
use crate::nesting::is_deeper_than;
use crate::{Definitions, ExpertId, Grants, SettingDefinition, SettingError};

/// Why a text is not a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Longer than a manifest may be.
    #[error("the manifest has {0} bytes, more than {max}", max = Manifest::MAX_LEN)]
    TooLong(usize),
    /// Brackets in brackets, or keys of more parts, than a manifest has use for.
    #[error("the manifest nests deeper than {max} levels", max = Manifest::MAX_LEVELS)]
    TooDeep,
    /// Not TOML, or not of the form.
    #[error("the manifest can't be read: {0}")]
    Malformed(String),
    /// The name can't be one.
    #[error(
        "`{0}` is not a plugin name: 1 to 64 of a to z, 0 to 9 and `-`, beginning with a letter"
    )]
    Name(String),
    /// A text is longer than it may be.
    #[error("`{field}` has {len} characters, more than {max}")]
    TextTooLong {
        /// Which text.
        field: &'static str,
        /// How long it is.
        len: usize,
        /// How long it may be.
        max: usize,
    },
    /// A version is not `1.2.3`.
    #[error("`{0}` is not a version such as 1.2.3")]
    Version(String),
    /// A key that only an expert may have.
    #[error("`{0}` is for experts, and this is a widget")]
    OfExperts(&'static str),
    /// A setting's definition is at fault.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

named_enum! {
    /// What a plugin does.
    "plugin kind": PluginKind {
        /// Shows the state of the book.
        Widget = "widget",
        /// Analyses instruments and recommends.
        Expert = "expert",
    }
}

named_enum! {
    /// Who says which symbols an expert looks at.
    "choice of symbols": SymbolChoice {
        /// Whoever asks for the run, or the instance's settings: it looks at
        /// each of them.
        Given = "given",
        /// The expert: it is given those that it may pick from, and has looked
        /// at those it recommends something about.
        Picked = "picked",
    }
}

/// The name of a plugin, such as `floating-pl-per-expert`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PluginName(String);

impl PluginName {
    /// What stands for the name in the record of an expert's call where nobody
    /// knows which plugin the expert has.
    #[must_use]
    pub fn of_expert(id: ExpertId) -> Self {
        Self(format!("expert-{id}"))
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PluginName {
    type Err = ManifestError;

    fn from_str(text: &str) -> Result<Self, ManifestError> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if begins && text.len() <= 64 && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            let shown = text.chars().take(64).flat_map(char::escape_debug);
            Err(ManifestError::Name(shown.collect()))
        }
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for PluginName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The SHA-256 of a plugin's file: what grants are bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these 32 bytes.
    #[must_use]
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 64 hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> String {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        let mut digits = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            digits.push(digit(byte >> 4));
            digits.push(digit(byte & 15));
        }
        digits
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = ManifestError;

    fn from_str(text: &str) -> Result<Self, ManifestError> {
        let bad = || ManifestError::Malformed("a digest is `sha256:` and 64 hex digits".into());
        let hex = text.strip_prefix("sha256:").ok_or_else(bad)?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// Its name, unique in a host.
    pub name: PluginName,
    /// Its own version.
    pub version: String,
    /// What it does.
    pub kind: PluginKind,
    /// The version of `lombard:platform` it was built for.
    pub api: String,
    /// Who says which symbols it looks at, where it is an expert.
    pub symbols: SymbolChoice,
    /// What it is for, in a sentence.
    pub description: String,
    /// What it asks for. It has what is also granted.
    pub grants: Grants,
    /// Its settings.
    pub settings: Definitions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: PluginName,
    version: String,
    kind: PluginKind,
    api: String,
    symbols: Option<SymbolChoice>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    grants: Grants,
    #[serde(default)]
    settings: BTreeMap<String, SettingDefinition>,
}

impl Manifest {
    /// The longest manifest, in bytes.
    pub const MAX_LEN: usize = 64 * 1024;
    /// The most levels of one line and what it opens: brackets, and the parts of
    /// keys.
    pub const MAX_LEVELS: usize = 32;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION: usize = 500;

    /// Reads the text of a `plugin.toml`.
    ///
    /// # Errors
    /// Where it is not of the form, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > Self::MAX_LEN {
            return Err(ManifestError::TooLong(text.len()));
        }
        if is_deeper_than(Self::MAX_LEVELS, text) {
            return Err(ManifestError::TooDeep);
        }
        let text: Text =
            toml::from_str(text).map_err(|e| ManifestError::Malformed(e.message().to_owned()))?;
        let len = text.description.chars().count();
        if len > Self::MAX_DESCRIPTION {
            return Err(ManifestError::TextTooLong {
                field: "description",
                len,
                max: Self::MAX_DESCRIPTION,
            });
        }
        if text.kind != PluginKind::Expert && text.symbols.is_some() {
            return Err(ManifestError::OfExperts("symbols"));
        }
        Ok(Self {
            name: text.name,
            version: version(text.version)?,
            kind: text.kind,
            api: version(text.api)?,
            symbols: text.symbols.unwrap_or(SymbolChoice::Given),
            description: text.description,
            grants: text.grants,
            settings: Definitions::new(text.settings)?,
        })
    }
}

fn version(text: String) -> Result<String, ManifestError> {
    let number = |part: &str| {
        (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<_> = text.split('.').collect();
    if parts.len() == 3 && parts.iter().copied().all(number) {
        Ok(text)
    } else {
        let shown = text.chars().take(40).flat_map(char::escape_debug);
        Err(ManifestError::Version(shown.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grant, SettingType};

    const GOOD: &str = r#"
        name = "moving-average-cross"
        version = "0.1.0"
        kind = "expert"
        api = "0.1.0"
        description = "Recommends where a fast average crosses a slow one"
        grants = ["read:bars"]

        [settings.fast_days]
        type = "int"
        description = "Days of the fast average"
        default = 20
        min = 2
        max = 250
    "#;

    #[test]
    fn a_manifest_says_what_a_plugin_is() {
        let manifest = Manifest::parse(GOOD).unwrap();
        assert_eq!(manifest.name.as_str(), "moving-average-cross");
        assert_eq!(manifest.kind, PluginKind::Expert);
        assert_eq!(manifest.symbols, SymbolChoice::Given);
        assert!(manifest.grants.allows(Grant::ReadBars));
        assert!(!manifest.grants.allows(Grant::ReadOrders));
        assert_eq!(
            manifest.settings.get("fast_days").unwrap().kind,
            SettingType::Int
        );
    }

    #[test]
    fn each_fault_is_told() {
        let with = |from: &str, to: &str| Manifest::parse(&GOOD.replace(from, to)).unwrap_err();
        let malformed = |error| matches!(error, ManifestError::Malformed(_));
        assert!(malformed(with("moving-average-cross", "../../etc/passwd")));
        assert!(malformed(with("\"expert\"", "\"server\"")));
        assert!(malformed(with("read:bars", "read:everything")));
        assert!(malformed(with("description = \"Rec", "colour = \"Rec")));
        assert!(matches!(
            with("\"0.1.0\"", "\"latest\""),
            ManifestError::Version(_)
        ));
        assert!(matches!(
            with("default = 20", "default = 1"),
            ManifestError::Setting(_)
        ));
        let long = format!("{GOOD}#{}", "x".repeat(Manifest::MAX_LEN));
        assert!(matches!(
            Manifest::parse(&long),
            Err(ManifestError::TooLong(_))
        ));
    }

    /// Each of these was a tree deep enough to run out of stack in.
    #[test]
    fn a_manifest_that_nests_without_end_is_refused_before_it_is_read() {
        let key = vec!["a"; 79].join(".");
        for (deep, end) in [
            (format!("{{ {key} = ").repeat(79), "1"),
            (format!("[{{ {key} = ").repeat(39), ""),
            ("[".repeat(60_000), ""),
            ("a.".repeat(30_000), "a = 1"),
        ] {
            let text = format!("{GOOD}\n[settings.deep]\ntype = \"json\"\ndefault = {deep}{end}");
            assert_eq!(Manifest::parse(&text), Err(ManifestError::TooDeep));
        }
    }

    #[test]
    fn only_an_expert_can_pick_its_symbols() {
        let picks = GOOD.replace("grants =", "symbols = \"picked\"\n        grants =");
        let manifest = Manifest::parse(&picks).unwrap();
        assert_eq!(manifest.symbols, SymbolChoice::Picked);
        let widget = picks.replace("\"expert\"", "\"widget\"");
        let error = Manifest::parse(&widget).unwrap_err();
        assert_eq!(error, ManifestError::OfExperts("symbols"));
        let wrong = Manifest::parse(&picks.replace("picked", "guessed"));
        assert!(
            matches!(wrong, Err(ManifestError::Malformed(_))),
            "{wrong:?}"
        );
    }

    #[test]
    fn digests_are_read_back() {
        let digest = Digest::new([0xab; 32]);
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!("sha256:ab".parse::<Digest>().is_err());
        assert!(
            format!("sha256:{}", "é".repeat(32))
                .parse::<Digest>()
                .is_err()
        );
    }
}
