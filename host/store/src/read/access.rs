//! Who may talk to the host.
//!
//! Owns: the statements on `access_tokens` that read. Must not know: tokens
//! themselves, which are nowhere.

use lombard_model::{AccessTokenId, Digest, Role, Timestamp};

use super::MAX_SET;
use crate::columns::Columns;
use crate::{Session, StoreError};

/// A token that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Its id.
    pub id: AccessTokenId,
    /// What it is called, so that it can be told from others.
    pub name: String,
    /// What whoever has it may do.
    pub role: Role,
    /// The SHA-256 of it.
    pub hash: Digest,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Session {
    /// All tokens that were given out, by id.
    ///
    /// # Errors
    /// Where the database fails, or there are more than 10,000.
    pub async fn access_tokens(&mut self) -> Result<Vec<AccessToken>, StoreError> {
        let sql = "SELECT id, name, role, hash, created_at FROM access_tokens \
             ORDER BY id LIMIT 10001";
        let rows = self.fetch(sqlx::query(sql)).await?;
        if rows.len() > MAX_SET {
            return Err(StoreError::TooManyRows {
                what: "access tokens",
                limit: MAX_SET,
            });
        }
        let tokens = rows.iter().map(|row| {
            let columns = Columns::new(row, "access_tokens");
            Ok(AccessToken {
                id: columns.id(0)?,
                name: columns.string(1)?,
                role: columns.name(2)?,
                hash: columns.name(3)?,
                created_at: columns.time(4)?,
            })
        });
        tokens.collect()
    }
}
