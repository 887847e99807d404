//! How often somebody may be wrong.
//!
//! Owns: the count of failed attempts by address, which is bounded.
//! Must not know: what was attempted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Attempts that may fail within [`WINDOW`].
const MOST: u32 = 10;

/// How long a failed attempt counts.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are counted apart. Where there are more, those beyond are
/// counted as one.
const ADDRESSES: usize = 4_096;

/// Failed attempts by address.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: Mutex<HashMap<Option<IpAddr>, Failed>>,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    since: Instant,
    times: u32,
}

impl Attempts {
    /// How long this address has to wait before its next attempt; none where
    /// it may try.
    pub(super) fn wait(&self, address: IpAddr) -> Option<Duration> {
        self.with(|failed| {
            let key = key(failed, address);
            let known = failed.get(&key)?;
            let left = WINDOW.checked_sub(known.since.elapsed())?;
            (known.times >= MOST && !left.is_zero()).then_some(left)
        })
    }

    /// Counts a failed attempt.
    pub(super) fn failed(&self, address: IpAddr) {
        self.with(|failed| {
            if failed.len() >= ADDRESSES {
                failed.retain(|_, known| known.since.elapsed() < WINDOW);
            }
            let key = key(failed, address);
            let fresh = Failed {
                since: Instant::now(),
                times: 0,
            };
            let known = failed.entry(key).or_insert(fresh);
            if known.since.elapsed() >= WINDOW {
                *known = fresh;
            }
            known.times = known.times.saturating_add(1);
        });
    }

    fn with<T>(&self, code: impl FnOnce(&mut HashMap<Option<IpAddr>, Failed>) -> T) -> T {
        code(&mut self.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Under what an address is counted.
fn key(failed: &HashMap<Option<IpAddr>, Failed>, address: IpAddr) -> Option<IpAddr> {
    let is_counted = failed.contains_key(&Some(address)) || failed.len() < ADDRESSES;
    is_counted.then_some(address)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[tokio::test(start_paused = true)]
    async fn after_ten_failures_there_is_a_minute_to_wait() {
        let attempts = Attempts::default();
        for _ in 0..MOST {
            assert_eq!(attempts.wait(address(1)), None);
            attempts.failed(address(1));
        }
        assert_eq!(attempts.wait(address(1)), Some(WINDOW));
        assert_eq!(attempts.wait(address(2)), None);
        tokio::time::advance(WINDOW).await;
        assert_eq!(attempts.wait(address(1)), None);
        attempts.failed(address(1));
        assert_eq!(attempts.wait(address(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_of_addresses_is_counted_as_one_in_the_end() {
        let attempts = Attempts::default();
        let crowd = u32::try_from(ADDRESSES).unwrap() * 3;
        for number in 0..crowd {
            attempts.failed(address(number));
        }
        assert!(attempts.with(|failed| failed.len()) <= ADDRESSES + 1);
        assert!(attempts.wait(address(crowd + 1)).is_some());
        tokio::time::advance(WINDOW).await;
        attempts.failed(address(crowd + 1));
        assert!(attempts.wait(address(crowd + 1)).is_none());
    }
}
