//! Giving out tokens and taking them back.
//!
//! Owns: the statements on `access_tokens` that write. Must not know: tokens
//! themselves.

use lombard_model::{AccessTokenId, Digest, Role, Timestamp};

use crate::columns::Columns;
use crate::{Change, Store, StoreError, Writing, Written};

/// A token to give out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccessToken {
    /// What it is called; no other one is.
    pub name: String,
    /// What whoever has it may do.
    pub role: Role,
    /// The SHA-256 of it.
    pub hash: Digest,
    /// Now.
    pub created_at: Timestamp,
}

impl Store {
    /// Gives out a token; none where another one has its name.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn add_access_token(
        &self,
        token: NewAccessToken,
    ) -> Result<Written<Option<AccessTokenId>>, StoreError> {
        self.write(move |writing| Box::pin(add(writing, token)))
            .await
    }

    /// Takes the token of this name back.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none.
    pub async fn remove_access_token(&self, name: String) -> Result<Written<()>, StoreError> {
        self.write(move |writing| Box::pin(remove(writing, name)))
            .await
    }
}

async fn add(
    writing: &mut Writing<'_>,
    token: NewAccessToken,
) -> Result<Option<AccessTokenId>, StoreError> {
    let sql = "INSERT INTO access_tokens (name, role, hash, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO NOTHING RETURNING id";
    let query = sqlx::query(sql)
        .bind(token.name)
        .bind(token.role.as_str())
        .bind(token.hash.to_string())
        .bind(token.created_at.as_micros());
    let Some(row) = writing.fetch_optional(query).await? else {
        return Ok(None);
    };
    writing.changes(Change::Access);
    Columns::new(&row, "access_tokens").id(0).map(Some)
}

async fn remove(writing: &mut Writing<'_>, name: String) -> Result<(), StoreError> {
    let sql = "DELETE FROM access_tokens WHERE name = $1";
    let query = sqlx::query(sql).bind(name.clone());
    if writing.execute(query).await? == 0 {
        return Err(StoreError::missing("access token", name));
    }
    writing.changes(Change::Access);
    Ok(())
}
