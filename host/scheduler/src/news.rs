//! What the planner has not looked at yet.
//!
//! Owns: that an expert or its settings changed, and as of which version of the
//! data. Must not know: what changed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lombard_store::{Change, Changed, DataVersion};
use tokio::sync::Notify;

/// How long to wait for a commit that was told of before looking again.
const STEP: Duration = Duration::from_millis(5);

/// How often to look that soon. A commit that is not through by then has
/// failed, or takes its time: the planner looks as often as it does anyway.
const SOON: u32 = 200;

/// What has changed since the planner looked.
#[derive(Debug, Default)]
pub(crate) struct News {
    pending: Mutex<Option<Pending>>,
    told: Notify,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    /// What is to be read is of this version or a later one.
    version: DataVersion,
    looks: u32,
}

/// What there is to do about the news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing.
    Nothing,
    /// Their commit is under way: look again after so long.
    Soon(Duration),
    /// Read.
    Read,
}

impl News {
    /// Takes note of a change, as the store tells it.
    pub(crate) fn changed(&self, changed: Changed<'_>, version: DataVersion) {
        let is_ours = match changed {
            Changed::Anything => true,
            Changed::These(changes) => changes
                .iter()
                .any(|change| matches!(change, Change::Expert(_))),
        };
        if is_ours {
            self.put(version);
        }
    }

    /// Has the planner look at what there is at this version.
    fn put(&self, version: DataVersion) {
        *self.pending() = Some(Pending { version, looks: 0 });
        self.told.notify_one();
    }

    /// The same, where the planner could not: not before it looks anyway.
    pub(crate) fn again(&self, version: DataVersion) {
        let pending = Pending { version, looks: 0 };
        self.pending().get_or_insert(pending);
    }

    /// What to do, where this is the newest version that the process knows.
    /// A change is told right before its commit, so it may not be there yet.
    pub(crate) fn look(&self, known: DataVersion) -> Look {
        let mut pending = self.pending();
        let Some(news) = pending.as_mut() else {
            return Look::Nothing;
        };
        if news.version <= known {
            *pending = None;
            return Look::Read;
        }
        news.looks = news.looks.saturating_add(1);
        match news.looks <= SOON {
            true => Look::Soon(STEP),
            false => Look::Nothing,
        }
    }

    /// Waits until somebody has told something, or somebody wakes the planner.
    pub(crate) async fn told(&self) {
        self.told.notified().await;
    }

    fn pending(&self) -> MutexGuard<'_, Option<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::ExpertId;

    use super::*;

    #[test]
    fn news_are_read_once_their_commit_is_through() {
        let news = News::default();
        let expert = ExpertId::try_from(1_u64).unwrap();
        news.changed(Changed::These(&[Change::Plugins]), DataVersion(7));
        assert_eq!(news.look(DataVersion(7)), Look::Nothing);
        news.changed(Changed::These(&[Change::Expert(expert)]), DataVersion(9));
        for _ in 0..SOON {
            assert_eq!(news.look(DataVersion(8)), Look::Soon(STEP));
        }
        assert_eq!(
            news.look(DataVersion(8)),
            Look::Nothing,
            "it looks for ever"
        );
        assert_eq!(news.look(DataVersion(10)), Look::Read);
        assert_eq!(news.look(DataVersion(10)), Look::Nothing);
    }
}
