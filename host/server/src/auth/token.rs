//! Tokens.
//!
//! Owns: how one is made and how it is known again without being kept.
//! Must not know: whose it is.

use std::fmt;

use lombard_model::Digest;
use sha2::{Digest as _, Sha256};

/// What a token begins with, so that it is found where it should not be.
const PREFIX: &str = "lmb_";

/// Random bytes of a token, as many as a SHA-256 has: guessing one is as hard
/// as finding another text of the same hash, which is why no slower hash is
/// needed.
const RANDOM: usize = 32;

/// A secret by which somebody may talk to the host. Shown once.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// Where the system has no random bytes to give.
    pub fn generate() -> Result<Self, std::io::Error> {
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random)?;
        let mut text = String::with_capacity(PREFIX.len() + 2 * RANDOM);
        text.push_str(PREFIX);
        for byte in random {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(digit.into(), 16));
            }
        }
        Ok(Self(text))
    }

    /// The secret.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        hash(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(•••)")
    }
}

/// What is kept of a secret. Two hashes are compared instead of two secrets,
/// so how long that takes tells nothing of either.
pub(super) fn hash(secret: &str) -> Digest {
    Digest::new(Sha256::digest(secret.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike_and_none_is_shown_by_accident() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), PREFIX.len() + 64);
        assert_eq!(one.hash(), hash(one.reveal()));
        assert!(!format!("{one:?}").contains(&one.reveal()[4..]));
    }
}
