//! Filling the caches before anybody asks.
//!
//! Owns: what is brought in, in which order, and how far it is. Must not know:
//! when: at the start of a host, or by hand.

use lombard_store::{Purpose, Session};

use crate::{Accounts, AccountsError};

/// What is brought into the caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warm {
    /// All accounts and experts, as many of each as there is room for; where
    /// there is too little, those that are used most.
    All,
    /// So many of each, if there is room: those that are used most, by the
    /// transactions that are not closed (see [`Session::accounts_by_use`]).
    MostUsed(usize),
}

/// How far warming is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WarmProgress {
    /// Accounts and experts that were brought in, or were there already.
    pub done: usize,
    /// Of so many.
    pub of: usize,
}

impl Accounts {
    /// Brings accounts and experts into the caches, over one session, and
    /// tells how far it is: first with nothing done, then after each.
    ///
    /// Others can use the caches meanwhile; what they load is not loaded again.
    /// What is saved meanwhile is left to its next use. It never drops what is
    /// in use, and brings in no more than there is room for. Cancelling it, or
    /// a failure, leaves what was brought in.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn warm(
        &self,
        what: Warm,
        mut progress: impl FnMut(WarmProgress),
    ) -> Result<WarmProgress, AccountsError> {
        let mut session = self.store().session(Purpose::host("warm"));
        let room = self.capacity();
        let most = match what {
            Warm::All => room,
            Warm::MostUsed(most) => most.min(room),
        };
        // Before the first look into a cache: the snapshot is the newest.
        session.open().await?;
        let accounts = session.accounts_by_use(most).await?;
        let experts = session.experts_by_use(most).await?;
        if what == Warm::All {
            read_at_once(&mut session, room, accounts.len(), experts.len()).await?;
        }
        let mut far = WarmProgress {
            done: 0,
            of: accounts.len() + experts.len(),
        };
        progress(far);
        for id in accounts {
            self.account(id, &mut session).await?;
            far.done += 1;
            progress(far);
        }
        for id in experts {
            self.expert(id, &mut session).await?;
            far.done += 1;
            progress(far);
        }
        session.end();
        Ok(far)
    }
}

/// Where all there are have room, one statement reads them; else each is read
/// for itself, so that no more is in memory than will be kept.
async fn read_at_once(
    session: &mut Session,
    room: usize,
    accounts: usize,
    experts: usize,
) -> Result<(), AccountsError> {
    if accounts < room {
        session.accounts().await?;
    }
    if experts < room {
        session.experts().await?;
    }
    Ok(())
}
