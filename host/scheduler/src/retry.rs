//! What may pass.
//!
//! Owns: which failures are tried again: those of the moment, for want of a
//! connection, of a broker, of the database. What a plugin does wrong it does
//! wrong again. Must not know: how often, and when.

use lombard_accounts::AccountsError;
use lombard_runtime::{CallError, RuntimeError};

/// Whether the same may do a little later.
pub(crate) fn may_pass(error: &RuntimeError) -> bool {
    match error {
        RuntimeError::Store(error) | RuntimeError::Accounts(AccountsError::Store(error)) => {
            error.may_pass()
        }
        RuntimeError::Accounts(AccountsError::Unreachable { .. }) => true,
        RuntimeError::Call { error, .. } => matches!(
            error,
            CallError::Unavailable(_) | CallError::Quarantined { .. }
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lombard_store::StoreError;

    use super::*;

    #[test]
    fn what_a_plugin_does_wrong_is_not_tried_again() {
        let call = |error| RuntimeError::Call {
            plugin: "one".to_owned(),
            version: "1".to_owned(),
            error,
        };
        let waited = Duration::from_secs(1);
        let unavailable = || StoreError::Unavailable { waited };
        for passes in [
            call(CallError::Unavailable("no instance is free".to_owned())),
            RuntimeError::Store(unavailable()),
            RuntimeError::Accounts(unavailable().into()),
        ] {
            assert!(may_pass(&passes), "{passes}");
        }
        for stays in [
            call(CallError::Plugin("no".to_owned())),
            call(CallError::Deadline { limit_ms: 1 }),
            RuntimeError::NoSymbols,
            RuntimeError::Store(StoreError::Closed),
        ] {
            assert!(!may_pass(&stays), "{stays}");
        }
    }
}
