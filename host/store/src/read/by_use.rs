//! Which accounts and experts are used most.
//!
//! Owns: what "used" means, by what the database knows: transactions that are
//! not closed, then enabled experts. It holds over a restart, and needs no
//! table of its own that every look-up would have to write.
//! Must not know: who wants to know.

use lombard_model::{AccountId, ExpertId};
use sqlx::sqlite::SqliteRow;

use crate::columns::Columns;
use crate::{Session, StoreError};

impl Session {
    /// The accounts that are used most, at most so many: those whose experts
    /// have the most transactions that are not closed, then those with the most
    /// enabled experts, then the oldest.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn accounts_by_use(&mut self, most: usize) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT id FROM accounts a ORDER BY \
             (SELECT count(*) FROM expert_instances e JOIN transactions t ON t.expert_id = e.id \
              AND t.status IN ('waiting', 'opened', 'closing') WHERE e.account_id = a.id) DESC, \
             (SELECT count(*) FROM expert_instances e \
              WHERE e.account_id = a.id AND e.enabled) DESC, \
             id LIMIT $1 + 0";
        let rows = self.most_used(sql, most).await?;
        let ids = rows.iter().map(|row| Columns::new(row, "accounts").id(0));
        ids.collect()
    }

    /// The expert instances that are used most, at most so many: those with
    /// the most transactions that are not closed, enabled ones first among
    /// equals, then the oldest.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn experts_by_use(&mut self, most: usize) -> Result<Vec<ExpertId>, StoreError> {
        let sql = "SELECT id FROM expert_instances e ORDER BY \
             (SELECT count(*) FROM transactions t WHERE t.expert_id = e.id \
              AND t.status IN ('waiting', 'opened', 'closing')) DESC, \
             enabled DESC, id LIMIT $1 + 0";
        let rows = self.most_used(sql, most).await?;
        let ids = rows.iter().map(|row| Columns::new(row, "experts").id(0));
        ids.collect()
    }

    async fn most_used(
        &mut self,
        sql: &'static str,
        most: usize,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.fetch(sqlx::query(sql).bind(most)).await
    }
}
