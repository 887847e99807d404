//! Giving tokens out.
//!
//! Owns: making one and keeping what it is known by. Must not know: who gets
//! to see it.

use lombard_model::Role;
use lombard_runtime::Host;
use lombard_store::NewAccessToken;

use super::Token;
use crate::ServerError;

/// What the token that is made at the first start is called.
const FIRST: &str = "operator";

/// Makes a token of this name, which is shown now and never again; none where
/// there is one of that name.
///
/// # Errors
/// Where there is no randomness, or the database fails.
pub async fn give_token(host: &Host, name: &str, role: Role) -> Result<Option<Token>, ServerError> {
    let token = Token::generate().map_err(ServerError::Random)?;
    let given = NewAccessToken {
        name: name.to_owned(),
        role,
        hash: token.hash(),
        created_at: host.clock().now(),
    };
    let given = host.store().add_access_token(given).await?;
    Ok(given.value.map(|_| token))
}

/// Makes the first token, an operator's, where there is none yet.
///
/// # Errors
/// As [`give_token`].
pub async fn give_first_token(host: &Host) -> Result<Option<Token>, ServerError> {
    let mut session = host.session("who may ask");
    let tokens = session.access_tokens().await?;
    session.end();
    match tokens.is_empty() {
        true => give_token(host, FIRST, Role::Operator).await,
        false => Ok(None),
    }
}
