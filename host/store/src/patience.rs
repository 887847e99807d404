//! How long one statement may take.
//!
//! Owns: giving up the wait for it. Must not know: what becomes of whoever is
//! at it.

use std::time::Duration;

use crate::StoreError;

/// What a statement gives, where that is within the limit.
pub(crate) async fn within<T>(
    limit: Duration,
    statement: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let done = tokio::time::timeout(limit, statement).await;
    done.unwrap_or(Err(StoreError::TooSlow { limit }))
}
