//! Settings as a struct, declared once.
//!
//! Owns: the macro, and which types a field can have. Must not know: how the
//! definitions get into the manifest; `lombard plugin build` reads them out of
//! the module.

use lombard_model::{Decimal, SettingValue};

use super::{absent, all, mistyped};
use crate::{Error, remembered};

/// Declares the settings of a plugin as a struct, once: `lombard plugin build`
/// puts the definitions into the manifest, and `read` gives the values.
///
/// ```
/// use lombard_sdk::prelude::*;
///
/// lombard_sdk::settings! {
///     /// What the rule goes by.
///     pub struct Rule {
///         /// Trading days of the average
///         days: i64 = 20 [2..=250];
///         /// At or below this index a symbol has fallen too far
///         oversold: Decimal = "30" ["1"..="49"];
///         /// Which prices count
///         price: String = "close" ["open", "close"];
///         /// The symbols to leave out
///         without: Vec<String> = [];
///         /// When the rule was looked at last, in words
///         note: Option<String>;
///         /// Who answers for it; whoever sets the expert up has to say so
///         owner: String;
///     }
///     secret {
///         /// The key of the news feed, which the host uses for the plugin
///         feed_key;
///     }
/// }
///
/// fn days() -> Result<i64, Error> {
///     Ok(Rule::read()?.days)
/// }
/// # let text = Rule::DEFINITIONS;
/// # assert!(text.contains("[settings.days]\ntype = \"int\"\n"));
/// ```
///
/// Each field is a setting: its name is the key, its doc comment what people are
/// told of it.
///
/// | field | setting |
/// | --- | --- |
/// | `days: i64 = 20;` | is 20 where nobody saved another |
/// | `owner: String;` | required: nobody can use the plugin before it has a value |
/// | `note: Option<String>;` | may have none |
/// | `days: i64 = 20 [2..=250];` | is refused outside these bounds; `[2..]` and `[..=250]` have one |
/// | `price: String = "close" ["open", "close"];` | is one of these |
/// | `at: String = "0 9 * * *" [cron];` | is written in this way: `cron` or `time_zone` |
/// | `feed_key;` behind `secret` | never comes to the plugin, so it is no field |
///
/// The types are those of the settings: `i64`, `f64`, `bool`, `String`,
/// [`Decimal`], `Vec<String>` and [`Json`](crate::settings::Json). A decimal is
/// written as a text, so that it stays exact.
///
/// What is wrong is told at its place. A default of another type:
///
/// ```compile_fail,E0308
/// lombard_sdk::settings! {
///     struct Rule {
///         /// Trading days of the average
///         days: i64 = "twenty";
///     }
/// }
/// ```
///
/// A type that no setting has:
///
/// ```compile_fail,E0277
/// lombard_sdk::settings! {
///     struct Rule {
///         /// Trading days of the average
///         days: u32 = 20;
///     }
/// }
/// ```
///
/// What contradicts itself, such as a default out of its bounds, is refused by
/// `lombard plugin build`.
#[macro_export]
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $visible:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $type:ty
                $(= $default:literal)? $(= [$($item:literal),* $(,)?])?
                $([$($bounds:tt)+])?;
            )*
        }
        $(secret {
            $(
                $(#[doc = $secret_doc:literal])+
                $secret:ident;
            )*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visible struct $name {
            $(
                $(#[doc = $doc])+
                $visible $key: $type,
            )*
        }

        impl $name {
            /// The definitions, as they stand in the manifest.
            $visible const DEFINITIONS: &str = {
                use $crate::settings::__private::{Declared, Part, length, written};
                const PARTS: &[Part<'static>] = &[
                    $(
                        Part::Plain(concat!("[settings.", stringify!($key), "]\ntype = \"")),
                        Part::Plain(<$type as Declared>::TYPE),
                        Part::Plain("\"\ndescription = \""),
                        Part::Words(&[$($doc),+]),
                        Part::Plain("\"\n"),
                        $(Part::Plain(concat!("default = ", stringify!($default), "\n")),)?
                        $(Part::Plain(concat!("default = ", stringify!([$($item),*]), "\n")),)?
                        $crate::__required!($type $(= $default)? $(= [$($item),*])?),
                        $(Part::Plain($crate::__bounds!($($bounds)+)),)?
                    )*
                    $($(
                        Part::Plain(concat!("[settings.", stringify!($secret), "]\n")),
                        Part::Plain("type = \"str\"\nsecret = true\ndescription = \""),
                        Part::Words(&[$($secret_doc),+]),
                        Part::Plain("\"\n"),
                    )*)?
                ];
                const TEXT: [u8; length(PARTS)] = written(PARTS);
                match ::std::str::from_utf8(&TEXT) {
                    Ok(text) => text,
                    Err(_) => panic!("made of texts"),
                }
            };

            /// Reads them all.
            ///
            /// # Errors
            /// Where the host can't answer, or a required one has no value.
            $visible fn read() -> ::std::result::Result<Self, $crate::Error> {
                let mut values = $crate::settings::__private::Values::default();
                // One that declares none reads none.
                let _ = &mut values;
                Ok(Self {
                    $($key: values.read(stringify!($key))?,)*
                })
            }
        }

        // Looked at in every build, and a default has the type of its setting.
        const _: &str = $name::DEFINITIONS;
        const _: () = {
            use $crate::settings::__private::Declared;
            $(
                $(const _: <$type as Declared>::Written = $default;)?
                $(const _: <$type as Declared>::Written = &[$($item),*];)?
            )*
        };

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[used]
            #[unsafe(link_section = "lombard:settings")]
            static DECLARED: [u8; $name::DEFINITIONS.len()] =
                $crate::settings::__private::bytes($name::DEFINITIONS);
        };
    };
}

/// Whether a setting without a default needs a value; the type says so.
#[doc(hidden)]
#[macro_export]
macro_rules! __required {
    ($type:ty) => {
        Part::Plain(<$type as Declared>::REQUIRED)
    };
    ($type:ty = $($default:tt)+) => {
        Part::Plain("")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __bounds {
    ($min:literal ..= $max:literal) => {
        concat!("min = ", stringify!($min), "\nmax = ", stringify!($max), "\n")
    };
    ($min:literal ..) => {
        concat!("min = ", stringify!($min), "\n")
    };
    (..= $max:literal) => {
        concat!("max = ", stringify!($max), "\n")
    };
    ($($valid:literal),+ $(,)?) => {
        concat!("valid = ", stringify!([$($valid),+]), "\n")
    };
    ($format:ident) => {
        concat!("format = \"", stringify!($format), "\"\n")
    };
    ($($other:tt)+) => {
        compile_error!(concat!(
            "`[", stringify!($($other)+), "]` bounds nothing: write `[1..=9]`, `[1..]`, `[..=9]`, ",
            "`[\"one\", \"of\", \"these\"]`, `[cron]` or `[time_zone]`"
        ))
    };
}

/// A JSON document, as text. It is what a setting of the type `json` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

/// What the macro is written with.
#[doc(hidden)]
pub mod __private {
    use super::{Decimal, Error, Json, SettingValue, absent, all, mistyped, remembered};

    pub use crate::settings::text::{Part, bytes, length, written};

    /// What a setting can be.
    #[diagnostic::on_unimplemented(
        message = "no setting is of type `{Self}`",
        label = "not a type of settings",
        note = "use `i64`, `f64`, `bool`, `String`, `Decimal`, `Vec<String>` or `Json`, or an `Option` of one"
    )]
    pub trait Declared: Sized {
        /// Its type in the manifest.
        const TYPE: &'static str;
        /// What the manifest says of one without a default.
        const REQUIRED: &'static str = "required = true\n";
        /// What a default is written as.
        type Written;

        fn of(key: &str, value: Option<SettingValue>) -> Result<Self, Error>;
    }

    macro_rules! declared {
        ($( $type:ty, $written:ty, $name:literal, $value:pat => $read:expr; )+) => { $(
            impl Declared for $type {
                const TYPE: &'static str = $name;
                type Written = $written;

                fn of(key: &str, value: Option<SettingValue>) -> Result<Self, Error> {
                    match value {
                        Some($value) => Ok($read),
                        Some(other) => Err(mistyped(key, $name, &other)),
                        None => Err(absent(key)),
                    }
                }
            }
        )+ };
    }

    declared! {
        i64, i64, "int", SettingValue::Int(number) => number;
        f64, f64, "float", SettingValue::Float(number) => number;
        bool, bool, "bool", SettingValue::Bool(yes) => yes;
        String, &'static str, "str", SettingValue::Str(text) => text;
        Decimal, &'static str, "decimal", SettingValue::Decimal(number) => number;
        Json, &'static str, "json", SettingValue::Json(text) => Json(text);
        Vec<String>, &'static [&'static str], "list", SettingValue::List(texts) => texts;
    }

    impl<T: Declared> Declared for Option<T> {
        const TYPE: &'static str = T::TYPE;
        const REQUIRED: &'static str = "";
        type Written = T::Written;

        fn of(key: &str, value: Option<SettingValue>) -> Result<Self, Error> {
            match value {
                None => Ok(None),
                some => T::of(key, some).map(Some),
            }
        }
    }

    /// Settings that are read together: all at once, when the first of them that
    /// this call does not know is asked for.
    #[derive(Debug, Default)]
    pub struct Values(Option<Vec<(String, SettingValue)>>);

    impl Values {
        pub fn read<T: Declared>(&mut self, key: &str) -> Result<T, Error> {
            let value = remembered::setting(key, || {
                if self.0.is_none() {
                    self.0 = Some(all()?);
                }
                let mut known = self.0.iter().flatten();
                let found = known.find(|(known, _)| known == key);
                Ok(found.map(|(_, value)| value.clone()))
            })?;
            T::of(key, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::__private::Declared;
    use super::*;

    crate::settings! {
        /// All that can be said.
        #[expect(dead_code, reason = "its definitions are looked at, not its values")]
        struct Everything {
            /// Days, "calendar" ones;
            /// two lines
            days: i64 = -20 [-30..=250];
            /// At least
            from: Decimal = "30" ["1"..];
            /// One of
            price: String = "close" ["open", "close"];
            /// When
            at: Option<String> [cron];
            /// Left out
            without: Vec<String> = ["A", "B"];
            /// How much
            share: f64 = 0.5 [..=1.0];
            /// Whether
            on: bool;
        }
        secret {
            /// The key
            feed_key;
        }
    }

    #[test]
    fn the_definitions_are_those_of_a_manifest() {
        let _: fn() -> Result<Everything, Error> = Everything::read;
        assert_eq!(
            Everything::DEFINITIONS,
            r#"[settings.days]
type = "int"
description = "Days, \"calendar\" ones; two lines"
default = -20
min = -30
max = 250
[settings.from]
type = "decimal"
description = "At least"
default = "30"
min = "1"
[settings.price]
type = "str"
description = "One of"
default = "close"
valid = ["open", "close"]
[settings.at]
type = "str"
description = "When"
format = "cron"
[settings.without]
type = "list"
description = "Left out"
default = ["A", "B"]
[settings.share]
type = "float"
description = "How much"
default = 0.5
max = 1.0
[settings.on]
type = "bool"
description = "Whether"
required = true
[settings.feed_key]
type = "str"
secret = true
description = "The key"
"#
        );
    }

    #[test]
    fn values_are_of_the_fields_type() {
        let of = |value| <Option<i64>>::of("days", value);
        assert_eq!(of(Some(SettingValue::Int(5))), Ok(Some(5)));
        assert_eq!(of(None), Ok(None));
        assert!(of(Some(SettingValue::Bool(true))).is_err());
        assert!(i64::of("days", None).is_err());
    }
}
