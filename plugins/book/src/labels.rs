//! What accounts and experts are called.
//!
//! Owns: keeping accounts apart that share a name. Must not know: what is
//! shown beside the name.

use std::fmt::Display;

use lombard_model::{Account, AccountId, Expert, ExpertId};

use crate::order::{sorted_by, sorted_by_key};

/// The label of each account, by id: its name, and its id too where another
/// account has the same name.
#[must_use]
pub fn account_labels(accounts: &[Account]) -> Vec<(AccountId, String)> {
    let names = accounts.iter().map(|account| account.name.as_str());
    let names = sorted_by(names.collect(), Ord::cmp);
    let is_shared = |name: &str| {
        let first = names.partition_point(|other| *other < name);
        names.get(first + 1).is_some_and(|next| *next == name)
    };
    let label = |account: &Account| match is_shared(&account.name) {
        true => format!("{} ({})", account.name, account.id),
        false => account.name.clone(),
    };
    let labels = accounts.iter().map(|account| (account.id, label(account)));
    sorted_by_key(labels.collect(), |(id, _)| *id)
}

/// The label of each expert, by id; the id in it keeps them apart.
pub(crate) fn expert_labels(experts: &[Expert]) -> Vec<(ExpertId, String)> {
    let labels = experts.iter().map(|expert| (expert.id, expert.label()));
    sorted_by_key(labels.collect(), |(id, _)| *id)
}

/// The label of one thing; one that is unknown goes by kind and id.
pub(crate) fn label_of<I: Copy + Ord + Display>(
    labels: &[(I, String)],
    id: I,
    kind: &str,
) -> String {
    match labels.binary_search_by_key(&id, |(id, _)| *id) {
        Ok(at) => labels[at].1.clone(),
        Err(_) => format!("{kind} {id}"),
    }
}
