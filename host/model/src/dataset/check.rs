//! Whether the rows of a document hold together.
//!
//! Owns: ids that stand twice and ids that nothing stands behind.
//! Must not know: the form of a row beyond its ids.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::{Dataset, DatasetError};

pub(super) fn check(dataset: &Dataset) -> Result<(), DatasetError> {
    let accounts = ids("accounts", dataset.accounts.iter().map(|row| row.id))?;
    let experts = ids("experts", dataset.experts.iter().map(|row| row.id))?;
    let transactions = ids(
        "transactions",
        dataset.transactions.iter().map(|row| row.id),
    )?;
    let orders = ids("orders", dataset.orders.iter().map(|row| row.id))?;

    for (at, row) in dataset.experts.iter().enumerate() {
        known(&accounts, &row.account_id, "account", || {
            format!("experts[{at}].account_id")
        })?;
    }
    for (at, row) in dataset.transactions.iter().enumerate() {
        if let Some(expert) = row.expert_id {
            known(&experts, &expert, "expert", || {
                format!("transactions[{at}].expert_id")
            })?;
        }
    }
    for (at, row) in dataset.orders.iter().enumerate() {
        let path = |field: &str| format!("orders[{at}].{field}");
        known(&transactions, &row.transaction_id, "transaction", || {
            path("transaction_id")
        })?;
        known(&accounts, &row.account_id, "account", || path("account_id"))?;
        if let Some(order) = row.depends_on {
            known(&orders, &order, "order", || path("depends_on"))?;
        }
    }
    bars(dataset)
}

fn ids<I: Eq + Hash + Copy + Display>(
    rows: &str,
    ids: impl Iterator<Item = I>,
) -> Result<HashSet<I>, DatasetError> {
    let mut first = HashMap::new();
    for (at, id) in ids.enumerate() {
        if let Some(before) = first.insert(id, at) {
            return Err(DatasetError::Inconsistent {
                path: format!("{rows}[{at}].id"),
                fault: format!("{id} stands already in {rows}[{before}]"),
            });
        }
    }
    Ok(first.into_keys().collect())
}

fn known<I: Eq + Hash + Display>(
    ids: &HashSet<I>,
    id: &I,
    kind: &str,
    path: impl FnOnce() -> String,
) -> Result<(), DatasetError> {
    if ids.contains(id) {
        return Ok(());
    }
    Err(DatasetError::Inconsistent {
        path: path(),
        fault: format!("no {kind} {id} stands in the document"),
    })
}

fn bars(dataset: &Dataset) -> Result<(), DatasetError> {
    let mut seen = HashSet::new();
    for (at, bar) in dataset.bars.iter().enumerate() {
        let inconsistent = |fault: String| DatasetError::Inconsistent {
            path: format!("bars[{at}]"),
            fault,
        };
        if !seen.insert((&bar.symbol, bar.date)) {
            let day = bar.date.to_day();
            return Err(inconsistent(format!(
                "{} has a bar for {day} already",
                bar.symbol
            )));
        }
        let (low, high) = (bar.low.0, bar.high.0);
        let within = |price| low <= price && price <= high;
        if !within(bar.open.0) || !within(bar.close.0) {
            return Err(inconsistent(
                "open and close are not within low and high".to_owned(),
            ));
        }
        if bar.volume.0 < crate::Decimal::ZERO {
            return Err(inconsistent("the volume is below 0".to_owned()));
        }
    }
    Ok(())
}
