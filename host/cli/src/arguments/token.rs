//! `lombard token` on the command line.

use std::fmt;
use std::str::FromStr;

use clap::{Subcommand, ValueEnum};
use lombard_model::Role;

/// The longest name of a token.
const LONGEST: usize = 64;

/// `lombard token …`
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and show it, this once
    #[command(after_help = "Example:\n  lombard token new screen --role viewer")]
    New {
        /// What to call it
        name: TokenName,
        /// What whoever has it may do
        #[arg(long, value_enum, default_value = "viewer")]
        role: RoleName,
    },
    /// List the tokens that were made
    List,
    /// Take a token back
    Revoke {
        /// Which
        name: TokenName,
    },
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RoleName {
    /// Look at everything but secrets
    Viewer,
    /// Change what can be changed
    Operator,
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Viewer => Self::Viewer,
            RoleName::Operator => Self::Operator,
        }
    }
}

/// What a token is called: something that can be read in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenName(String);

impl TokenName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
        match !text.is_empty() && text.len() <= LONGEST && text.chars().all(is_plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "a name is 1 to {LONGEST} letters, digits, `-`, `_` and `.`"
            )),
        }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(
            "screen-1".parse::<TokenName>().unwrap().as_str(),
            "screen-1"
        );
        for bad in ["", "a b", "a\n", "é", &"a".repeat(65)] {
            assert!(bad.parse::<TokenName>().is_err(), "{bad}");
        }
    }
}
