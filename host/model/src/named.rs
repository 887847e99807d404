//! Enums whose variants have one written name each.
//!
//! Owns: the macro that ties a variant to its name in the database, in JSON and
//! on the command line, so that the three can't drift apart.
//! Must not know: which enums there are.

/// A word that names no variant of the enum it was read for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{name}`, expected one of {expected}")]
pub struct UnknownName {
    /// What was being read, such as `order state`.
    pub what: &'static str,
    /// The word that was found, cut to 40 characters.
    pub name: String,
    /// The words that would have done.
    pub expected: String,
}

impl UnknownName {
    pub(crate) fn new(what: &'static str, name: &str, expected: &[&str]) -> Self {
        Self {
            what,
            name: name.chars().take(40).collect(),
            expected: expected.join(", "),
        }
    }
}

/// Defines a closed enum with one written name for each variant.
macro_rules! named_enum {
    (
        $(#[$meta:meta])*
        $what:literal: $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(clippy::allow_attributes, reason = "generated")]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// Every variant, in the order of definition.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The written name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $text => Ok(Self::$variant), )+
                    _ => Err($crate::UnknownName::new($what, text, &[$( $text, )+])),
                }
            }
        }

        #[cfg(feature = "host")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "host")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use named_enum;
