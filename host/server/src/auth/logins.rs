//! Who is logged in with a browser.
//!
//! Owns: the cookie, and which token it stands for, in memory only: a restart
//! logs everybody out. Must not know: requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lombard_model::{AccessTokenId, Digest};
use tokio::time::Instant;

use super::token::{Token, hash};

/// The name of the cookie.
pub(super) const COOKIE: &str = "lombard_session";

/// How long one may stay logged in.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// How many may be. The one who has been longest goes for a further one.
const MOST: usize = 1_024;

/// Who is logged in, by the hash of the cookie.
#[derive(Debug, Default)]
pub(super) struct Logins {
    known: Mutex<HashMap<Digest, Login>>,
}

#[derive(Clone, Copy, Debug)]
struct Login {
    token: AccessTokenId,
    since: Instant,
}

impl Logins {
    /// Logs somebody in who has shown this token; gives the cookie.
    pub(super) fn begin(&self, token: AccessTokenId) -> Result<Token, std::io::Error> {
        let cookie = Token::generate()?;
        let login = Login {
            token,
            since: Instant::now(),
        };
        self.with(|known| {
            known.retain(|_, login| login.since.elapsed() < LONGEST);
            if known.len() >= MOST {
                let oldest = known.iter().min_by_key(|(_, login)| login.since);
                if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                    known.remove(&oldest);
                }
            }
            known.insert(cookie.hash(), login);
        });
        Ok(cookie)
    }

    /// The token that a cookie stands for.
    pub(super) fn of(&self, cookie: &str) -> Option<AccessTokenId> {
        self.with(|known| {
            let login = known.get(&hash(cookie))?;
            (login.since.elapsed() < LONGEST).then_some(login.token)
        })
    }

    /// Logs out.
    pub(super) fn end(&self, cookie: &str) {
        self.with(|known| known.remove(&hash(cookie)));
    }

    fn with<T>(&self, code: impl FnOnce(&mut HashMap<Digest, Login>) -> T) -> T {
        code(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> AccessTokenId {
        number.try_into().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_cookie_is_good_until_logout_or_for_twelve_hours() {
        let logins = Logins::default();
        let (one, other) = (logins.begin(id(1)).unwrap(), logins.begin(id(2)).unwrap());
        assert_eq!(logins.of(one.reveal()), Some(id(1)));
        assert_eq!(logins.of("lmb_other"), None);
        logins.end(one.reveal());
        assert_eq!(logins.of(one.reveal()), None);
        tokio::time::advance(LONGEST - Duration::from_secs(1)).await;
        assert_eq!(logins.of(other.reveal()), Some(id(2)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(logins.of(other.reveal()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn of_too_many_the_oldest_goes() {
        let logins = Logins::default();
        let first = logins.begin(id(1)).unwrap();
        for _ in 0..MOST {
            tokio::time::advance(Duration::from_millis(1)).await;
            logins.begin(id(2)).unwrap();
        }
        assert_eq!(logins.of(first.reveal()), None);
        assert_eq!(logins.with(|known| known.len()), MOST);
    }
}
