//! The accounts of a call.
//!
//! Owns: that an expert only works for an account that its plugin was granted,
//! and that from there on the call sees no other. What is hidden, the session
//! itself hides, whatever is asked of it.
//! Must not know: what belongs to an account.

use lombard_model::Expert;
use lombard_store::Session;

use crate::{PluginRef, RuntimeError};

/// Has this session see what the plugin may see, for a call on behalf of this
/// expert instance.
///
/// # Errors
/// [`RuntimeError::OtherAccount`] where the instance works for an account that
/// the plugin does not see.
pub(crate) fn enter(
    plugin: &PluginRef,
    expert: &Expert,
    session: &mut Session,
) -> Result<(), RuntimeError> {
    if !plugin.accounts.allows(expert.account) {
        return Err(RuntimeError::OtherAccount {
            expert: expert.id,
            account: expert.account,
            plugin: plugin.plugin.manifest.name.to_string(),
            accounts: plugin.accounts.clone(),
        });
    }
    session.within(plugin.accounts.clone());
    Ok(())
}
