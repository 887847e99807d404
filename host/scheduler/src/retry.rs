//! What may pass.
//!
//! Owns: which failures are tried again: those of the moment, for want of a
//! connection, of a broker, of the database. What a plugin does wrong it does
//! wrong again. Must not know: how often, and when.

use lombard_accounts::AccountsError;
use lombard_model::CallOutcome;
use lombard_runtime::RuntimeError;

/// Whether the same may do a little later.
pub(crate) fn may_pass(error: &RuntimeError) -> bool {
    match error {
        RuntimeError::Store(error) | RuntimeError::Accounts(AccountsError::Store(error)) => {
            error.may_pass()
        }
        RuntimeError::Accounts(AccountsError::Unreachable { .. }) => true,
        RuntimeError::Call { error, .. } => error.outcome() == CallOutcome::Unavailable,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lombard_model::{Limit, Limits};
    use lombard_runtime::CallError;
    use lombard_store::StoreError;

    use super::*;

    #[test]
    fn what_a_plugin_does_wrong_is_not_tried_again() {
        let call = |error| RuntimeError::Call {
            plugin: "one".to_owned(),
            version: "1".to_owned(),
            error,
        };
        let reached = |limit| Limits::default().exceeded(limit, None).into();
        let waited = Duration::from_secs(1);
        let unavailable = || StoreError::Unavailable { waited };
        for passes in [
            call(CallError::Unavailable("no instance is free".to_owned())),
            call(reached(Limit::QueuedCalls)),
            call(reached(Limit::HostMemoryBytes)),
            RuntimeError::Store(unavailable()),
            RuntimeError::Accounts(unavailable().into()),
        ] {
            assert!(may_pass(&passes), "{passes}");
        }
        for stays in [
            call(CallError::Plugin("no".to_owned())),
            call(reached(Limit::DeadlineMs)),
            call(reached(Limit::ResultBytes)),
            RuntimeError::NoSymbols,
            RuntimeError::Store(StoreError::Closed),
        ] {
            assert!(!may_pass(&stays), "{stays}");
        }
    }
}
