//! Identifiers, one type for each kind of thing.
//!
//! Owns: what an id may be (1 to `i64::MAX`, so that it fits a database column
//! and a WIT `u64` alike) and that an account's id is never taken for an
//! expert's. Must not know: what the things are.

use std::fmt;

/// A number that can't be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an id: ids are whole numbers from 1 to {max}", max = i64::MAX)]
pub struct IdError(pub i128);

macro_rules! define_id {
    ($( $(#[$meta:meta])* $name:ident, )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The number of the id.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The number as a database column holds it.
            #[must_use]
            pub const fn to_i64(self) -> i64 {
                self.0.cast_signed()
            }
        }

        impl TryFrom<u64> for $name {
            type Error = IdError;

            fn try_from(number: u64) -> Result<Self, IdError> {
                if number == 0 || number > i64::MAX.cast_unsigned() {
                    return Err(IdError(number.into()));
                }
                Ok(Self(number))
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdError;

            fn try_from(number: i64) -> Result<Self, IdError> {
                if number < 1 {
                    return Err(IdError(number.into()));
                }
                Ok(Self(number.cast_unsigned()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let number: i128 = text.parse().map_err(|_| IdError(0))?;
                u64::try_from(number).map_err(|_| IdError(number))?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        #[cfg(feature = "host")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.0)
            }
        }

        #[cfg(feature = "host")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Through i64 so that -1 is told as a bad id and not as a bad type.
                i64::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

define_id! {
    /// Names an account at a broker.
    AccountId,
    /// Names an instance of an expert plugin.
    ExpertId,
    /// Names a trade from its entry to its exit.
    TransactionId,
    /// Names an order.
    OrderId,
    /// Names one run of an expert over one symbol.
    AnalysisId,
    /// Names a stored recommendation.
    RecommendationId,
    /// Names a token by which somebody may talk to the host.
    AccessTokenId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_a_database_column_and_are_never_zero() {
        assert_eq!(AccountId::try_from(0_u64), Err(IdError(0)));
        assert_eq!(AccountId::try_from(-7_i64), Err(IdError(-7)));
        assert!(AccountId::try_from(u64::MAX).is_err());
        let greatest = AccountId::try_from(i64::MAX).unwrap();
        assert_eq!(greatest.to_i64(), i64::MAX);
        assert_eq!("42".parse::<OrderId>().unwrap().get(), 42);
        assert!("4.2".parse::<OrderId>().is_err());
        assert!("-4".parse::<OrderId>().is_err());
    }
}
