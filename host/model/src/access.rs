//! Who may talk to a host.
//!
//! Owns: what there is to be allowed. Must not know: how anybody proves it.

use crate::named::named_enum;

named_enum! {
    /// What somebody may do.
    "role": Role {
        /// Look at everything but secrets, and change nothing.
        Viewer = "viewer",
        /// Change what can be changed.
        Operator = "operator",
    }
}

impl Role {
    /// Whether whoever has this role may do what `needed` may.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        match needed {
            Self::Viewer => true,
            Self::Operator => self == Self::Operator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_operator_may_do_what_an_operator_may() {
        assert!(Role::Operator.allows(Role::Operator));
        assert!(Role::Operator.allows(Role::Viewer));
        assert!(Role::Viewer.allows(Role::Viewer));
        assert!(!Role::Viewer.allows(Role::Operator));
    }
}
